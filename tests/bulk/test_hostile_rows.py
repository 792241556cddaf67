"""Rows made to stop a run, or to fill the disk."""

import gzip
import json
from pathlib import Path

import pytest

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.errors import InputError

MEGABYTE = 1 << 20
DEPTHS = (1, 50, 150, 240, 310, 330, 400, 480, 500, 700, 800, 960, 990, 2000, 100_000)
READABLE = 800  # at least


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def nested(depth: int, kind: str) -> str:
    opening, closing = {"list": ("[", "]"), "object": ('{"a": ', "}")}[kind]
    return opening * depth + "1" + closing * depth


def rejects(output: str) -> list[dict]:
    path = Path(f"{output}.rejects.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def write_nested(column: str, kind: str) -> int:
    """A file of rows with values in a column nested ever deeper, one good row after each."""
    lines = []
    for depth in DEPTHS:
        members = {"text": '"good"', "more": "1", column: nested(depth, kind)}
        lines.append("{" + ", ".join(f'"{name}": {text}' for name, text in members.items()) + "}")
        lines.append('{"text": "bad", "more": "x"}')
    Path("in.jsonl").write_text("\n".join(lines))
    return len(lines)


@pytest.mark.parametrize("n_process", [1, 2])
@pytest.mark.parametrize("column", ["more", "text"])
@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize("output", ["out.jsonl", "out.csv", "out.parquet"])
def test_values_nested_however_deep(nlp, n_process, column, kind, output):
    n_rows = write_nested(column, kind)
    summary = bulk.score(
        ["in.jsonl"], output, nlp, id_field=column, n_process=n_process, shard_size=4, quiet=True
    )
    assert summary.n_scored + summary.n_rejected == n_rows
    assert summary.labels["NEGATIVE"] == n_rows // 2
    if (column, output) == ("more", "out.jsonl"):
        assert summary.labels["POSITIVE"] >= sum(depth <= READABLE for depth in DEPTHS)
    assert len(rejects(output)) == summary.n_rejected > 0


def size_of_all() -> int:
    return sum(path.stat().st_size for path in Path().rglob("*") if path.is_file())


@pytest.mark.parametrize("n_process", [1, 2])
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(["x" * 100 * MEGABYTE], id="one line"),
        pytest.param(["\x01" * 30_000] * 3000, id="long lines"),
        pytest.param(["\x01"] * 300_000, id="short lines"),
        pytest.param(["[" * 2000] * 10_000, id="deep lines"),
    ],
)
def test_a_small_file_does_not_unpack_into_as_many_rejects_as_it_likes(nlp, rows, n_process):
    with gzip.open("in.jsonl.gz", "wt") as file:
        file.writelines(f"{row}\n" for row in rows)
    start = size_of_all()
    assert start < MEGABYTE
    with pytest.raises(InputError, match="more than 1 rows rejected"):
        bulk.score(["in.jsonl.gz"], "out.jsonl", nlp, max_errors=1, n_process=n_process)
    assert size_of_all() - start < MEGABYTE


def test_a_reject_says_what_is_left_out_of_it(nlp):
    raws = ["{" + "x" * n for n in (9_999, 10_000, 40_000)]
    names = {"n" * 5000: 1}
    Path("in.jsonl").write_text("\n".join([*raws, json.dumps(names)]))
    summary = bulk.score(["in.jsonl"], "out.jsonl", nlp, text_field="text", quiet=True)
    assert summary.n_rejected == 4
    found = rejects("out.jsonl")
    assert [(bad["raw"], bad.get("left_out")) for bad in found] == [
        (raws[0], None),
        (raws[1][:10_000], 1),
        (raws[2][:10_000], 30_001),
        (json.dumps(names), None),
    ]
    assert len(found[3]["reason"]) == 1000


def test_an_id_of_any_length_and_kind(nlp):
    ids = [7, "a", "b" * 5000, ["c"] * 5000, {"d": None}, 0.5, True]
    Path("in.jsonl").write_text("\n".join(json.dumps({"id": id, "text": None}) for id in ids))
    bulk.score(["in.jsonl"], "out.jsonl", nlp, text_field="text", id_field="id", quiet=True)
    found = [bad["id"] for bad in rejects("out.jsonl")]
    assert [found[n] for n in (0, 1, 4, 5, 6)] == [7, "a", '{"d": null}', 0.5, True]
    assert (found[2][:3], found[3][:6]) == ("bbb", '["c", ')
    assert (len(found[2]), len(found[3])) == (1000, 1000)


def test_each_piece_of_a_line_is_counted(nlp, monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.records.lines.MAX_LINE", 100)
    Path("in.txt").write_text("good\n" + "x" * 250 + "\nbad\n")
    summary = bulk.score(["in.txt"], "out.jsonl", nlp, quiet=True)
    assert (summary.n_scored, summary.n_rejected) == (2, 3)
