from itertools import islice

import pytest
import spacy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy import Language

from spacy_lstm_sentiment.bulk import engine
from spacy_lstm_sentiment.bulk.engine import ScoredRecord, Scores, score_records
from spacy_lstm_sentiment.bulk.sources import BadRecord, Record
from spacy_lstm_sentiment.errors import InputError

BAD = BadRecord("a.jsonl", 0, "?", "broken: mend it")


def record(text, line: int = 1) -> Record:
    return Record("a.jsonl", line, f"raw {text}", {"text": text})


def test_scores_are_those_of_the_pipeline(nlp):
    records = [record(text) for text in ("good good", "bad", "", "a good, bad film")]
    assert list(score_records(nlp, records)) == [
        ScoredRecord(records[0], Scores("POSITIVE", 0.833333, 0.666667)),
        ScoredRecord(records[1], Scores("NEGATIVE", 0.25, -0.5)),
        ScoredRecord(records[2], Scores("POSITIVE", 0.5, 0.0)),
        ScoredRecord(records[3], Scores("POSITIVE", 0.5, 0.0)),
    ]


def test_the_label_can_be_any_of_the_pipelines(nlp):
    @Language.component("three_labels")
    def three_labels(doc):
        doc.cats = {"NEGATIVE": 0.1, "POSITIVE": 0.2, "NEUTRAL": 0.7}
        return doc

    three = spacy.blank("en")
    three.add_pipe("three_labels")
    (result,) = score_records(three, [record("so-so")])
    assert result.scores == Scores("NEUTRAL", 0.2, 0.1)


@settings(max_examples=30, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["good", "bad", "explode", "null", "unread"]), max_size=30),
    batch_size=st.integers(1, 8),
)
def test_every_record_comes_out_once_in_its_place(nlp, kinds, batch_size):
    unread = {"unread": BAD}
    texts = {"null": None}
    records = [
        unread.get(kind) or record(texts.get(kind, kind), line) for line, kind in enumerate(kinds)
    ]
    results = list(score_records(nlp, records, batch_size=batch_size))
    assert len(results) == len(records)
    for kind, given_record, result in zip(kinds, records, results, strict=True):
        if kind in ("good", "bad"):
            assert result.record is given_record
            assert result.scores.label == ("POSITIVE" if kind == "good" else "NEGATIVE")
        else:
            assert isinstance(result, BadRecord)
            assert (result.line, result.raw) == (given_record.line, given_record.raw)


def test_what_is_wrong_with_a_record_is_said(nlp):
    long = "x" * (nlp.max_length + 1)
    records = [record("explode"), record(long), record(None), BAD]
    assert [result.reason for result in score_records(nlp, records)] == [
        "the pipeline failed: RuntimeError: it went off",
        "longer than the pipeline's max_length: 1,000,001 characters, not 1,000,000;"
        " split the text",
        'field "text" is no text: it has to be a string, not null',
        "broken: mend it",
    ]


def test_a_pipeline_that_drops_documents_without_a_word_moves_no_scores(nlp):
    class Dropping:
        def __call__(self, doc):
            return nlp.get_pipe("word_sentiment")(doc)

        def pipe(self, docs, batch_size):
            yield from (self(doc) for doc in docs if "skip" not in doc.text)

    @Language.factory("dropping")
    def make_dropping(nlp, name):
        return Dropping()

    dropping = spacy.blank("en")
    dropping.add_pipe("dropping")
    results = score_records(dropping, [record("good"), record("skip bad"), record("good")])
    assert [result.scores.label for result in results] == ["POSITIVE", "NEGATIVE", "POSITIVE"]


def test_a_score_that_is_no_number_is_a_reject():
    @Language.component("not_a_number")
    def not_a_number(doc):
        value = float("nan") if "nan" in doc.text else 0.5
        doc.cats = {"POSITIVE": 0.5, "NEGATIVE": value}
        return doc

    broken = spacy.blank("en")
    broken.add_pipe("not_a_number")
    scored, bad = score_records(broken, [record("fine"), record("nan")])
    assert scored.scores.score == 0.5
    assert bad.reason == "the pipeline failed: ValueError: the sentiment is nan"


@pytest.mark.parametrize("n_process", [1, 2])
def test_no_more_is_read_than_a_few_batches(nlp, n_process):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield record("good") if taken % 2 else BAD

    results = score_records(nlp, endless(), batch_size=10, n_process=n_process)
    assert len(list(islice(results, 1000))) == 1000
    results.close()
    assert taken <= 1000 + 10 * (2 * n_process + 1)


def test_memory_zones_begin_once_the_usual_words_are_known(monkeypatch):
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment")
    monkeypatch.setattr(engine, "WARM_UP", 100)
    known = []
    records = (record(f"good word{n}") for n in range(500))
    for n, result in enumerate(score_records(nlp, records, batch_size=50), 1):
        assert result.scores.label == "POSITIVE"
        if n % 50 == 0:
            known.append(len(nlp.vocab.strings))
    assert known[1] > known[0]
    assert set(known[2:]) == {known[1]}


def test_processes_give_what_one_gives(nlp):
    n_threads = torch.get_num_threads()
    records = [record(text, n) for n, text in enumerate(["good", "bad", "explode", None] * 25)]
    alone = list(score_records(nlp, records, batch_size=7))
    assert list(score_records(nlp, records, batch_size=7, n_process=2)) == alone
    assert sum(isinstance(result, ScoredRecord) for result in alone) == 50
    assert torch.get_num_threads() == n_threads


def test_processes_use_one_torch_thread(nlp):
    @Language.component("count_threads")
    def count_threads(doc):
        doc.cats = {"POSITIVE": 1 / torch.get_num_threads(), "NEGATIVE": 0.0}
        return doc

    counting = spacy.blank("en")
    counting.add_pipe("count_threads")
    n_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        (result,) = score_records(counting, [record("text")], n_process=2)
        assert result.scores.score == 1.0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(n_threads)


def test_a_killed_process_is_an_error_with_a_remedy(nlp):
    results = score_records(nlp, [record("good"), record("die")], batch_size=1, n_process=2)
    with pytest.raises(ChildProcessError, match="a worker process was killed"):
        list(results)


def test_pipelines_that_cannot_score():
    with pytest.raises(InputError, match="gives the labels none, and has to give POSITIVE and"):
        score_records(spacy.blank("en"), [])
    untrained = spacy.blank("en")
    untrained.add_pipe("textcat")
    with pytest.raises(InputError, match="the pipeline cannot be used: ValueError: "):
        score_records(untrained, [])
