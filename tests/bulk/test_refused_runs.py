"""Runs that cannot work are refused before anything is written."""

import gzip
import io
import json
from pathlib import Path

import pytest
import spacy

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.errors import InputError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> str:
    data = text.encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


def read_lines(name: str) -> list[dict]:
    return [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]


def names() -> set[str]:
    return {path.name for path in Path().iterdir()}


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        (["good.csv", "gone.csv"], "out.csv", "gone.csv: no such file"),
        (["good.csv", "folder.csv"], "out.csv", "folder.csv: a folder without files to read: "),
        (["good.csv", "a.doc"], "out.csv", "a.doc: no known extension"),
        (["good.csv"], "out.doc", "out.doc: no known extension"),
        (["good.csv"], "old.csv", "old.csv: already there: name another output, or .* --force"),
        (["good.csv"], "older.csv", "older.csv.rejects.jsonl: already there"),
        (["good.csv"], "good.csv", "good.csv: an input would be overwritten"),
        (["good.csv"], "link.csv", "link.csv: an input would be overwritten"),
        (["older.csv.rejects.jsonl"], "older.csv", "an input would be overwritten"),
        (["good.csv"], "folder.csv", "folder.csv: a folder: name a file"),
        (["good.csv", "body.csv"], "out.csv", 'body.csv:2: no column "text": .* text, of body, n$'),
        (
            ["good.csv", "label.csv"],
            "out.csv",
            'label.csv:3: column "label" is where a result goes',
        ),
        (["good.csv", "score.jsonl"], "out.csv", 'score.jsonl:1: column "score" is where a result'),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_written(nlp, inputs, output, message):
    write("good.csv", "text\ngood\n")
    write("old.csv", "precious")
    write("older.csv.rejects.jsonl", "precious")
    write("body.csv", "body,n\ngood,1\n")
    write("label.csv", "text,label\ngood\ngood,1\n")
    write("score.jsonl", '{"text": "good", "score": 1}\n')
    Path("link.csv").symlink_to("good.csv")
    Path("folder.csv").mkdir()
    Path("a.doc").touch()
    before = names()
    with pytest.raises(InputError, match=message):
        bulk.score(inputs, output, nlp)
    assert names() == before
    assert {Path(n).read_text() for n in ("old.csv", "older.csv.rejects.jsonl")} == {"precious"}


def test_a_pipeline_without_the_labels_writes_nothing():
    write("a.txt", "good\n")
    with pytest.raises(InputError, match="has to give POSITIVE and NEGATIVE"):
        bulk.score(["a.txt"], "out.csv", spacy.blank("en"))
    assert names() == {"a.txt"}


def test_standard_input_that_cannot_work_leaves_nothing(nlp, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "a", "label": 1}\n')))
    with pytest.raises(InputError, match=r'^-:1: column "label" is where a result goes'):
        bulk.score(["-"], "out.csv.gz", nlp)
    assert names() == set()
