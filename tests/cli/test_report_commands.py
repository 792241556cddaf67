"""stats, plot, evaluate, explain and tune, from the arguments to the files and the exit code."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import load_page, needs_chromium
from small_pipeline import REVIEWS
from training_files import write_training_files

from spacy_lstm_sentiment.cli import main

RATE = "training.optimizer.learn_rate"
PICTURES = {
    "stats": ["train.jsonl", "dev.jsonl", "--model", "model", "--max-length", "5"],
    "plot": ["output"],
    "evaluate": ["model", "dev.jsonl", "--by", "site", "--baseline", "train.jsonl"],
    "tune": ["train.cfg", "--output", "tuning", "--trials", "4", "--param", f"{RATE}=1e-9..1e-2"],
}
COMMANDS = {**PICTURES, "explain": ["dev.jsonl", "--model", "model"]}


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command; (exit code, stdout, stderr)."""

    def run_command(*args):
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, *capsys.readouterr()

    return run_command


@pytest.fixture(scope="module")
def made_folder(tmp_path_factory, trained_nlp, training_folder):
    folder = tmp_path_factory.mktemp("reports")
    write_training_files(folder)
    trained_nlp.to_disk(folder / "model")
    (folder / "output").symlink_to(training_folder)
    wrong = ("<b>Great</b> & good film, really good.", "NEGATIVE")
    for name, reviews in (("train", REVIEWS * 2), ("dev", [*REVIEWS, wrong])):
        rows = [
            json.dumps({"text": text, "label": label, "site": f"<{n % 2}>"})
            for n, (text, label) in enumerate(reviews)
        ]
        (folder / f"{name}.jsonl").write_text("\n".join(rows))
    return folder


@pytest.fixture
def folder(made_folder, monkeypatch):
    monkeypatch.chdir(made_folder)
    return made_folder


@pytest.fixture(params=COMMANDS)
def pages(request, run, folder):
    """The command, its output, and its files, made once."""
    command = request.param
    log = folder / f"{command}.log"
    if not log.exists():
        files = ["--html", f"{command}.html", "--json", f"{command}.json"]
        files += ["--png", f"{command}.png"] if command in PICTURES else []
        code, out, _ = run(command, *COMMANDS[command], *files)
        assert code == 0
        log.write_text(out)
    return command, log.read_text()


class Page(HTMLParser):
    """What there is in a page, and whether every element is closed."""

    VOID = frozenset(("meta", "link", "br", "use", "path", "rect"))

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def test_the_terminal_shows_tables(pages):
    command, out = pages
    heading = {
        "stats": "documents",
        "plot": "training loss",
        "evaluate": "95% interval",
        "explain": "contribution",
        "tune": "parameter",
    }[command]
    assert heading in out
    assert "\x1b[" not in out, "no colours where there is no terminal"


def test_json(pages):
    command, _ = pages
    key = {
        "stats": "recommended_max_length",
        "plot": "best_step",
        "evaluate": "measures",
        "explain": "texts",
        "tune": "best",
    }[command]
    assert key in json.loads(Path(f"{command}.json").read_text())


def test_png(pages):
    command, _ = pages
    if command in PICTURES:
        assert Path(f"{command}.png").read_bytes().startswith(b"\x89PNG")


def test_a_page_is_whole_and_needs_no_network(pages):
    command, _ = pages
    text = Path(f"{command}.html").read_text()
    page = Page(text)
    assert page.open == []
    for tag, attrs in page.tags:
        for name in ("src", "href", "xlink:href", "data", "action"):
            assert not re.match(r"(\w+:)?//", attrs.get(name) or ""), (tag, attrs)
    assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text)
    assert "script" not in [tag for tag, _ in page.tags]


