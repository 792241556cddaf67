"""Tables of all types of Arrow, drawn by hypothesis, and files of them."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import reject
from hypothesis import strategies as st

from spacy_lstm_sentiment import bulk

pa = pytest.importorskip("pyarrow")
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

TEXTS = ["good", "so good", "bad", None, " "]
UNITS = ["s", "ms", "us", "ns"]


@st.composite
def whole_numbers(draw, n: int):
    bits = draw(st.sampled_from([8, 16, 32, 64]))
    sign = draw(st.booleans())
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if sign else (0, (1 << bits) - 1)
    type = getattr(pa, f"{'' if sign else 'u'}int{bits}")()
    return pa.array(draw(values(n, st.integers(low, high))), type)


@st.composite
def floats(draw, n: int):
    width = draw(st.sampled_from([32, 64]))
    found = draw(values(n, st.floats(width=width, allow_nan=False)))
    return pa.array(found, getattr(pa, f"float{width}")())


@st.composite
def decimals(draw, n: int):
    type = draw(st.sampled_from([pa.decimal128(9, 2), pa.decimal128(30, 10), pa.decimal256(60, 0)]))
    return pa.array(draw(values(n, st.integers(-9, 9).map(Decimal))), type)


@st.composite
def moments(draw, n: int):
    unit = draw(st.sampled_from(UNITS))
    type = draw(
        st.sampled_from(
            [
                pa.timestamp(unit),
                pa.timestamp(unit, "Europe/Berlin"),
                pa.duration(unit),
                pa.time32(unit) if unit in ("s", "ms") else pa.time64(unit),
            ]
        )
    )
    return (
        pa.array(draw(values(n, st.integers(0, 86_399))), pa.int64())
        .cast(pa.int32() if pa.types.is_time32(type) else pa.int64())
        .cast(type)
    )


@st.composite
def days(draw, n: int):
    found = pa.array(draw(values(n, st.integers(-(1 << 20), 1 << 20))), pa.int32())
    return found.cast(pa.date32()).cast(draw(st.sampled_from([pa.date32(), pa.date64()])))


@st.composite
def texts(draw, n: int):
    type = draw(st.sampled_from([pa.string(), pa.large_string(), pa.string_view()]))
    return pa.array(draw(values(n, st.text(max_size=20))), type)


@st.composite
def bytes_of_any_kind(draw, n: int):
    type = draw(st.sampled_from([pa.binary(), pa.large_binary(), pa.binary_view(), pa.binary(3)]))
    size = 3 if type == pa.binary(3) else draw(st.integers(0, 20))
    return pa.array(draw(values(n, st.binary(min_size=size, max_size=size))), type)


@st.composite
def dictionaries(draw, n: int, is_parquet: bool):
    types = [pa.string(), pa.large_string(), pa.int64()]
    types += [] if is_parquet else [pa.string_view()]
    type = draw(st.sampled_from(types))
    entries = st.text(max_size=5)
    if type == pa.int64():
        entries = st.integers(-(1 << 63), (1 << 63) - 1)
    found = draw(st.lists(entries, min_size=1, max_size=6, unique=True))
    places = draw(values(n, st.integers(0, len(found) - 1)))
    index = draw(st.sampled_from([pa.int8(), pa.uint8(), pa.int32(), pa.uint32(), pa.int64()]))
    ordered = draw(st.booleans())
    return pa.DictionaryArray.from_arrays(
        pa.array(places, index), pa.array(found, type), ordered=ordered
    )


@st.composite
def lists(draw, n: int, inner):
    sizes = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    offsets = [sum(sizes[:number]) for number in range(n + 1)]
    items = draw(inner(offsets[-1]))
    kind = draw(st.sampled_from(["list", "large list", "view", "fixed", "map"]))
    if kind == "fixed":
        return pa.FixedSizeListArray.from_arrays(draw(inner(2 * n)), 2)
    if kind == "map":
        keys = pa.array([f"k{number}" for number in range(offsets[-1])], pa.string())
        return pa.MapArray.from_arrays(offsets, keys, items)
    if kind == "view":
        return pa.ListViewArray.from_arrays(offsets[:-1], sizes, items)
    make = pa.ListArray if kind == "list" else pa.LargeListArray
    return make.from_arrays(offsets, items)


@st.composite
def structs(draw, n: int, inner):
    children = [draw(inner(n)) for _ in range(draw(st.integers(1, 3)))]
    fields = [pa.field(f"f{number}", child.type) for number, child in enumerate(children)]
    mask = pa.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), pa.bool_())
    return pa.StructArray.from_arrays(children, fields=fields, mask=mask)


@st.composite
def extensions(draw, n: int):
    kind = draw(st.sampled_from([pa.uuid(), pa.json_(), pa.bool8()]))
    stored = {
        pa.uuid(): st.binary(min_size=16, max_size=16),
        pa.json_(): st.sampled_from(["{}", "[1]"]),
        pa.bool8(): st.integers(0, 1),
    }[kind]
    storage = pa.array(draw(values(n, stored)), kind.storage_type)
    return pa.ExtensionArray.from_storage(kind, storage)


@st.composite
def of_arrow_alone(draw, n: int):
    """Arrays of types that Parquet lacks."""
    kind = draw(st.sampled_from(["runs", "dense", "sparse", "interval"]))
    if kind == "runs":
        runs = pa.array(draw(values(n, st.integers(0, 1))), pa.int64())
        return pc.run_end_encode(runs, run_end_type=pa.int16())
    if kind == "interval":
        span = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
        return pa.array(draw(values(n, span)), pa.month_day_nano_interval())
    which = pa.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), pa.int8())
    children = [pa.array(range(n), pa.int64()), pa.array([f"t{i}" for i in range(n)], pa.string())]
    if kind == "sparse":
        return pa.UnionArray.from_sparse(which, children)
    seen, places = [0, 0], []
    for child in which.to_pylist():
        places.append(seen[child])
        seen[child] += 1
    return pa.UnionArray.from_dense(which, pa.array(places, pa.int32()), children)


def values(n: int, found):
    return st.lists(st.none() | found, min_size=n, max_size=n)


def leaves(n: int):
    flags = values(n, st.booleans()).map(lambda found: pa.array(found, pa.bool_()))
    nothing = st.just(pa.nulls(n))
    flat = [whole_numbers, floats, decimals, moments, days, texts, bytes_of_any_kind]
    return st.one_of(flags, nothing, *(make(n) for make in flat))


def nested(n: int, depth: int = 2):
    if not depth:
        return leaves(n)

    def inner(size: int):
        return nested(size, depth - 1)

    return leaves(n) | lists(n, inner) | structs(n, inner)


@st.composite
def tables(draw, is_parquet: bool):
    """Tables with a column of texts among others of any type."""
    n = draw(st.integers(1, 8))
    columns = [nested(n), dictionaries(n, is_parquet), extensions(n)]
    columns += [] if is_parquet else [of_arrow_alone(n)]
    arrays = draw(st.lists(st.one_of(*columns), min_size=1, max_size=3))
    texts = draw(st.lists(st.sampled_from(TEXTS), min_size=n, max_size=n))
    place = draw(st.integers(0, len(arrays)))
    arrays.insert(place, pa.array(texts, pa.string()))
    names = [f"c{number}" for number in range(len(arrays))]
    names[place] = "text"
    fields = [
        pa.field(name, array.type, nullable=draw(st.booleans()) or array.null_count > 0)
        for name, array in zip(names, arrays, strict=True)
    ]
    metadata = draw(st.none() | st.just({"pandas": '{"columns": []}', "mine": "é"}))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata))


def write(table, path: str, batch: int = 5) -> None:
    """A file of Parquet or Arrow."""
    if path.endswith(".parquet"):
        try:
            pq.write_table(table, path)
        except pa.ArrowNotImplementedError:
            reject()  # texts as views within lists, which it can write but for a slice
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=batch)


def read(path: str):
    """All of such a file, as a table."""
    if path.endswith(".parquet"):
        return pq.read_table(path)
    return pa.ipc.open_file(io.BytesIO(Path(path).read_bytes())).read_all()


def dictionary(entries: list, places: list, index=None, ordered: bool = False):
    """A column of places in a dictionary."""
    return pa.DictionaryArray.from_arrays(
        pa.array(places, index or pa.int32()), pa.array(entries), ordered=ordered
    )


def score(nlp, sources: list[str], target: str, **options) -> bytes:
    """The bytes of an output, the same whatever the size of the shards."""
    written = set()
    for size in (7, 1000):
        summary = bulk.score(
            sources, target, nlp, shard_size=size, force=True, quiet=True, **options
        )
        assert summary.rejects == {}
        written.add(Path(target).read_bytes())
    (only,) = written
    return only
