"""Tables of text in and out in every format, and nonsense into every reader."""

import bz2
import csv
import datetime
import gzip
import hashlib
import importlib.util
import io
import json
import lzma
import struct
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from examples import up_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.opening import zstd
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, emptiness

COMPRESSIONS = {"": bytes, ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
if importlib.util.find_spec("backports.zstd") or sys.version_info >= (3, 14):
    COMPRESSIONS[".zst"] = zstd().decompress
pa = None
if importlib.util.find_spec("pyarrow"):
    import pyarrow as pa
    import pyarrow.parquet as pq
needs_arrow = pytest.mark.skipif(pa is None, reason='needs pyarrow: pip install ".[arrow]"')

RESULTS = ["label", "score", "sentiment"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
NAMES = st.lists(TEXT.filter(lambda name: name not in [*RESULTS, "text"]), unique=True, max_size=3)
TABLES = NAMES.flatmap(
    lambda names: st.lists(
        st.tuples(*[TEXT] * len(names), TEXT.filter(lambda text: not emptiness(text))).map(
            lambda cells: dict(zip([*names, "text"], cells, strict=True))
        ),
        min_size=1,
        max_size=8,
    )
)
# What every format can hold.
UNBROKEN = str.maketrans("\t\n\r", "   ")


def unbroken(rows: list[dict]) -> list[dict]:
    return [{n.translate(UNBROKEN): t.translate(UNBROKEN) for n, t in row.items()} for row in rows]


in_a_folder = settings(
    max_examples=up_to(10), suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(path: str, rows: list[dict]) -> None:
    extension = path.partition(".")[2]
    if extension == "jsonl":
        Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif extension in ("csv", "tsv"):
        lines = [list(rows[0]), *(row.values() for row in rows)]
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            if extension == "csv":
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines)
            else:
                file.writelines("\t".join(line) + "\n" for line in lines)
    else:
        table = pa.Table.from_pylist(rows)
        if extension == "parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_stream(path, table.schema) as file:
                file.write_table(table)


def read(path: str) -> list[dict]:
    _, extension, compression = f"{path}.".split(".", 2)
    data = COMPRESSIONS["." + compression.rstrip(".") if compression else ""](
        Path(path).read_bytes()
    )
    if extension == "jsonl":
        return [json.loads(line) for line in data.decode().split("\n")[:-1]]
    if extension == "parquet":
        return pq.read_table(io.BytesIO(data)).to_pylist()
    if extension == "arrow":
        return pa.ipc.open_file(data).read_all().to_pylist()
    if extension == "csv":
        header, *rows = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    else:
        header, *rows = [line.split("\t") for line in data.decode().split("\n")[:-1]]
    return [dict(zip(header, row, strict=True)) for row in rows]


@needs_arrow
@in_a_folder
@given(rows=TABLES)
@pytest.mark.parametrize("source", ["jsonl", "csv", "tsv", "parquet", "arrow"])
@pytest.mark.parametrize("target", ["jsonl", "csv", "tsv", "parquet", "arrow"])
def test_any_table_of_text_survives(calm_nlp, source, target, rows):
    if "tsv" in (source, target):
        rows = unbroken(rows)
    write(f"in.{source}", rows)
    summary = bulk.score([f"in.{source}"], f"out.{target}", calm_nlp, shard_size=3, force=True)
    assert summary.rejects == {}
    written = read(f"out.{target}")
    assert [list(row) for row in written] == [[*rows[0], *RESULTS]] * len(rows)
    assert [{name: row[name] for name in rows[0]} for row in written] == rows


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_every_compression_of_the_output(nlp, compression):
    write("in.jsonl", [{"text": "good"}, {"text": "bad"}])
    bulk.score(["in.jsonl"], f"out.jsonl{compression}", nlp, shard_size=1)
    assert [row["label"] for row in read(f"out.jsonl{compression}")] == ["POSITIVE", "NEGATIVE"]


TYPED = {
    "integer": (2**63 - 1, "int64"),
    "fraction": (0.1, "double"),
    "flag": (True, "bool"),
    "decimal": (Decimal("1234567890.1234567890"), "decimal128(30, 10)"),
    "day": (datetime.date(2020, 2, 29), "date32[day]"),
    "moment": (datetime.datetime(2020, 2, 29, 1, 2, 3, 456), "timestamp[us]"),
    "zoned": (datetime.datetime(2020, 2, 29, tzinfo=datetime.timezone.utc), "timestamp[ns, UTC]"),
    "clock": (datetime.time(1, 2, 3), "time64[us]"),
    "wait": (datetime.timedelta(seconds=3), "duration[ms]"),
    "bytes": (b"\xff\x00", "binary"),
    "nested": ({"a": [1, None]}, "struct<a: list<element: int64>>"),
}


@needs_arrow
def test_types_survive_parquet(nlp):
    types = {
        "decimal": pa.decimal128(30, 10),
        "zoned": pa.timestamp("ns", "UTC"),
        "wait": pa.duration("ms"),
    }
    columns = {name: pa.array([value, None], types.get(name)) for name, (value, _) in TYPED.items()}
    table = pa.table({"text": ["good", "bad"], **columns})
    pq.write_table(table, "in.parquet")
    assert bulk.score(["in.parquet"], "out.parquet", nlp).rejects == {}
    written = pq.read_table("out.parquet")
    assert written.column_names == [*table.column_names, *RESULTS]
    for name in table.column_names:
        assert written[name].type == table[name].type, name
        assert written[name].to_pylist() == table[name].to_pylist()
    bulk.score(["in.parquet"], "out.jsonl", nlp)
    row = read("out.jsonl")[0]
    assert (row["integer"], row["decimal"]) == (2**63 - 1, "1234567890.1234567890")
    assert (row["day"], row["nested"]) == ("2020-02-29", {"a": [1, None]})


@needs_arrow
def test_json_gets_the_types_that_keep_it(nlp):
    lines = [
        '{"text": "good", "i": 1, "x": 0.50, "long": 0.10000000000000000001, "d": {"a": 1.10}}',
        '{"text": "bad", "i": null, "x": 2.5, "long": 2, "d": [1]}',
    ]
    Path("in.jsonl").write_text("\n".join(lines))
    assert bulk.score(["in.jsonl"], "out.parquet", nlp).rejects == {}
    table = pq.read_table("out.parquet")
    assert [str(type) for type in table.schema.types[1:5]] == ["int64", "double", *["string"] * 2]
    assert table.select(["i", "x", "long", "d"]).to_pylist() == [
        {"i": 1, "x": 0.5, "long": "0.10000000000000000001", "d": '{"a": 1.10}'},
        {"i": None, "x": 2.5, "long": "2", "d": "[1]"},
    ]


@needs_arrow
def test_a_parquet_file_that_is_not_whole(nlp):
    write("in.parquet", [{"text": "good"}] * 100)
    data = Path("in.parquet").read_bytes()
    Path("in.parquet").write_bytes(data[:-20])
    Path("b.txt").write_text("good")
    summary = bulk.score(["in.parquet", "b.txt"], "out.jsonl", nlp)
    assert (summary.n_scored, summary.rejects) == (1, {"broken file": 1})


@needs_arrow
def test_text_in_arrow_that_is_no_text(nlp):
    raw = pa.array([b"good", b"caf\xe9", b"bad"]).view(pa.string())
    pq.write_table(pa.table({"n": [1, 2, 3], "text": raw}), "in.parquet")
    summary = bulk.score(["in.parquet"], "out.jsonl", nlp)
    assert [row["n"] for row in read("out.jsonl")] == [1, 3]
    reject = json.loads(Path("out.jsonl.rejects.jsonl").read_text())
    assert (reject["line"], reject["raw"]) == (2, '{"n": 2, "text": "caf\udce9"}')
    assert summary.rejects == {"not UTF-8": 1}


@needs_arrow
def test_damaged_offsets_lead_nowhere(nlp):
    write("in.arrow", [{"text": "good"}, {"text": "bad"}])
    offsets = struct.pack("<3i", 0, 4, 7)
    data = Path("in.arrow").read_bytes()
    assert data.count(offsets) == 1
    Path("in.arrow").write_bytes(data.replace(offsets, struct.pack("<3i", 0, 4, 1 << 30)))
    assert bulk.score(["in.arrow"], "out.jsonl", nlp).rejects == {"broken file": 1}


def test_arrow_is_asked_for_where_it_is_missing(nlp, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.ipc", None)
    Path("in.parquet").touch()
    Path("in.txt").touch()
    for source, target in (("in.parquet", "out.jsonl"), ("in.txt", "out.parquet")):
        with pytest.raises(InputError, match=r'pip install "spacy-lstm-sentiment\[arrow\]"'):
            bulk.score([source], target, nlp)


LINES = ["a.jsonl", "a.csv", "a.tsv", "a.txt"]
BINARY = [f"a.txt{compression}" for compression in COMPRESSIONS if compression]
ARROW = ["a.parquet", "a.arrow"] if pa else []
NONSENSE = st.binary(max_size=300) | st.lists(
    st.sampled_from([b'"', b",", b"\n", b"\r", b"{", b"}", b"\0", b"\xff\xfe", b"text", b"\xef"])
).map(b"".join)


@in_a_folder
@given(data=NONSENSE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "shift_jis"])
@pytest.mark.parametrize("name", LINES)
def test_nonsense_is_read_or_rejected_line_by_line(name, encoding, data):
    Path(name).write_bytes(data)
    try:
        rows = list(read_records(name, Dialect(encoding)))
    except InputError as error:
        is_other_json = "a JSON array" in str(error) or "JSON over several lines" in str(error)
        assert name.endswith("sv") or is_other_json, "only a header or other JSON can be so bad"
        return
    assert all(isinstance(row, BadRecord) or set(row.fields) for row in rows if row.raw != "{}")
    if encoding == "utf-8" and name.endswith("txt") and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        # Nothing is lost: the raw texts are the file.
        lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        lines = [line.removesuffix(b"\r") for line in lines]
        lines = lines[:-1] if lines[-1] == b"" and not data.endswith(b"\r") else lines
        assert [row.raw.encode("utf-8", "surrogateescape") for row in rows] == lines


ROWS = [{"text": hashlib.md5(bytes([n])).hexdigest()} for n in range(50)]


@in_a_folder
@given(data=st.data())
@pytest.mark.parametrize("name", [*BINARY, *ARROW])
def test_damaged_files_are_read_up_to_the_damage(name, data):
    whole = bytearray(_whole(name))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    Path(name).write_bytes(damaged)
    rows = list(read_records(name))
    if name.endswith((".gz", ".bz2", ".xz")) and damaged:
        # These have checksums: what is not told to be broken is whole.
        is_told = any(isinstance(row, BadRecord) for row in rows)
        assert is_told or [row.fields for row in rows] == ROWS


def _whole(name: str) -> bytes:
    extension = name.rpartition(".")[2]
    if name in ARROW:
        write(name, ROWS)
        return Path(name).read_bytes()
    text = "\n".join(row["text"] for row in ROWS).encode()
    compress = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.get(extension)
    return (compress or zstd().compress)(text)
