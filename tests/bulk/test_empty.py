"""No text, no score: one rule for all formats."""

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.pipeline.tokenizers import CleanedTextTokenizer

needs_arrow = pytest.mark.skipif(
    not importlib.util.find_spec("pyarrow"), reason='needs pyarrow: pip install ".[arrow]"'
)

EMPTY = ["", " ", "\u00a0\u2003", "\u200b\ufeff", "<br />"]
TEXTS = ["good", *EMPTY, "bad"]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cleaning(nlp):
    """The pipeline of known sentiment, to which a line break of HTML is none."""
    before = nlp.tokenizer
    nlp.tokenizer = CleanedTextTokenizer(before, "html")
    yield nlp
    nlp.tokenizer = before


def write(name: str, texts: list) -> None:
    if name.endswith("parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"id": range(len(texts)), "text": texts}), name)
        return
    if name.endswith("csv"):
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["id", "text"], *enumerate(texts)])
        return
    lines = {
        "a.jsonl": [json.dumps({"id": n, "text": text}) for n, text in enumerate(texts)],
        "a.tsv": ["id\ttext", *(f"{n}\t{text}" for n, text in enumerate(texts))],
        "a.txt": texts,
    }[name]
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


INPUTS = ["a.csv", "a.tsv", "a.jsonl", "a.txt", pytest.param("a.parquet", marks=needs_arrow)]


@pytest.mark.parametrize("name", INPUTS)
def test_no_text_is_no_score(cleaning, name):
    write(name, TEXTS)
    summary = bulk.score([name], "out.jsonl", cleaning)
    assert summary.labels == {"POSITIVE": 1, "NEGATIVE": 1}
    assert summary.rejects == {"no text": len(EMPTY)}
    rejects = Path("out.jsonl.rejects.jsonl").read_text("utf-8").splitlines()
    first = 2 if name in ("a.txt", "a.jsonl", "a.parquet") else 3
    assert [json.loads(line)["line"] for line in rejects] == [*range(first, first + len(EMPTY))]


@pytest.mark.parametrize("name", INPUTS)
def test_rows_without_a_text_can_be_kept(cleaning, name):
    write(name, TEXTS)
    summary = bulk.score([name], "out.jsonl", cleaning, keep_empty=True)
    assert (summary.n_scored, summary.n_rejected, summary.n_empty) == (2, 0, len(EMPTY))
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert [row["text"] for row in rows] == TEXTS
    assert [row["label"] for row in rows] == ["POSITIVE", *[None] * len(EMPTY), "NEGATIVE"]
    assert [row["score"] for row in rows[1:-1]] == [None] * len(EMPTY)
    assert "empty" in summary.describe("out", "rejects")
    assert summary.report("out", "rejects")["empty"] == len(EMPTY)


@pytest.mark.parametrize(
    "output", ["out.csv", "out.tsv", pytest.param("out.parquet", marks=needs_arrow)]
)
@pytest.mark.parametrize("texts", [[None, "good"], [None, ""]])
def test_rows_without_a_text_are_kept_in_tables(nlp, output, texts):
    Path("a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    summary = bulk.score(["a.jsonl"], output, nlp, keep_empty=True)
    assert summary.rejects == {}
    assert summary.n_scored + summary.n_empty == 2
    if output == "out.parquet":
        import pyarrow.parquet as pq

        rows = pq.read_table(output).to_pylist()
        assert [row["text"] for row in rows] == texts
        assert rows[0]["score"] is None
    else:
        delimiter = "," if output == "out.csv" else "\t"
        lines = Path(output).read_text().splitlines()
        assert lines[0].split(delimiter)[:2] == ["text", "label"]
        assert lines[1] == delimiter * 3


def test_null_of_data_frames_is_no_text(nlp):
    Path("a.jsonl").write_text('{"text": NaN}\n{"text": null}\n{"text": 5}\n')
    summary = bulk.score(["a.jsonl"], "out.jsonl", nlp)
    assert summary.rejects == {"no text": 2, 'field "text" is no text': 1}


def test_a_table_without_any_text(nlp):
    Path("a.csv").write_text("id,text\n1,\n2, \n")
    summary = bulk.score(["a.csv"], "out.csv", nlp)
    assert (summary.n_scored, summary.rejects) == (0, {"no text": 2})
    assert Path("out.csv").read_text() == "id,text,label,score,sentiment\n"
