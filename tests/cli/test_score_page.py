"""score --html: the page of a run, out of counters that parts have."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import warm_start
from pages import ROOT
from test_report_commands import Page

SHOP = ROOT / "corpus" / "shop.csv"


def score(folder, *args):
    command = [*warm_start.python(), "-m", "spacy_lstm_sentiment", "score", SHOP, "--limit", "300"]
    command += ["--shard-size", "100", "--n-process", "1", *args]
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True)


ASKED = ("--html", "page.html", "--by", "product", "--by", "country")


def rows_of(page):
    """The first two cells of the rows of its tables: names and numbers of rows."""
    text = Path(page).read_text(encoding="utf-8")
    return re.findall(r'<th scope="row"[^>]*>([^<]*)</th><td[^>]*>([^<]*)</td>', text)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """A run's output as dicts, and the tables of its page."""
    folder = tmp_path_factory.mktemp("expected")
    result = score(folder, "--output", "o.jsonl", *ASKED)
    assert result.returncode == 0, result.stderr
    rows = list(map(json.loads, (folder / "o.jsonl").read_text().splitlines()))
    return rows, rows_of(folder / "page.html"), (folder / "page.html").read_text()


def test_the_page_counts_the_rows(expected):
    rows, counts, text = expected
    assert ("all", "300") in counts
    for column in ("product", "country"):
        for value in {row[column] for row in rows}:
            assert (value, str(sum(row[column] == value for row in rows))) in counts
    negative = sum(row["label"] == "NEGATIVE" for row in rows) / len(rows)
    assert f"{100 * negative:.1f}% of 300 rows are negative" in Page(text).text
    assert Page(text).open == []
    assert not [row["text"] for row in rows if row["text"] in text]


@pytest.mark.parametrize("kind", ["csv.gz", "tsv", "parquet", "arrow"])
def test_all_formats_count_alike(kind, tmp_path, expected):
    assert score(tmp_path, "--output", f"o.{kind}", *ASKED).returncode == 0
    assert rows_of(tmp_path / "page.html") == expected[1]


def test_a_run_that_goes_on_counts_what_was_done(tmp_path, expected):
    """The last row is rejected: that ends the run, until it may be."""
    lines = SHOP.read_text().splitlines(True)
    (tmp_path / "rows.csv").write_text("".join([*lines[:301], "2026-09-30,Kettle,Spain,\n"]))
    command = [*warm_start.python(), "-m", "spacy_lstm_sentiment", "score", "rows.csv", *ASKED]
    command += ["--shard-size", "50", "--n-process", "1", "--output", "o.jsonl"]

    def run(*args):
        return subprocess.run([*command, *args], cwd=tmp_path, capture_output=True, text=True)

    assert run("--max-errors", "0").returncode == 1
    assert not (tmp_path / "page.html").exists()
    assert list((tmp_path / "o.jsonl.spacy-lstm-sentiment").rglob("*.part"))
    result = run()
    assert result.returncode == 3, result.stderr
    assert "Resuming: 300 rows are done" in result.stderr
    assert rows_of(tmp_path / "page.html") == expected[1]


def test_where_no_row_is_scored_there_is_no_page(tmp_path):
    (tmp_path / "rows.csv").write_text("text,id\n,1\n,2\n")
    command = [*warm_start.python(), "-m", "spacy_lstm_sentiment", "score", "rows.csv"]
    command += ["--n-process", "1", "--output", "o.jsonl", "--html", "page.html"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 3
    assert "No row was scored: there is no page" in result.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["--html", "p.html", "--by", "colour"], 1, 'no column "colour" to group by: there are'),
        (["--by", "product"], 2, "--by is for the page"),
        (["--html", "there.html"], 1, "there.html: already there"),
        (["--html", "o.jsonl"], 1, "would be overwritten"),
        (["--html", "p.html", "--dry-run"], 0, "Scored"),
    ],
)
def test_what_cannot_be_is_refused_before_the_work(args, code, message, tmp_path):
    (tmp_path / "there.html").write_text("mine")
    result = score(tmp_path, "--output", "o.jsonl", *args)
    assert result.returncode == code
    assert message in " ".join(result.stderr.split())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.html"]
    assert (tmp_path / "there.html").read_text() == "mine"
