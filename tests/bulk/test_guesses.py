"""What files are that do not say so: found out and said, or refused."""

import io
import json
from pathlib import Path

import pytest

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.training.corpus import read_reviews


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def read(name: str, text: str, **dialect: str) -> tuple[list, list[str]]:
    """The fields of the rows, the reasons of those that are none, and what is said of them."""
    Path(name).write_bytes(text.encode())
    said: list[str] = []
    rows = list(read_records(name, Dialect(**dialect), note=said.append))
    return [r.reason if isinstance(r, BadRecord) else list(r.fields.values()) for r in rows], said


@pytest.mark.parametrize(
    ("name", "text", "rows", "delimiter"),
    [
        ("a.csv", 'id;text\r\n1;"so; so"\r\n2;good, really\r\n', ["so; so", "good, really"], "';'"),
        ("b.csv", 'id\ttext\n1\t"a ""b"""\n2\tgood\n', ['a "b"', "good"], r"'\t'"),
        ("c.csv", "id|text\n1|good\n2|a;b\n", ["good", "a;b"], "'|'"),
        ("d.tsv", 'id,text\n1,"so, so"\n', ["so, so"], "','"),
        ("e.csv", "\nid;text\n1;a\n2;b;c\n3;d\n", ["a", None, "d"], "';'"),
        ("f.csv", "id;text\n", [], "';'"),
    ],
)
def test_a_delimiter_is_found_and_said(name, text, rows, delimiter):
    found, said = read(name, text)
    assert [row[1] if isinstance(row, list) else None for row in found] == rows
    assert said == [
        f"{name}: the delimiter is {delimiter}, it seems; otherwise name it with --delimiter"
    ]


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [
        ("a.csv", "id,a;b\n1,x\n2,y;z\n", [["1", "x"], ["2", "y;z"]]),
        ("b.csv", 'id,"a;b"\n1,x;y\n', [["1", "x;y"]]),
        ("c.csv", "text (a; b)\ngood, and so\nbad\n", [None, ["bad"]]),
        ("d.tsv", "text, or so\ngood\nwell, yes, no\n", [["good"], ["well, yes, no"]]),
        ("e.csv", "sep=;\r\nid;text\r\n1;a,b\r\n", [["1", "a,b"]]),
        ("f.csv", '\n"sep=\t"\nid\ttext\n1\ta\n', [["1", "a"]]),
    ],
)
def test_what_is_plain_is_not_guessed_at(name, text, rows):
    found, said = read(name, text)
    assert [row if isinstance(row, list) else None for row in found] == rows
    assert not said


def test_a_delimiter_that_may_be_one_or_another_is_refused():
    text = "id;price,eur\n1;2,50\n2;3,75\n"
    with pytest.raises(InputError, match=r"^a\.csv:1: the delimiter may be ',' or ';': name it"):
        read("a.csv", text)
    assert read("a.csv", text, delimiter=";") == ([["1", "2,50"], ["2", "3,75"]], [])


def test_empty_columns_to_the_right_are_left_out():
    rows, _ = read("a.csv", "id,text,,,\n1,good,,,\n2,bad\n3,so,,\n,,,,\n4,dull,,x,\n5,a,,,,\n")
    assert rows[:4] == [["1", "good"], ["2", "bad"], ["3", "so"], ["", ""]]
    assert rows[4].startswith("a value in a column without a name: ")
    assert rows[5].startswith("wrong number of fields: 6")
    with pytest.raises(InputError, match='two columns are named ""'):
        read("a.csv", "id,,text,,b\n1,,good,,\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"text": "good"}, {"text": "bad"}]', "a JSON array"),
        ('[\n  {"text": "good"}\n]\n', "a JSON array"),
        ('\n [ "good", "bad" ]', "a JSON array"),
        ('{\n  "text": "good"\n}\n', "JSON over several lines"),
        ('{"id": 1,\n "text": "good"}\n', "JSON over several lines"),
        ('{"texts": [\n "good"]}\n', "JSON over several lines"),
    ],
)
@pytest.mark.parametrize("name", ["a.jsonl", "-"])
def test_json_that_is_not_an_object_a_line_is_refused(monkeypatch, nlp, name, text, message):
    Path("a.jsonl").write_text(text)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with pytest.raises(InputError, match=f"^{name}: {message}: write "):
        bulk.score([name], "out.jsonl", nlp)
    assert not Path("out.jsonl").exists()


def test_brackets_do_not_make_an_array(monkeypatch):
    text = "[Applause] Good evening\n[1]\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert [row.fields["text"] for row in read_records("-")] == text.splitlines()


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a-1", "body": {"text": "It was good"}},
        {"id": "a 1", "parts": ["It was good"]},
        {"id": "a-1", "stars": 5},
    ],
)
def test_an_id_is_not_taken_for_the_text(nlp, row):
    Path("a.jsonl").write_text(json.dumps(row) + "\n")
    summary = bulk.score(["a.jsonl"], "out.jsonl", nlp)
    assert (summary.n_scored, summary.rejects) == (0, {'no field "text"': 1})


def test_guesses_are_said_once_and_counted_even_when_quiet(nlp, capfd):
    Path("a.csv").write_text("body\ngood\n")
    Path("b.csv").write_text("n;body\n1;so good\n")
    summary = bulk.score(["a.csv"], "out.jsonl", nlp, quiet=True)
    said = ['The text is in the column "body", it seems; otherwise name --text-field']
    assert summary.guesses == said
    assert capfd.readouterr().err.splitlines() == said
    summary = bulk.score(["b.csv"], "b.jsonl", nlp, quiet=True, text_field="body")
    said = ["b.csv: the delimiter is ';', it seems; otherwise name it with --delimiter"]
    assert summary.report("b.jsonl", "")["guesses"] == said
    assert capfd.readouterr().err.splitlines() == said


def test_readers_of_labels_say_it_too(capfd):
    Path("a.csv").write_text("text;label\nso, good;pos\nbad;neg\n")
    assert [review.text for review in read_reviews("a.csv")] == ["so, good", "bad"]
    assert "delimiter is ';', it seems" in capfd.readouterr().err
