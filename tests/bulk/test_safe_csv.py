"""Cells that a spreadsheet would take for a formula, in the output and where they come from."""

import csv
import json
from pathlib import Path

import pytest

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.errors import InputError

FORMULAS = [
    "=1+1",
    "+good",
    "-good",
    "@SUM(A1)",
    "\tgood",
    "\r=good",
    "\n=good",
    "\uff1d1",
    "=cmd|' /C calc'!A0",
    "-0.5+cmd|' /C calc'!A0",
    "+49 30 1234",
    "--1",
    "-1,5",
    "-²",  # digits to Python, none to a spreadsheet
]
PLAIN = ["good", "", "-0.5", "+3", "-1e-05", "-.5", "1=1", "good =1", "'=1", "a;=1", "a\t=1", '"=1']
VALUES = [*FORMULAS, *PLAIN]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_input(extension: str, name: str = "more", values=VALUES) -> str:
    rows = [{"text": "good", name: value} for value in values]
    path = f"in.{extension}"
    if extension == "jsonl":
        Path(path).write_text("\n".join(map(json.dumps, rows)))
    elif extension == "csv":
        with Path(path).open("w", newline="") as file:
            writer = csv.DictWriter(file, ["text", name], quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
    else:
        pyarrow = pytest.importorskip("pyarrow")
        parquet = pytest.importorskip("pyarrow.parquet")
        parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def read(path: str) -> list[list[str]]:
    with Path(path).open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("extension", ["jsonl", "csv", "parquet"])
def test_no_cell_of_the_output_is_a_formula(nlp, extension):
    bulk.score([write_input(extension)], "out.csv", nlp, safe_csv=True)
    _, *rows = read("out.csv")
    assert [row[1] for row in rows] == [*(f"'{each}" for each in FORMULAS), *PLAIN]
    # Nor is one behind a semicolon or a tab, by which a spreadsheet may split: all is in quotes.
    text = Path("out.csv").read_bytes().decode()
    assert all(line.startswith('"good","') for line in text.split("\n") if line[:5] == '"good')
    assert '"a;=1"' in text


def test_without_being_asked_cells_stay_as_they_are(nlp):
    bulk.score([write_input("jsonl")], "out.csv", nlp)
    assert [row[1] for row in read("out.csv")[1:]] == VALUES


def test_a_table_without_quotes_is_safe_too(nlp):
    values = [value for value in VALUES if not set(value) & set("\t\r\n")]
    bulk.score([write_input("jsonl", values=values)], "out.tsv", nlp, safe_csv=True)
    rows = [line.split("\t") for line in Path("out.tsv").read_text().splitlines()[1:]]
    safe = {value: f"'{value}" for value in FORMULAS}
    assert [row[1] for row in rows] == [safe.get(value, value) for value in values]


def test_numbers_of_results_stay_numbers_and_texts_of_results_are_safe(trained_nlp):
    Path("in.jsonl").write_text('{"text": "=bad"}')
    bulk.score(["in.jsonl"], "out.csv", trained_nlp, per_sentence=True, safe_csv=True)
    header, row = (dict(enumerate(line)) for line in read("out.csv"))
    by_name = {header[n]: row[n] for n in header}
    assert by_name["text"] == by_name["sentence_text"] == "'=bad"
    assert float(by_name["sentiment"]) < 0


@pytest.mark.parametrize("name", FORMULAS[:4])
def test_names_of_columns_are_cells(nlp, name):
    bulk.score([write_input("csv", name)], "out.csv", nlp, prefix="@", safe_csv=True)
    assert read("out.csv")[0] == ["text", f"'{name}", "'@label", "'@score", "'@sentiment"]


@pytest.mark.parametrize("output", ["out.jsonl", "out.parquet", "out.jsonl.gz", "-"])
def test_what_no_spreadsheet_splits_is_refused(nlp, output):
    with pytest.raises(InputError, match=f"^{output}: not CSV or TSV, which --safe-csv is for"):
        bulk.score([write_input("jsonl")], output, nlp, safe_csv=True)
    assert [path.name for path in Path().iterdir()] == ["in.jsonl"]


def test_a_run_is_not_resumed_in_the_other_way(nlp):
    Path("in.jsonl").write_text('{"text": "=1"}\n' * 5 + "broken\n")
    with pytest.raises(InputError, match="rejected"):
        bulk.score(["in.jsonl"], "out.csv", nlp, shard_size=1, max_errors=0)
    with pytest.raises(InputError, match="safe-csv false, not true"):
        bulk.score(["in.jsonl"], "out.csv", nlp, shard_size=1, safe_csv=True)
