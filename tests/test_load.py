"""The pipeline that ships."""

import pytest

import spacy_lstm_sentiment


@pytest.fixture(scope="module")
def nlp():
    return spacy_lstm_sentiment.load()


def test_clear_sentences_score_as_anyone_would_say(nlp):
    praise = [
        "An excellent film, one of the best I have seen in years.",
        "I loved every minute of it, and the acting is superb.",
        "Highly recommended!",
    ]
    blame = [
        "A complete waste of time, boring and badly acted.",
        "The worst film of the year. Awful script, terrible dialogue.",
        "I hated it.",
    ]
    assert [doc._.sentiment_label for doc in nlp.pipe(praise)] == ["POSITIVE"] * 3
    assert [doc._.sentiment_label for doc in nlp.pipe(blame)] == ["NEGATIVE"] * 3


def test_text_that_says_nothing_gets_probabilities(nlp):
    for doc in nlp.pipe(["", "   ", "qwzx vbnm", "1 2 3"]):
        assert sum(doc.cats.values()) == pytest.approx(1.0)


def test_markup_of_web_pages_changes_nothing(nlp):
    marked = nlp("I loved it.<br /><br />Tom &amp; Ann did, too.")
    assert marked.cats == pytest.approx(nlp("I loved it.\nTom & Ann did, too.").cats)


def test_says_what_it_was_made_of(nlp):
    assert nlp.meta["license"]
    names = {source["name"] for source in nlp.meta["sources"]}
    assert {"Large Movie Review Dataset v1.0", "GloVe 6B", "Opinion lexicon"} <= names
    assert all(source["license"] for source in nlp.meta["sources"])
    assert nlp.meta["performance"]["sentiment_acc"] > 0.8


def test_is_small():
    files = [path for path in spacy_lstm_sentiment.PRETRAINED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 20_000_000
