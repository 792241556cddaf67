"""Columns of all types of Arrow, in and out: the same, however the rows were cut."""

import json
import pickle
from pathlib import Path

import pytest
from arrow_tables import dictionary, read, score, tables, write
from examples import up_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.shards import cut_shards
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow_files import read_arrow

pa = pytest.importorskip("pyarrow")
import pyarrow.compute as pc  # noqa: E402

RESULTS = ["label", "score", "sentiment"]

in_a_folder = settings(
    max_examples=up_to(10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


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
def test_columns_stay_what_they_are(calm_nlp, source, target, data):
    table = data.draw(tables(is_parquet="parquet" in source + target))
    write(table, source)
    before = rows_with_text(read(source))
    written = set()
    for size in (3, 1000):
        summary = bulk.score(
            [source], target, calm_nlp, shard_size=size, force=True, resume=False, quiet=True
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


@pytest.mark.parametrize("type", [pa.string(), pa.null(), pa.int64(), pa.string_view()])
def test_a_column_called_text_is_the_text_of_whatever_type(nlp, type):
    columns = {"text": pa.nulls(2, type), "at": pa.array([0, 1], pa.timestamp("s"))}
    write(pa.table({**columns, "note": ["so good", "so bad"]}), "in.arrow")
    summary = bulk.score(["in.arrow"], "out.arrow", nlp, quiet=True)
    assert (summary.n_scored, summary.n_rejected, summary.guesses) == (0, 2, [])


@pytest.mark.parametrize("values", [[None] * 7 + [1], [1, None, None, 1, 1, None, None, 2], [None]])
def test_runs_do_not_depend_on_what_was_in_the_memory(nlp, values):
    runs = pc.run_end_encode(pa.array(values, pa.int64()), run_end_type=pa.int16())
    write(pa.table({"text": ["good"] * len(values), "x": runs}), "in.arrow", batch=3)
    written = set()
    for size in (1, 2, 1000) * 3:
        bulk.score(["in.arrow"], "out.arrow", nlp, shard_size=size, force=True, quiet=True)
        written.add(Path("out.arrow").read_bytes())
    assert len(written) == 1
    assert read("out.arrow")["x"].to_pylist() == values


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
    assert [shard.n_rows for shard in shards] == [10] * 500 + [0]
    assert max(len(pickle.dumps(shard)) for shard in shards) < 50_000


def test_long_rows_of_columns_make_small_shards(monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.bulk.shards.MAX_CHARACTERS", 10_000)
    write(
        pa.table({"text": ["x" * size for size in (4000, 9000, 10, 10, 20_000, 10)]}), "in.parquet"
    )
    shards = list(cut_shards(read_arrow("in.parquet"), 3))
    assert [shard.n_rows for shard in shards] == [2, 3, 1]
    assert [(shard.first, shard.end) for shard in shards] == [(0, 2), (2, 5), (5, 6)]
