"""Tables in memory get the columns that files get."""

from functools import cache

import numpy
import pandas
import polars
import pyarrow
import pytest
from examples import up_to
from hypothesis import given, settings
from hypothesis import strategies as st

import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk, score_frame
from spacy_lstm_sentiment.errors import InputError

TEXTS = ["good, good", "bad", None, "", " \n", "neither", "good <br/> bad bad"]
ROWS = {"id": list(range(len(TEXTS))), "body": TEXTS, "nested": [[n] for n in range(len(TEXTS))]}
MAKERS = {
    "pandas": pandas.DataFrame,
    "polars": polars.DataFrame,
    "table": pyarrow.table,
    "batch": pyarrow.RecordBatch.from_pydict,
    "reader": lambda rows: pyarrow.table(rows).to_reader(max_chunksize=2),
}


@cache
def shipped():
    return spacy_lstm_sentiment.load()


def rows_of(frame) -> list[dict]:
    if isinstance(frame, pandas.DataFrame):
        rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        return [{**row, "id": int(row["id"])} for row in rows]
    if isinstance(frame, polars.DataFrame):
        return frame.to_dicts()
    table = frame.read_all() if isinstance(frame, pyarrow.RecordBatchReader) else frame
    return table.to_pylist()


@pytest.mark.parametrize("kind", MAKERS)
def test_each_kind_of_table_is_scored_as_a_file_is(kind, nlp, tmp_path):
    frame = MAKERS[kind](ROWS)
    scored = score_frame(frame, "body", nlp, prefix="p_")
    assert type(scored) is type(frame)
    polars.DataFrame(ROWS).write_ndjson(tmp_path / "rows.jsonl")
    bulk.score(
        [tmp_path / "rows.jsonl"],
        tmp_path / "scored.jsonl",
        nlp,
        text_field="body",
        prefix="p_",
        keep_empty=True,
    )
    assert rows_of(scored) == polars.read_ndjson(tmp_path / "scored.jsonl").to_dicts()


def test_columns_keep_their_types_and_memory(nlp):
    table = pyarrow.table(
        {
            "text": pyarrow.array(["good", "bad"], "large_string"),
            "when": pyarrow.array([1, 2], pyarrow.timestamp("us", "Asia/Tokyo")),
            "kind": pyarrow.array(["a", "b"]).dictionary_encode(),
        },
        metadata={"made": "by hand"},
    )
    scored = score_frame(table, nlp=nlp)
    for name in table.column_names:
        assert scored.schema.field(name).equals(table.schema.field(name))
        before, after = table[name].chunk(0).buffers(), scored[name].chunk(0).buffers()
        assert [b and b.address for b in before] == [b and b.address for b in after]
    kinds = [scored.schema.field(name).type for name in ("label", "score", "sentiment")]
    assert kinds == [pyarrow.string(), pyarrow.float64(), pyarrow.float64()]


def test_the_index_of_pandas_stays(nlp):
    frame = pandas.DataFrame({"text": ["bad", "good", "bad"]}, index=[7, 7, 0])
    scored = score_frame(frame, nlp=nlp)
    assert list(scored.index) == [7, 7, 0]
    assert list(scored["label"]) == ["NEGATIVE", "POSITIVE", "NEGATIVE"]
    assert list(frame.columns) == ["text"]


def test_texts_in_columns_of_other_kinds(nlp):
    for values in (
        pandas.Categorical(["good", "bad", None]),
        numpy.array(["good", "bad", None], dtype=object),
        pandas.array(["good", "bad", pandas.NA], dtype="string"),
        ["good", "bad", float("nan")],
    ):
        scored = score_frame(pandas.DataFrame({"text": values}), nlp=nlp)
        assert list(scored["label"][:2]) == ["POSITIVE", "NEGATIVE"]
        assert scored[["label", "score", "sentiment"]].iloc[2].isna().all()
    coded = polars.DataFrame(
        {"text": ["good", "bad"]}, schema={"text": polars.Enum(["bad", "good"])}
    )
    assert score_frame(coded, nlp=nlp)["label"].to_list() == ["POSITIVE", "NEGATIVE"]


@pytest.mark.parametrize("kind", MAKERS)
def test_no_rows_make_columns_all_the_same(kind, nlp):
    scored = score_frame(MAKERS[kind](pyarrow.table(ROWS)[:0].to_pydict()), "body", nlp)
    assert rows_of(scored) == []
    names = scored.columns if kind in ("pandas", "polars") else scored.schema.names
    assert list(names) == ["id", "body", "nested", "label", "score", "sentiment"]


def test_a_text_that_breaks_the_pipeline_costs_no_other_row_its_score(nlp):
    rows = {"text": ["good", "explode", "bad", "explode", "good \ud800"]}
    with pytest.warns(UserWarning, match=r"3 of 5 texts .* the first, in row 1: .*it went off"):
        scored = score_frame(pandas.DataFrame(rows, dtype=object), nlp=nlp)
    assert [v if isinstance(v, str) else None for v in scored["label"]] == [
        "POSITIVE",
        None,
        "NEGATIVE",
        None,
        None,
    ]


def test_a_reader_is_read_as_it_is_asked_for(nlp):
    asked = []

    def batches():
        for n in range(100):
            asked.append(n)
            yield pyarrow.record_batch({"text": ["good" if n % 2 else "explode"]})

    reader = pyarrow.RecordBatchReader.from_batches(pyarrow.schema({"text": "string"}), batches())
    scored = score_frame(reader, nlp=nlp)
    with pytest.warns(UserWarning, match="in row 0:"):
        scored.read_next_batch()
    assert scored.read_next_batch()["label"].to_pylist() == ["POSITIVE"]
    with pytest.warns(UserWarning, match="in row 2:"):
        scored.read_next_batch()
    assert len(asked) < 6


@pytest.mark.parametrize(
    ("frame", "text", "message"),
    [
        ({"text": ["good"]}, "text", "builtins.dict: collect or convert it first"),
        (polars.DataFrame({"text": ["good"]}).lazy(), "text", "LazyFrame: collect"),
        (pandas.DataFrame({"a": ["good"], "b": [1]}), "text", 'no column "text": .* of a, b'),
        (pandas.DataFrame(), "text", "of none at all"),
        (polars.DataFrame({"text": [5]}), "text", 'column "text" has no text in row 0, but 5'),
        (pandas.DataFrame({"t": ["a", 2.5]}), "t", 'column "t" has no text in row 1, but 2.5'),
        (pyarrow.table({"text": [["good"]]}), "text", "has no text in row 0"),
        (polars.DataFrame({"text": ["a"], "score": [1]}), "text", 'column "score" .* prefix='),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_line(frame, text, message, nlp):
    with pytest.raises(InputError, match=message) as caught:
        score_frame(frame, text, nlp)
    assert "\n" not in str(caught.value)


@settings(max_examples=up_to(30))
@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_each_row_has_the_result_of_its_own_text(texts):
    nlp = shipped()
    scored = score_frame(polars.DataFrame({"text": texts}, schema={"text": polars.String}), nlp=nlp)
    for text, score in zip(texts, scored["score"], strict=True):
        doc = nlp(text or "")
        read = any(not token.is_space for token in doc)
        assert score == (pytest.approx(doc.cats["POSITIVE"], abs=1e-6) if read else None)


def test_the_shipped_pipeline_is_what_scores_by_default():
    scored = score_frame(polars.DataFrame({"text": ["A wonderful film.", "Dull and bad."]}))
    assert scored["label"].to_list() == ["POSITIVE", "NEGATIVE"]
