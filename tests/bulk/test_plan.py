import json

import pytest
import spacy
from examples import up_to
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_lstm_sentiment.bulk import scorer
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.scorer import Scorer, ScoringOptions
from spacy_lstm_sentiment.bulk.shards import Shard
from spacy_lstm_sentiment.bulk.sinks.formats import JsonFormat
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import BadRecord, Record

BAD = BadRecord("a.jsonl", 0, "?", "broken: mend it")


def record(text, line: int = 1) -> Record:
    return Record("a.jsonl", line, f"raw {text}", {"line": line, "text": text})


def score(nlp, records, **reading) -> tuple[list[dict], list[dict]]:
    """The rows and the rejects of a shard of these records."""
    asked = ScoringOptions(**reading)
    plan = Plan(RowOptions("text", asked), JsonFormat(asked.columns), asked.columns)
    scored = plan.apply(plan.scorer(nlp), Shard(7, list(records)))
    assert scored.place == Place(7, 7 + len(records), is_last=False)
    rows, rejects = (
        [json.loads(line) for line in lines.splitlines()] for lines in (scored.rows, scored.rejects)
    )
    assert (scored.summary.n_scored, scored.summary.n_rejected) == (len(rows), len(rejects))
    return rows, rejects


def labels(rows: list[dict]) -> list[str]:
    return [row["label"] for row in rows]


def test_scores_are_those_of_the_pipeline(nlp):
    rows, rejects = score(nlp, map_records("good good", "bad", "so", "a good, bad film"))
    assert [(row["label"], row["score"], row["sentiment"]) for row in rows] == [
        ("POSITIVE", 0.833333, 0.666667),
        ("NEGATIVE", 0.25, -0.5),
        ("POSITIVE", 0.5, 0.0),
        ("POSITIVE", 0.5, 0.0),
    ]
    assert not rejects


def map_records(*texts) -> list[Record]:
    return [record(text, line) for line, text in enumerate(texts)]


def test_the_label_can_be_any_of_the_pipelines():
    @spacy.Language.component("three_labels")
    def three_labels(doc):
        doc.cats = {"NEGATIVE": 0.1, "POSITIVE": 0.2, "NEUTRAL": 0.7}
        return doc

    three = spacy.blank("en")
    three.add_pipe("three_labels")
    ((row,), _) = score(three, [record("so-so")])
    assert (row["label"], row["score"], row["sentiment"]) == ("NEUTRAL", 0.2, 0.1)


def test_a_neutral_band_can_be_asked_for(nlp):
    rows, _ = score(nlp, map_records("good", "good good good"), neutral_band=0.6)
    assert labels(rows) == ["NEUTRAL", "POSITIVE"]


@settings(max_examples=up_to(30))
@given(
    kinds=st.lists(st.sampled_from(["good", "bad", "explode", "null", "unread"]), max_size=30),
    batch_size=st.integers(1, 8),
)
def test_every_record_comes_out_once_in_its_place(nlp, kinds, batch_size):
    texts = {"null": None}
    records = [
        BadRecord("a.jsonl", line, "?", "broken: mend it")
        if kind == "unread"
        else record(texts.get(kind, kind), line)
        for line, kind in enumerate(kinds)
    ]
    rows, rejects = score(nlp, records, batch_size=batch_size)
    good = [line for line, kind in enumerate(kinds) if kind in ("good", "bad")]
    assert [row["line"] for row in rows] == good
    assert labels(rows) == ["POSITIVE" if kinds[line] == "good" else "NEGATIVE" for line in good]
    assert [(row["line"], row["raw"]) for row in rejects] == [
        (line, row.raw) for line, row in enumerate(records) if line not in good
    ]


def test_what_is_wrong_with_a_record_is_said(nlp):
    long = "x" * (nlp.max_length + 1)
    _, rejects = score(nlp, [*map_records("explode", long, None), BAD])
    assert [reject["reason"] for reject in rejects] == [
        "the pipeline failed: RuntimeError: it went off",
        "longer than the pipeline's max_length: 1,000,001 characters, not 1,000,000;"
        " split the text",
        'no text: field "text" is null',
        "broken: mend it",
    ]


