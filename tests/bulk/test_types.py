"""Columns of all types of Arrow, in and out: the same, however the rows were cut."""

import io
import json
import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from examples import up_to
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.shards import cut_shards
from spacy_lstm_sentiment.bulk.sources.arrow import read_arrow
from spacy_lstm_sentiment.errors import InputError

pa = pytest.importorskip("pyarrow")
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

RESULTS = ["label", "score", "sentiment"]
TEXTS = ["good", "so good", "bad", None, " "]
UNITS = ["s", "ms", "us", "ns"]

in_a_folder = settings(
    max_examples=up_to(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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
    if path.endswith(".parquet"):
        try:
            pq.write_table(table, path)
        except pa.ArrowNotImplementedError:
            reject()  # texts as views within lists, which it can write but for a slice
    else:
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table, max_chunksize=batch)


def read(path: str):
    if path.endswith(".parquet"):
        return pq.read_table(path)
    return pa.ipc.open_file(io.BytesIO(Path(path).read_bytes())).read_all()


def rows_with_text(table):
    """The rows of a table that are scored."""
    kept = [n for n, text in enumerate(table["text"].to_pylist()) if text and text.strip()]
    rows = [table.slice(n, 1) for n in kept]
    # Combined, since the writer of Parquet takes no slices of views within structs.
    return pa.concat_tables([table.slice(0, 0), *rows]).combine_chunks()


def assert_same(ours, theirs) -> None:
    """Compare columns value by value, as their own types, since chunks may be cut elsewhere."""
    assert ours.type == theirs.type
    assert len(ours) == len(theirs)
    for n in range(len(ours)):
        assert ours.slice(n, 1).combine_chunks().equals(theirs.slice(n, 1).combine_chunks())


@pytest.mark.parametrize("source", ["in.parquet", "in.arrow"])
@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
@in_a_folder
@given(data=st.data())
def test_columns_stay_what_they_are(nlp, source, target, data):
    table = data.draw(tables(is_parquet="parquet" in source + target))
    write(table, source)
    before = rows_with_text(read(source))
    written = set()
    for size in (3, 1000):
        summary = bulk.score(
            [source], target, nlp, shard_size=size, force=True, resume=False, quiet=True
        )
        assert summary.n_scored == len(before)
        assert summary.n_scored + summary.n_rejected == len(table)
        written.add(Path(target).read_bytes())
    assert len(written) == 1
    after = read(target)
    if not len(before) and summary.n_rejected:
        return  # a table of which no row fits has no columns, either
    # Parquet has no type for seconds, nor for days in milliseconds.
    write(before, f"before.{target}")
    before = read(f"before.{target}")
    assert after.column_names == [*table.column_names, *RESULTS]
    assert after.schema.metadata == before.schema.metadata
    for field in before.schema:
        assert after.schema.field(field.name).equals(field, check_metadata=True)
        assert_same(after[field.name], before[field.name])


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
@pytest.mark.parametrize("source", ["in.parquet", "in.arrow"])
def test_what_is_all_null_within_lists(nlp, source, target):
    offsets = [0, 0, 3, 9]
    texts = pa.array([f"t{number}" for number in range(9)])
    pairs = pa.StructArray.from_arrays([texts, pa.nulls(9)], ["said", "nothing"])
    tags = pa.ListArray.from_arrays(offsets, pa.nulls(9))
    columns = {
        "a map": pa.MapArray.from_arrays(offsets, texts, pa.nulls(9)),
        "a list": pa.ListArray.from_arrays(offsets, pairs),
        "a large one": pa.LargeListArray.from_arrays(offsets, pairs),
        "pairs": pa.FixedSizeListArray.from_arrays(pairs.slice(0, 6), 2),
        "a moment and tags": pa.StructArray.from_arrays(
            [pa.array([0, 1, None], pa.timestamp("s")), tags], ["at", "tags"]
        ),
    }
    before = pa.table({"text": ["good", "bad", "so good"], **columns})
    write(before, source)
    summary = bulk.score([source], target, nlp, quiet=True)
    assert (summary.n_scored, summary.rejects) == (3, {})
    bulk.score([source], "out.jsonl", nlp, quiet=True)
    shown = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["a moment and tags"]["tags"] for row in shown] == [[], [None] * 3, [None] * 6]
    after = read(target)
    for name in columns:
        assert after[name].to_pylist() == before[name].to_pylist()


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_a_moment_within_what_is_null(nlp, target):
    moments = pa.StructArray.from_arrays(
        [pa.nulls(2, pa.timestamp("ms"))], ["at"], mask=pa.array([False, True])
    )
    write(pa.table({"text": ["good", "bad"], "x": moments}), "in.parquet")
    Path("in.jsonl").write_text('{"text": "so good", "x": null}\n')
    summary = bulk.score(["in.parquet", "in.jsonl"], target, nlp, quiet=True)
    assert (summary.n_scored, summary.rejects) == (3, {})
    assert read(target)["x"].to_pylist() == [{"at": None}, None, None]


