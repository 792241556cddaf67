import numpy as np
import pytest
import spacy
from small_pipeline import REVIEWS
from spacy.tokens import Doc

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.distillation import (
    label_documents,
    ngram_teacher,
    pipeline_teacher,
    sample_sentences,
)
from spacy_lstm_sentiment.training.ngram_teacher import NgramTeacher, ngrams

NLP = spacy.blank("en")
TEXTS = [text for text, _ in REVIEWS]


def docs_of(texts):
    return [NLP.make_doc(text) for text in texts]


def constant_teacher(positive, neutral=None):
    """A pipeline that gives every document the same probabilities."""
    nlp = spacy.blank("en")
    cats = {"POSITIVE": positive, "NEGATIVE": 1.0 - positive - (neutral or 0.0)}
    if neutral is not None:
        cats["NEUTRAL"] = neutral
    name = f"constant_{len(spacy.registry.factories.get_all())}"

    @spacy.Language.component(name)
    def constant(doc: Doc) -> Doc:
        doc.cats = dict(cats)
        return doc

    nlp.add_pipe(name)
    return pipeline_teacher(nlp)


@pytest.fixture(scope="module")
def ngrams_of_reviews():
    return NgramTeacher(docs_of(TEXTS * 3), [label for _, label in REVIEWS] * 3)


def test_cats_are_the_mean_of_the_teachers_log_odds():
    docs = docs_of(TEXTS)
    # Odds of 9 and of 1: the geometric mean is 3.
    label_documents(docs, [constant_teacher(0.9), constant_teacher(0.5)], batch_size=4)
    for doc in docs:
        assert doc.cats == pytest.approx({"POSITIVE": 0.75, "NEGATIVE": 0.25})


def test_neutral_is_what_those_say_who_know_it():
    (doc,) = docs_of(TEXTS[:1])
    # Of what is not neutral, odds of 4 and of 1: the geometric mean is 2.
    label_documents([doc], [constant_teacher(0.4, neutral=0.5), constant_teacher(0.5)])
    assert doc.cats == pytest.approx({"POSITIVE": 1 / 3, "NEGATIVE": 1 / 6, "NEUTRAL": 0.5})
    # Odds of 4 and of 1 again, for NEUTRAL against the other two.
    label_documents([doc], [constant_teacher(0.1, neutral=0.8), constant_teacher(0.25, 0.5)])
    assert doc.cats == pytest.approx({"POSITIVE": 1 / 6, "NEGATIVE": 1 / 6, "NEUTRAL": 2 / 3})


def test_a_teacher_that_is_certain_does_not_silence_the_others():
    (doc,) = docs_of(TEXTS[:1])
    label_documents([doc], [constant_teacher(1.0), constant_teacher(0.0)])
    assert doc.cats["POSITIVE"] == pytest.approx(0.5)


def test_a_trained_pipeline_teaches_what_it_thinks(trained_nlp):
    docs = docs_of(TEXTS)
    label_documents(docs, [pipeline_teacher(trained_nlp)])
    for doc in docs:
        assert doc.cats == pytest.approx(trained_nlp(doc.text).cats, abs=1e-6)


def test_ngram_teacher_knows_words_and_their_order(ngrams_of_reviews):
    chances = ngrams_of_reviews.predict(docs_of(TEXTS))
    assert [chance > 0.5 for chance in chances] == [label == "POSITIVE" for _, label in REVIEWS]
    assert ngrams(NLP.make_doc("Not\ngood . ")) == [
        "not",
        "good",
        ".",
        "not good",
        "good .",
        "not good .",
    ]
    assert np.isfinite(ngrams_of_reviews.predict(docs_of(["", "words it never saw"]))).all()


def test_ngram_teacher_counts_as_one_of_the_teachers(ngrams_of_reviews):
    docs = docs_of(TEXTS)
    label_documents(docs, [constant_teacher(0.5), ngram_teacher(ngrams_of_reviews)])
    chances = ngrams_of_reviews.predict(docs)
    odds = np.sqrt(chances / (1.0 - chances))
    expected = odds / (1.0 + odds)
    assert [doc.cats["POSITIVE"] for doc in docs] == pytest.approx(expected.tolist())


def test_teachers_that_cannot_teach():
    with pytest.raises(InputError, match="no teacher"):
        label_documents(docs_of(TEXTS), [])
    mute = spacy.blank("en", meta={"name": "mute"})
    with pytest.raises(InputError, match="mute gives the labels none"):
        label_documents(docs_of(TEXTS), [pipeline_teacher(mute)])
    with pytest.raises(InputError, match="needs documents labelled POSITIVE and NEGATIVE"):
        NgramTeacher(docs_of(TEXTS), ["POSITIVE"] * len(TEXTS))


def test_sentences_are_cut_at_their_ends():
    docs = docs_of(["It was fun. Was it good? Yes!\nI really loved it", "", "no"])
    sentences = sample_sentences(docs, 10)
    assert [doc.text.strip() for doc in sentences] == [
        "It was fun.",
        "Was it good?",
        "I really loved it",
    ]


def test_sentences_are_a_sample_that_the_seed_chooses():
    docs = docs_of([f"This is sentence {n}. It is short." for n in range(50)])
    some = [doc.text for doc in sample_sentences(docs, 20, seed=1)]
    assert len(set(some)) > 10
    assert some == [doc.text for doc in sample_sentences(docs, 20, seed=1)]
    assert some != [doc.text for doc in sample_sentences(docs, 20, seed=2)]