def test_rejects_can_have_the_id_of_their_row(nlp):
    asked = ScoringOptions()
    plan = Plan(
        RowOptions("text", asked, id_field="line"), JsonFormat(asked.columns), asked.columns
    )
    scored = plan.apply(plan.scorer(nlp), Shard(0, [record("explode", 12), BAD]))
    ids = [json.loads(line).get("id") for line in scored.rejects.splitlines()]
    assert ids == [12, None]


def test_sentences_are_rows_of_their_own(trained_nlp):
    nlp = trained_nlp
    text = "I loved this wonderful film! Boring, dull and dreadful."
    nlp.add_pipe("sentencizer", first=True)
    try:
        rows, _ = score(nlp, map_records(text), per_sentence=True)
    finally:
        nlp.remove_pipe("sentencizer")
    assert [(row["line"], row["sentence"], row["sentence_text"]) for row in rows] == [
        (0, 0, "I loved this wonderful film!"),
        (0, 1, "Boring, dull and dreadful."),
    ]
    assert labels(rows)[:2] == ["POSITIVE", "NEGATIVE"]
    assert rows[0]["text"] == text


def test_the_words_that_contribute_most(trained_nlp):
    rows, _ = score(trained_nlp, map_records("I loved this wonderful film!"), explain=2)
    assert {word for word, _ in rows[0]["words"]} == {"loved", "wonderful"}
    assert all(contribution > 0 for _, contribution in rows[0]["words"])


def test_words_without_a_vector_are_counted(trained_nlp):
    asked = ScoringOptions()
    plan = Plan(RowOptions("text", asked), JsonFormat(asked.columns), asked.columns)
    scored = plan.apply(plan.scorer(trained_nlp), Shard(0, [record("Loved zyxwv, 3 !")]))
    assert (scored.summary.n_words, scored.summary.n_unknown) == (2, 1)


def test_a_pipeline_that_drops_documents_without_a_word_moves_no_scores(nlp):
    class Dropping:
        def __call__(self, doc):
            return nlp.get_pipe("word_sentiment")(doc)

        def pipe(self, docs, batch_size):
            yield from (self(doc) for doc in docs if "skip" not in doc.text)

    @spacy.Language.factory("dropping")
    def make_dropping(nlp, name):
        return Dropping()

    dropping = spacy.blank("en")
    dropping.add_pipe("dropping")
    rows, _ = score(dropping, map_records("good", "skip bad", "good"))
    assert labels(rows) == ["POSITIVE", "NEGATIVE", "POSITIVE"]


def test_a_score_that_is_no_number_is_a_reject():
    @spacy.Language.component("not_a_number")
    def not_a_number(doc):
        value = float("nan") if "nan" in doc.text else 0.5
        doc.cats = {"POSITIVE": 0.5, "NEGATIVE": value}
        return doc

    broken = spacy.blank("en")
    broken.add_pipe("not_a_number")
    (scored,), (bad,) = score(broken, map_records("fine", "nan"))
    assert scored["score"] == 0.5
    assert bad["reason"] == "the pipeline failed: ValueError: the sentiment is nan"


def test_memory_zones_begin_once_the_usual_words_are_known(monkeypatch):
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment")
    monkeypatch.setattr(scorer, "WARM_UP", 100)
    score = Scorer(nlp, ScoringOptions())
    known = []
    for start in range(0, 500, 50):
        score([f"good word{n}" for n in range(start, start + 50)])
        known.append(len(nlp.vocab.strings))
    assert known[1] > known[0]
    assert set(known[2:]) == {known[1]}


def test_pipelines_that_cannot_score():
    with pytest.raises(InputError, match="gives the labels none, and has to give POSITIVE and"):
        Scorer(spacy.blank("en"), ScoringOptions()).check()
    untrained = spacy.blank("en")
    untrained.add_pipe("textcat")
    with pytest.raises(InputError, match="the pipeline cannot be used: ValueError: "):
        Scorer(untrained, ScoringOptions()).check()