def dictionary(entries: list, places: list, index=None, ordered: bool = False):
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


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("n_entries", [5, 2500])
def test_a_dictionary_of_any_size(nlp, target, ordered, n_entries):
    entries = [f"e{number}" for number in range(n_entries)]
    places = [(number * 7) % n_entries for number in range(1200)]
    column = dictionary(entries, places, ordered=ordered)
    write(pa.table({"text": ["good"] * 1200, "x": column}), "in.arrow")
    score(nlp, ["in.arrow"], target)
    after = read(target)["x"]
    assert after.type == column.type
    assert after.to_pylist() == column.to_pylist()
    if ordered or n_entries == 5:
        assert all(chunk.dictionary.to_pylist() == entries for chunk in after.chunks)


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_dictionaries_of_several_files_are_one(nlp, target):
    wide = []
    for name in ("a", "b"):
        entries = [f"{name}{number}" for number in range(100)]
        wide += entries
        column = dictionary(entries, list(range(100)), pa.int8())
        write(pa.table({"text": ["good"] * 100, "x": column}), f"{name}.arrow")
    score(nlp, ["a.arrow", "b.arrow"], target)
    after = read(target)["x"]
    assert pa.types.is_dictionary(after.type)
    assert after.to_pylist() == wide


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_a_dictionary_with_a_null_in_it(nlp, target):
    column = dictionary(["a", None], [0, 1, 0])
    write(pa.table({"text": ["good"] * 3, "x": column}), "in.arrow")
    score(nlp, ["in.arrow"], target)
    assert read(target)["x"].to_pylist() == ["a", None, "a"]


def test_columns_beside_rows_of_json(nlp):
    column = dictionary(["a", "b"], [0, 1])
    moments = pa.array([1, None], pa.timestamp("us"))
    write(pa.table({"text": ["good", "bad"], "x": column, "at": moments}), "a.parquet")
    Path("b.jsonl").write_text(
        '{"text": "good", "x": 1.50, "at": "2020-02-29 00:00:00"}\n{"text": "bad", "x": "c"}\n'
    )
    summary = bulk.score(["a.parquet", "b.jsonl", "a.parquet"], "out.parquet", nlp, shard_size=3)
    assert dict(summary.rejects) == {"other columns than the first row's": 1}
    after = read("out.parquet")
    assert after["x"].to_pylist() == ["a", "b", "1.50", "a", "b"]
    assert after["at"].type == moments.type
    assert str(after["at"][2]) == "2020-02-29 00:00:00"


@pytest.mark.parametrize("source", ["in.parquet", "in.arrow"])
def test_a_row_for_each_sentence(trained_nlp, source):
    texts = ["It is good. It is bad.", None, "", "Fine."]
    write(pa.table({"text": texts, "tags": [["a"], [], None, ["b", "c"]]}), source)
    summary = bulk.score([source], "out.parquet", trained_nlp, per_sentence=True, keep_empty=True)
    assert (summary.n_scored, summary.n_empty) == (3, 2)
    after = read("out.parquet")
    assert after["sentence_text"].to_pylist() == ["It is good.", "It is bad.", None, None, "Fine."]
    assert after["tags"].to_pylist() == [["a"], ["a"], [], None, ["b", "c"]]
    assert after["sentence"].to_pylist() == [0, 1, None, None, 0]


@pytest.mark.parametrize("kind", ["interval", "dictionary of views"])
def test_a_type_that_parquet_lacks_is_refused_at_once(nlp, kind):
    column = pa.array([(1, 2, 3)], pa.month_day_nano_interval())
    if kind != "interval":
        entries = pa.array(["a"], pa.string_view())
        column = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), entries)
    write(pa.table({"text": ["good"], "x": column}), "in.arrow")
    with pytest.raises(
        InputError, match=r'in\.arrow: column "x" is .*, which Parquet has no place'
    ):
        bulk.score(["in.arrow"], "out.parquet", nlp)
    assert [path.name for path in Path().iterdir()] == ["in.arrow"]
    score(nlp, ["in.arrow"], "out.arrow")


@pytest.mark.parametrize("wanted", [{"text_field": "body"}, {"id_field": "key"}])
def test_a_column_that_is_missing_is_refused_at_once(nlp, wanted):
    write(pa.table({"text": ["good"], "x": [1]}), "in.parquet")
    (name,) = wanted.values()
    with pytest.raises(InputError, match=f'in.parquet:1: no column "{name}": name the one with'):
        bulk.score(["in.parquet"], "out.parquet", nlp, **wanted)


