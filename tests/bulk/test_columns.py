"""Values of typed columns, in and out: right, or refused, whatever the file and the row."""

import csv
import datetime
import json
import math
from decimal import Decimal
from pathlib import Path

import pytest

from spacy_lstm_sentiment import bulk

pa = pytest.importorskip("pyarrow", reason='needs pyarrow: pip install ".[arrow]"')
import pyarrow.parquet as pq  # noqa: E402

VALUES = {
    "decimal": (pa.array([Decimal("1.50"), None]), "1.50", "1.50"),
    "clock": (pa.array([datetime.time(1, 2, 3), None]), "01:02:03", "01:02:03"),
    "nanoseconds": (
        pa.array([3723000000001, None], pa.time64("ns")),
        "01:02:03.000000001",
        "01:02:03.000000001",
    ),
    "moment": (
        pa.array([datetime.datetime(2020, 2, 29, 1, 2, 3), None], pa.timestamp("us")),
        "2020-02-29 01:02:03.000000",
        "2020-02-29 01:02:03.000000",
    ),
    "bytes": (pa.array([b"\xff\x00", None]), "/wA=", "/wA="),
    "nan": (pa.array([math.nan, None]), None, "NaN"),
    "infinity": (pa.array([-math.inf, None]), None, "-Infinity"),
    "half": (pa.array([0.5, None]), 0.5, "0.5"),
    "flag": (pa.array([True, None]), True, "true"),
    "list of NaN": (pa.array([[1.5, math.nan], None]), [1.5, None], "[1.5, null]"),
    "struct of infinity": (
        pa.array([{"a": math.inf, "b": Decimal("2.0")}, None]),
        {"a": None, "b": "2.0"},
        '{"a": null, "b": "2.0"}',
    ),
}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def strict_json(line: str) -> dict:
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    return json.loads(line, parse_constant=refuse)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_parquet_in_json_csv_and_parquet(nlp, name):
    values, as_json, as_csv = VALUES[name]
    table = pa.table({"text": ["good", "bad"], "x": values})
    pq.write_table(table, "in.parquet")
    for extension in ("jsonl", "csv", "parquet"):
        assert bulk.score(["in.parquet"], f"out.{extension}", nlp).rejects == {}
    rows = [strict_json(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["x"] for row in rows] == [as_json, None]
    with Path("out.csv").open(newline="") as file:
        assert [row["x"] for row in csv.DictReader(file)] == [as_csv, ""]
    written = pq.read_table("out.parquet")["x"]
    assert written.type == values.type
    assert written.null_count == 1
    assert str(written.chunk(0).slice(0, 1)) == str(values.slice(0, 1))


@pytest.mark.parametrize("number", ["NaN", "-Infinity", '{"a": [1, Infinity]}'])
def test_json_that_is_none_is_refused_where_json_is_written(nlp, number):
    lines = [f'{{"text": "good", "x": {number}}}', '{"text": "bad", "x": "NaN and Infinity"}']
    Path("in.jsonl").write_text("\n".join(lines))
    summary = bulk.score(["in.jsonl"], "out.jsonl", nlp)
    assert (summary.n_scored, summary.n_rejected) == (1, 1)
    (line,) = Path("out.jsonl").read_text().splitlines()
    assert strict_json(line)["x"] == "NaN and Infinity"


TYPES = {
    "text": pa.array(["a", "b"]),
    "number": pa.array([1.5, 2.5]),
    "whole": pa.array([1, 2]),
    "decimal": pa.array([Decimal("1.50"), Decimal("2.25")]),
    "day": pa.array([datetime.date(2020, 2, 29)] * 2),
    "list": pa.array([[1], [2, 3]]),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_column_without_values_in_the_first_file(nlp, name):
    empty = pa.table({"text": ["good"], "x": pa.nulls(1)})
    pq.write_table(empty, "a.parquet")
    pq.write_table(pa.table({"text": ["good", "bad"], "x": TYPES[name]}), "b.parquet")
    pq.write_table(empty, "c.parquet")
    paths = ["a.parquet", "b.parquet", "c.parquet"]
    assert bulk.score(paths, "out.parquet", nlp).rejects == {}
    written = pq.read_table("out.parquet")["x"]
    assert written.type == TYPES[name].type
    assert written.to_pylist() == [None, *TYPES[name].to_pylist(), None]


def test_files_of_other_widths_get_the_widest(nlp):
    for name, type in [("a", pa.int32()), ("b", pa.int64()), ("c", pa.float64())]:
        pq.write_table(pa.table({"text": ["good"], "x": pa.array([1], type)}), f"{name}.parquet")
    paths = ["a.parquet", "b.parquet", "c.parquet"]
    assert bulk.score(paths, "out.parquet", nlp).rejects == {}
    assert pq.read_table("out.parquet")["x"].to_pylist() == [1.0, 1.0, 1.0]


LATER = {
    "decimals": (["1", "2"], "2.5", [1.0, 2.0, 2.5], "double"),
    "text": (["1", "2.50"], '"x"', ["1", "2.5", "x"], "string"),
    "too long": (["1", "2"], "12345678901234567890", ["1", "2", "12345678901234567890"], "string"),
    "decimals of long": (["9007199254740993"], "2.5", ["9007199254740993", "2.5"], "string"),
    "flags": (["1"], "true", ["1", "true"], "string"),
    "whole": (["0.5"], "2", [0.5, 2.0], "double"),
    "first values": (["null"], "7", [None, 7], "int64"),
    "nothing": (["null"], "null", [None, None], "string"),
    "nested": (["null", "1"], '{"a": 1.10}', [None, "1", '{"a": 1.10}'], "string"),
}


@pytest.mark.parametrize(("shard_size", "n_rows"), [(1, 4), (3, 4), (1000, 1100)])
@pytest.mark.parametrize("name", LATER)
def test_what_comes_later_in_json_widens_the_column(nlp, name, shard_size, n_rows):
    first, later, values, type = LATER[name]
    lines = [f'{{"text": "good", "x": {x}}}\n' for x in [*first, *[first[-1]] * n_rows, later]]
    Path("in.jsonl").write_text("".join(lines))
    output = f"out{shard_size}.parquet"
    assert bulk.score(["in.jsonl"], output, nlp, shard_size=shard_size).rejects == {}
    written = pq.read_table(output)["x"]
    assert str(written.type) == type
    assert written.to_pylist() == [*values[:-1], *[values[-2]] * n_rows, values[-1]]


@pytest.mark.parametrize("name", ["in.parquet", "in.arrow"])
def test_want_of_memory_is_no_broken_file(nlp, name, limit_memory):
    size = 1 << 28
    offsets = pa.py_buffer(bytes(4) + size.to_bytes(4, "little"))
    text = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"x" * size))
    table = pa.table({"text": text})
    if name == "in.parquet":
        pq.write_table(table, name, compression="zstd", use_dictionary=False)
    else:
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_file(name, table.schema, options=options) as file:
            file.write_table(table)
    del text, table
    pa.default_memory_pool().release_unused()
    limit_memory(1 << 27)
    with pytest.raises(MemoryError):
        bulk.score([name], "out.jsonl", nlp)
    assert not Path("out.jsonl").exists()
