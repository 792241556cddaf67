"""insights, from the arguments to the files and the exit code."""

import json
import re
import sys
from pathlib import Path

import pytest
from chromium import load_page, needs_chromium
from scored_rows import scored_rows, write_rows
from test_report_commands import Page

from spacy_lstm_sentiment.cli import main

ASKED = ["--by", "product", "--by", "country", "--time", "date"]
HOSTILE = "</script><script>throw new Error('oops')</script><b>&amp;"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command; (exit code, stdout, stderr)."""

    def run_command(*args):
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, *capsys.readouterr()

    return run_command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = scored_rows()
    for row in rows[:60]:
        row["country"] = f"{HOSTILE} $x$ Italy"
    for row in rows[::2]:
        row["text"] = row["text"].replace("battery", f"battery {HOSTILE}")
    write_rows("rows.jsonl", rows)
    return tmp_path


@pytest.fixture
def made(run, folder):
    """(stdout, the page, the JSON)"""
    files = ["--html", "p.html", "--json", "p.json"]
    code, out, err = run("insights", "rows.jsonl", *ASKED, *files, "--explain", "0")
    assert (code, err) == (0, "")
    return out, Path("p.html").read_text(), json.loads(Path("p.json").read_text())


def test_what_is_hidden_is_found(made):
    out, page, data = made
    first = data["changes"][0]
    assert (first["column"], first["group"]) == ("product", "Lamp")
    assert first["start"] in ("2026-05-25", "2026-06-01", "2026-06-08")
    assert first["after_negative"] > 0.5 > first["before_negative"]
    assert {"Lamp", "Italy"} <= {row["group"] for row in data["differences"]}
    for text in (out, Page(page).text, data["summary"]):
        assert re.search(r"Lamp \(product\) became more\s+negative from the week of", text)
    assert data["every"] == "week"
    assert data["phrases"][0]["phrase"] == "battery"
    assert len(data["phrases"][0]["excerpts"]) == 3
    assert "What is negative there is about: battery" in data["summary"]


def test_nothing_leaks_from_other_columns(made):
    for text in (made[0], made[1], json.dumps(made[2])):
        assert "secret-" not in text


def test_no_texts_leave_the_house(run, folder):
    files = ["--html", "p.html", "--json", "p.json", "--no-texts", "--explain", "0"]
    code, out, _ = run("insights", "rows.jsonl", *ASKED, *files)
    assert code == 0
    data = json.loads(Path("p.json").read_text())
    assert data["phrases"][0]["phrase"] == "battery"
    shown = out + Page(Path("p.html").read_text()).text + json.dumps(data)
    said = " ".join(shown.split())
    assert not re.search(r"Number \d", said), "all texts begin so"
    rows = map(json.loads, Path("rows.jsonl").read_text().splitlines())
    assert not [row["text"] for row in rows if row["text"].partition(": ")[2][:25] in said]


def test_a_page_is_whole_escaped_and_needs_no_network(made):
    _, text, _ = made
    page = Page(text)
    assert page.open == []
    assert not page.all("b")
    assert HOSTILE in page.text
    assert len(page.all("blockquote")) >= 3
    assert f"battery {HOSTILE}" in page.text
    for tag, attrs in page.tags:
        for name in ("src", "href", "xlink:href"):
            assert not re.match(r"(\w+:)?//", attrs.get(name) or ""), (tag, attrs)
    assert all(len(picture["aria-label"]) > 30 for picture in page.all("svg"))
    assert len(page.all("svg")) >= 4
    assert len(page.all("script")) == 1


@needs_chromium
def test_a_table_is_sorted_by_click_and_by_keys(made, tmp_path):
    script = """<script>
      const table = [...document.querySelectorAll("table")].find(t =>
        t.tHead.rows[0].cells[0].textContent == "product");
      const names = () => [...table.tBodies[0].rows].map(row => row.cells[0].textContent).join();
      const button = [...table.tHead.rows[0].cells].map(cell => cell.firstChild);
      const said = [];
      for (const place of [2, 2, 0, 0]) {
        button[place].focus();
        button[place].click();
        const pressed = document.activeElement.parentNode;
        said.push(names() + " " + pressed.getAttribute("aria-sort"));
      }
      document.title = said.join("; ") + "; " +
        table.querySelectorAll("[aria-sort]").length + button.every(b => b.tagName == "BUTTON");
    </script></body>"""
    page = tmp_path / "clicked.html"
    page.write_text(made[1].replace("</body>", script))
    dom, messages = load_page(page, tmp_path / "profile", "--dump-dom")
    assert messages == []
    shares = {
        row["group"]: row["negative"] for row in made[2]["groups"] if row["column"] == "product"
    }
    falling = ",".join(sorted(shares, key=lambda name: -shares[name]))
    rising = ",".join(reversed(falling.split(",")))
    assert re.search(r"<title>(.*)</title>", dom)[1] == (
        f"{falling} descending; {rising} ascending; Kettle,Lamp,Radio ascending; "
        "Radio,Lamp,Kettle descending; 1true"
    )


@needs_chromium
def test_no_page_is_wider_than_a_phone(made, tmp_path):
    (tmp_path / "frame.html").write_text(
        '<iframe src="p.html" width="375" height="800" onload="document.title ='
        ' this.contentDocument.documentElement.scrollWidth"></iframe>'
    )
    flags = ("--dump-dom", "--allow-file-access-from-files")
    dom, _ = load_page(tmp_path / "frame.html", tmp_path / "profile", *flags)
    assert int(re.search(r"<title>(\d+)</title>", dom)[1]) <= 375


def test_nothing_is_claimed_of_few_rows(run, folder):
    rows = scored_rows(25)
    for row in rows:
        row["label"] = "NEGATIVE" if row["product"] == "Lamp" else "POSITIVE"
    write_rows("few.jsonl", rows)
    code, out, _ = run("insights", "few.jsonl", *ASKED, "--json", "few.json", "--html", "few.html")
    assert code == 0
    data = json.loads(Path("few.json").read_text())
    assert data["changes"] == data["differences"] == []
    assert "few rows" in out


def alike(rows, label, score):
    results = {"label": label, "score": score, "sentiment": 0 if label == "NEUTRAL" else -0.8}
    return [{**row, **results} for row in rows]


SHAPES = {
    "one row": (scored_rows(1), ASKED),
    "all negative": (alike(scored_rows(300), "NEGATIVE", 0.1), ASKED),
    "all neutral": (alike(scored_rows(300), "NEUTRAL", 0.3), ASKED),
    "no columns asked for": (scored_rows(300), []),
    "few rows a day": (scored_rows(300), [*ASKED, "--every", "day"]),
    "few rows a month": (scored_rows(9), [*ASKED, "--every", "month"]),
    "all rows in a group": ([{**row, "product": "Lamp"} for row in scored_rows(300)], ASKED),
    "a group for each row": (scored_rows(300), ["--by", "secret", "--groups", "1"]),
    "no texts": ([{**row, "text": None} for row in scored_rows(300)], ASKED),
    "no column with texts": (
        [{k: v for k, v in row.items() if k != "text"} for row in scored_rows(300)],
        ASKED,
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_rows_of_any_shape_make_a_page(shape, run, folder):
    rows, asked = SHAPES[shape]
    write_rows("any.jsonl", rows)
    files = ["--html", "any.html", "--json", "any.json", "--explain", "0"]
    code, out, err = run("insights", "any.jsonl", *asked, *files)
    assert (code, err) == (0, "")
    page = Page(Path("any.html").read_text())
    assert page.open == []
    assert f"{len(rows)} rows are negative" in page.text
    assert json.loads(Path("any.json").read_text())["all"]["rows"] == len(rows)
    if shape == "no column with texts":
        assert "There is no column with texts" in out


def test_unreadable_dates_are_said(run, folder):
    rows = [*scored_rows(90), *({**row, "date": "soon"} for row in scored_rows(10))]
    write_rows("bad.jsonl", rows)
    code, out, _ = run("insights", "bad.jsonl", "--time", "date", "--html", "bad.html")
    assert code == 0
    assert "Words of" not in out
    said = r'10 rows \(10\.0%\) have something in "date" that could not be read as a date'
    assert re.search(said, out)
    assert re.search(said, Page(Path("bad.html").read_text()).text)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["absent.jsonl"], "absent.jsonl: no such file"),
        (["rows.jsonl", "--by", "colour"], 'no column "colour": there are text, product'),
        (["rows.jsonl", "--html", "rows.jsonl", "--force"], "an input would be overwritten"),
        (["plain.jsonl"], "run spacy-lstm-sentiment score first"),
        (["-"], "not what score writes"),
    ],
)
def test_errors_are_one_line(args, message, run, folder):
    Path("plain.jsonl").write_text('{"text": "Good."}\n')
    code, out, err = run("insights", *args)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1