def test_a_page_can_be_read_without_seeing_it(pages):
    command, _ = pages
    page = Page(Path(f"{command}.html").read_text())
    (html,) = page.all("html")
    assert html["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("main")) == 1
    for picture in page.all("svg"):
        assert picture["role"] == "img"
        assert len(picture["aria-label"]) > 30
    assert bool(page.all("svg")) == (command in PICTURES)
    assert len(page.all("caption")) == len(page.all("table")) > 0
    assert all(heading["scope"] in ("col", "row") for heading in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    targets = [link["href"].removeprefix("#") for link in page.all("a")]
    assert set(targets) <= set(ids)
    # What scrolls sideways can be reached by keys.
    assert all(part["tabindex"] == "0" for part in page.all("div") if part.get("class") == "scroll")


def test_what_comes_from_data_is_escaped(pages):
    command, _ = pages
    page = Page(Path(f"{command}.html").read_text())
    assert not page.all("b")
    if command in ("evaluate", "explain"):
        assert "<b>" in page.text


@needs_chromium
def test_chromium_finds_no_error(pages, tmp_path):
    command, _ = pages
    dom, messages = load_page(Path(f"{command}.html"), tmp_path / "profile", "--dump-dom")
    assert messages == []
    assert "</main>" in dom


@needs_chromium
def test_chromium_would_find_an_error(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<script>throw new Error('oops')</script>")
    _, messages = load_page(page, tmp_path / "profile", "--dump-dom")
    assert "oops" in messages[0]


@needs_chromium
def test_no_page_is_wider_than_a_phone(pages, tmp_path):
    """Tables scroll within themselves."""
    command, _ = pages
    script = "<script>document.title = document.documentElement.scrollWidth</script></body>"
    page = tmp_path / "page.html"
    page.write_text(Path(f"{command}.html").read_text().replace("</body>", script))
    # A window of Chromium is no narrower than 500 pixels, a frame in it is.
    frame = tmp_path / "frame.html"
    frame.write_text(
        '<iframe src="page.html" width="375" height="800" onload="document.title ='
        ' this.contentDocument.documentElement.scrollWidth"></iframe>'
    )
    flags = ("--dump-dom", "--allow-file-access-from-files")
    dom, _ = load_page(frame, tmp_path / "profile", *flags)
    assert int(re.search(r"<title>(\d+)</title>", dom)[1]) <= 375


@pytest.mark.parametrize("command", COMMANDS)
def test_files_are_replaced_only_by_force(command, run, folder):
    Path("there.json").write_text("mine")
    code, out, err = run(command, *COMMANDS[command], "--json", "there.json")
    assert (code, out) == (1, "")
    assert err == "Error: there.json: already there: name another file, or --force\n"
    assert Path("there.json").read_text() == "mine"
    assert run(command, *COMMANDS[command], "--json", "there.json", "--force")[0] == 0
    json.loads(Path("there.json").read_text())


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["stats", "absent.jsonl"], "absent.jsonl: no such file"),
        (["stats", "dev.jsonl", "--model", "absent"], "absent cannot be loaded"),
        (["plot", "model"], "model/training.jsonl: no such file"),
        (["evaluate", "model", "absent.csv"], "absent.csv: no such file"),
        (["evaluate", "model", "dev.jsonl", "--by", "date"], 'no column "date"'),
        (
            ["evaluate", "model", "dev.jsonl", "--html", "model"],
            "model: an input would be overwritten",
        ),
        (["evaluate", "model", "dev.jsonl", "--html", "."], ": a folder"),
        (["explain", "A good film.", "--model", "model", "--label", "X"], "has no label 'X'"),
        (["explain", "dev.jsonl", "--text-field", "body"], 'no field "body"'),
        (["tune", "train.cfg", "--output", "t", "--param", "a"], "--param a: write KEY="),
        (["tune", "train.cfg", "--output", "t", "--param", "a.b=1,2"], "no such key"),
        (["tune", "dev.jsonl", "--output", "t"], "dev.jsonl: "),
    ],
)
def test_errors_are_one_line(args, message, run, folder):
    code, _, err = run(*args)
    assert code == 1
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "args",
    [["stats", "long.csv"], ["evaluate", "model", "long.csv"], ["explain", "long.csv"]],
    ids=lambda args: args[0],
)
def test_a_text_that_is_too_long_is_one_line(args, run, folder):
    Path("long.csv").write_text("text,label\n" + "good " * 250_000 + ",pos\n")
    code, _, err = run(*args)
    assert code == 1
    assert "a text has 1,250,000 characters, the pipeline takes 1,000,000" in err


def test_a_text_on_the_command_line_is_explained(run, folder):
    code, out, _ = run("explain", "It was wonderful. The film was dreadful.", "--model", "model")
    assert code == 0
    assert re.search(r"wonderful +\+", out)
    assert re.search(r"dreadful +-", out)
    assert "+0." in out.split("It was wonderful.")[1], "the sentences have scores"


def test_each_text_of_a_file_has_a_heading(run, folder):
    code, out, _ = run("explain", "dev.jsonl", "--model", "model", "--limit", "2")
    assert code == 0
    assert re.findall(r"^Text (\d): POSITIVE 0\.\d+$", out, re.MULTILINE) == ["1", "2"]


def test_a_reader_that_leaves_early_leaves_the_files(folder):
    command = [sys.executable, "-m", "spacy_lstm_sentiment", *("stats", *COMMANDS["stats"])]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--json", "early.json"], **pipes) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    json.loads(Path("early.json").read_text())


def test_evaluate_compares_with_another_pipeline(run, folder):
    code, _, _ = run(
        "evaluate", "model", "dev.jsonl", "--compare", "output/model-best", "--json", "c.json"
    )
    assert code == 0
    (rival,) = json.loads(Path("c.json").read_text())["rivals"]
    assert rival["name"] == "output/model-best"
    assert 0 < rival["test"]["p_value"] <= 1


def test_tune_takes_overrides_of_spacy(run, folder):
    args = ["train.cfg", "--output", "short", "--trials", "1", "--param", f"{RATE}=0.01,0.02"]
    assert run("tune", *args, "--training.max_steps", "4")[0] == 0
    assert "max_steps = 4" in Path("short/best.cfg").read_text()
    code, _, err = run("tune", *args, "--trails", "4")
    assert code == 2
    assert "No such option '--trails'" in err