def test_what_spark_says_of_the_columns_would_hide_ours(nlp):
    table = pa.table({"text": ["good"]}).replace_schema_metadata(
        {"org.apache.spark.sql.parquet.row.metadata": "{}", "org.apache.spark.version": "4.0.0"}
    )
    write(table, "in.parquet")
    score(nlp, ["in.parquet"], "out.parquet")
    assert read("out.parquet").schema.metadata == {b"org.apache.spark.version": b"4.0.0"}


@pytest.mark.parametrize("target", ["out.parquet", "out.jsonl"])
@pytest.mark.parametrize("kind", ["text", "list", "struct", "dictionary"])
def test_bytes_that_are_no_text_in_any_column(nlp, target, kind):
    raw = pa.array([b"a", b"caf\xe9", b"c"]).view(pa.string())
    column = {
        "text": raw,
        "list": pa.ListArray.from_arrays([0, 1, 2, 3], raw),
        "struct": pa.StructArray.from_arrays([raw], ["s"]),
        "dictionary": pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), raw),
    }[kind]
    write(pa.table({"text": ["good"] * 3, "x": column}), "in.arrow")
    summary = bulk.score(["in.arrow"], target, nlp, quiet=True)
    assert (summary.n_scored, dict(summary.rejects)) == (2, {"not UTF-8": 1})
    reject = json.loads(Path(f"{target}.rejects.jsonl").read_text())
    assert reject["line"] == 2
    assert "caf\udce9" in reject["raw"]


def test_moments_inside_of_other_values_keep_their_nanoseconds(nlp):
    inner = pa.array([1, None], pa.timestamp("ns"))
    column = pa.ListArray.from_arrays([0, 1, 2], inner)
    write(pa.table({"text": ["good", None], "x": column}), "in.parquet")
    bulk.score(["in.parquet"], "out.parquet", nlp, quiet=True)
    assert read("out.parquet")["x"].type == read("in.parquet")["x"].type
    reject = json.loads(Path("out.parquet.rejects.jsonl").read_text())
    assert json.loads(reject["raw"]) == {"text": None, "x": [None]}
    bulk.score(["in.parquet"], "out.jsonl", nlp, quiet=True)
    assert json.loads(Path("out.jsonl").read_text())["x"] == ["1970-01-01 00:00:00.000000001"]


@pytest.mark.parametrize("target", ["out.parquet", "out.arrow"])
def test_columns_survive_workers_that_die(nlp, tmp_path, target):
    texts = [f"good {n}" for n in range(20)]
    texts[3], texts[11], texts[12] = "die", "explode", f"once {tmp_path / 'marker'}"
    table = pa.table({"text": texts, "x": dictionary(["a", "b"], [0, 1] * 10)})
    write(table, "in.arrow")
    written = set()
    for size in (4, 20):
        summary = bulk.score(
            ["in.arrow"], target, nlp, n_process=2, shard_size=size, force=True, quiet=True
        )
        assert summary.n_scored == 18
        written.add(Path(target).read_bytes())
    assert len(written) == 1
    assert read(target)["text"].to_pylist() == [t for t in texts if t not in ("die", "explode")]
    lines = Path(f"{target}.rejects.jsonl").read_text().splitlines()
    rejects = [json.loads(line) for line in lines]
    assert [(reject["line"], json.loads(reject["raw"])) for reject in rejects] == [
        (4, {"text": "die", "x": "b"}),
        (12, {"text": "explode", "x": "b"}),
    ]


def test_a_slice_travels_alone(nlp):
    long = ["x" * 1000] * 5000
    views = pa.array(long, pa.string_view())
    large = dictionary([f"{n}{'x' * 1000}" for n in range(5000)], list(range(5000)))
    write(pa.table({"text": views, "x": large, "l": [[t] for t in long]}), "in.arrow", 5000)
    source = pa.ipc.open_file("in.arrow").read_all()
    assert source.column("text").type == pa.string_view()
    shards = list(cut_shards(read_arrow("in.arrow"), 10))
    assert [shard.n_rows for shard in shards] == [10] * 500
    assert max(len(pickle.dumps(shard)) for shard in shards) < 50_000


def test_long_rows_of_columns_make_small_shards(monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.bulk.shards.MAX_CHARACTERS", 10_000)
    write(
        pa.table({"text": ["x" * size for size in (4000, 9000, 10, 10, 20_000, 10)]}), "in.parquet"
    )
    shards = list(cut_shards(read_arrow("in.parquet"), 3))
    assert [shard.n_rows for shard in shards] == [2, 3, 1]
    assert [(shard.first, shard.end) for shard in shards] == [(0, 2), (2, 5), (5, 6)]
