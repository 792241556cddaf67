"""`spacy-lstm-sentiment calibrate`, from the arguments to the folder and the exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from small_pipeline import REVIEWS
from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

from spacy_lstm_sentiment.cli import main

MISLABELLED = [*REVIEWS[:5], (REVIEWS[5][0], "POSITIVE")]


@pytest.fixture
def run(trained_nlp, monkeypatch, capsys, tmp_path):
    """Runs the command in a folder with a pipeline `model`; (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    trained_nlp.to_disk("model")

    def run_command(*args):
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", "calibrate", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, *capsys.readouterr()

    return run_command


def write_table(name="dev.jsonl", reviews=MISLABELLED, text="text", label="label"):
    rows = [{text: review, label: gold} for review, gold in reviews]
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def write_docbin(name="dev.spacy", reviews=MISLABELLED):
    """Tokens that spaCy's tokenizer would not make: calibration has to make its own."""
    vocab = Vocab()
    docbin = DocBin()
    for text, gold in reviews:
        doc = Doc(vocab, words=text.split())
        doc.cats = {label: float(label == gold) for label in ("POSITIVE", "NEGATIVE")}
        docbin.add(doc)
    docbin.to_disk(name)
    return name


def temperature(folder):
    model = spacy.load(folder).get_pipe("lstm_sentiment").model
    return model.get_ref("output_layer").attrs["softmax_temperature"]


def confidence(folder):
    docs = spacy.load(folder).pipe(text for text, _ in REVIEWS)
    return sum(max(doc.cats.values()) for doc in docs) / len(REVIEWS)


def test_calibrate_in_place(run):
    before = confidence("model")
    code, out, err = run("model", write_docbin())
    assert (code, err) == (0, "")
    assert out.startswith(f"temperature {temperature('model'):.4g}, from 6 documents: model\n")
    assert confidence("model") < before
    assert json.loads(Path("model/meta.json").read_text())["performance"]["calibration"][
        "temperature"
    ] == pytest.approx(temperature("model"))
    assert sorted(path.name for path in Path().iterdir()) == ["dev.spacy", "model"]


def test_calibrate_into_another_folder(run):
    code, out, _ = run("model", write_docbin(), "--output", "out/calibrated")
    assert code == 0
    assert out.splitlines()[0].endswith(": out/calibrated")
    assert temperature("model") == 1.0
    assert temperature("out/calibrated") > 1.0


def test_the_report_has_before_and_after(run):
    first, second = (run("model", write_docbin())[1].splitlines() for _ in range(2))
    assert first[1].split() == ["before", "after"]
    for row, again in zip(first[2:], second[2:], strict=True):
        assert again.split()[-2:] == [row.split()[-1]] * 2
    assert float(first[2].split()[-2]) > float(first[2].split()[-1])


def test_a_table_gives_what_a_docbin_does(run):
    assert run("model", write_docbin(), "--output", "a")[0] == 0
    table = write_table(text="body", label="mark")
    fields = ("--text-field", "body", "--label-field", "mark")
    assert run("model", table, "--output", "b", *fields, "--batch-size", "2")[0] == 0
    assert temperature("a") == pytest.approx(temperature("b"), rel=1e-4)


def test_files_that_are_not_spacys_stay(run):
    Path("model/README.md").write_text("About the model.")
    assert run("model", write_docbin(), "--output", "out")[0] == 0
    assert run("model", write_docbin())[0] == 0
    assert Path("model/README.md").read_text() == "About the model."
    assert Path("out/README.md").read_text() == "About the model."


def test_an_existing_output_needs_force(run):
    assert run("model", write_docbin(), "--output", "out")[0] == 0
    code, _, err = run("model", write_docbin(), "--output", "out")
    assert code == 1
    assert "out: exists; overwrite it with --force" in err
    assert run("model", write_docbin(), "--output", "out", "--force")[0] == 0


def test_an_interrupted_run_leaves_the_model(run, monkeypatch):
    before = Path("model/lstm_sentiment/model").read_bytes()
    dev = write_docbin()
    monkeypatch.setattr("srsly.write_json", lambda *args: sys.exit("interrupted"))
    assert run("model", dev)[0] == "interrupted"
    assert Path("model/lstm_sentiment/model").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["dev.spacy", "model"]


def make_bad_inputs():
    Path("empty.jsonl").touch()
    Path("dev.txt").write_text("A film.\n")
    Path("broken.spacy").write_bytes(b"no DocBin")
    write_table("unknown.jsonl", [("A film.", "?")])
    write_docbin("unlabelled.spacy", [("A film.", None)])
    write_docbin("one.spacy", REVIEWS[:1])
    write_docbin("right.spacy", REVIEWS)
    write_docbin("long.spacy", [("a" * 1_199_999, "POSITIVE")])
    write_docbin()
    spacy.blank("en").to_disk("blank")
    Path("other").mkdir()
    Path("other/notes.txt").touch()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["model", "empty.jsonl"], "empty.jsonl: no reviews in it"),
        (["model", "dev.txt"], 'dev.txt:1: no field "label"'),
        (["model", "broken.spacy"], "broken.spacy: not a .spacy file"),
        (["model", "unknown.jsonl"], "unknown.jsonl:1: unknown label '?'"),
        (["model", "unlabelled.spacy"], "these have none"),
        (["model", "one.spacy"], "these have only POSITIVE"),
        (["model", "right.spacy"], "labels all of these 6 documents right"),
        (["model", "long.spacy"], "long.spacy: document 1 has 1,200,000 characters"),
        (["blank", "dev.spacy"], "no lstm_sentiment component"),
        (["other", "dev.spacy"], "other cannot be loaded"),
        (["model", "dev.spacy", "--output", "other"], "other content than a pipeline"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(run, args, message):
    make_bad_inputs()
    code, out, err = run(*args)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1
    assert temperature("model") == 1.0


@pytest.mark.parametrize(
    "args",
    [
        ["gone", "dev.spacy"],
        ["model", "gone.spacy"],
        ["model", "dev.spacy", "--batch-size", "0"],
        ["model", "dev.spacy", "--output", "model/calibrated"],
    ],
)
def test_wrong_usage_exits_with_2(run, args):
    write_docbin()
    assert run(*args)[0] == 2
    assert temperature("model") == 1.0


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from spacy_lstm_sentiment.cli import calibrate; "
        "print(sorted({'spacy', 'torch', 'numpy'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr
