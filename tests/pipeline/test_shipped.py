"""The shipped component, added to pipelines that know nothing of it."""

import pytest
import spacy
import srsly
from small_pipeline import make_vectors_nlp
from spacy.training import Example
from spacy.util import is_compatible_version, is_unconstrained_version

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError

TEXTS = ["I loved every minute of it!", "A complete waste of time.", "", "qwzx \u2019tis :-("]
CONFIG = {"neutral_band": 0.25, "attribute": "feeling"}


@pytest.fixture(scope="module")
def shipped():
    return spacy_lstm_sentiment.load()


@pytest.fixture(scope="module")
def added():
    """In a pipeline with vectors of its own of another width."""
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment_en", name="sentiment")
    return nlp


def cats(nlp, docs):
    return [doc.cats for doc in nlp.pipe(docs)]


def tokenized(shipped, nlp):
    """The words that the shipped pipeline reads, as documents of another vocab."""
    read = [shipped.make_doc(text) for text in TEXTS]
    spaces = [[bool(token.whitespace_) for token in doc] for doc in read]
    words = [[token.text for token in doc] for doc in read]
    make = spacy.tokens.Doc
    return [make(nlp.vocab, words=w, spaces=s) for w, s in zip(words, spaces, strict=True)]


@pytest.mark.parametrize("language", ["en", "de", "xx"])
def test_scores_are_those_of_the_shipped_pipeline(shipped, language):
    nlp = spacy.blank(language)
    nlp.add_pipe("lstm_sentiment_en")
    assert cats(nlp, tokenized(shipped, nlp)) == cats(shipped, TEXTS)


def test_the_vectors_of_the_pipeline_stay(shipped, added):
    assert cats(added, tokenized(shipped, added)) == cats(shipped, TEXTS)
    theirs, before = added.vocab.vectors, make_vectors_nlp().vocab.vectors
    assert theirs.to_bytes(exclude=["strings"]) == before.to_bytes(exclude=["strings"])


def test_the_vectors_of_the_vocab_stay_empty(tmp_path):
    """Also after texts were read, and in what is saved."""
    sourced = spacy.blank("en")
    sourced.add_pipe("lstm_sentiment", source=spacy_lstm_sentiment.load())
    blank = spacy.blank("fr")
    blank.add_pipe("lstm_sentiment_en")
    for number, nlp in enumerate((spacy_lstm_sentiment.load(), sourced, blank)):
        nlp.to_disk(tmp_path / str(number))
        for one in (nlp, spacy.load(tmp_path / str(number))):
            assert cats(one, TEXTS)[0]["POSITIVE"] > 0.5
            vectors = one.vocab.vectors
            assert (vectors.n_keys, vectors.size, one.vocab.vectors_length) == (0, 0, 0)


def test_it_is_saved_and_loaded(added, tmp_path):
    added.to_disk(tmp_path)
    expected = cats(added, TEXTS)
    assert cats(spacy.load(tmp_path), TEXTS) == expected
    again = spacy.blank("en")
    again.add_pipe("lstm_sentiment_en", name="sentiment")
    assert cats(again.from_bytes(added.to_bytes()), TEXTS) == expected


def test_settings(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_sentiment_en", config=CONFIG)
    nlp.to_disk(tmp_path)
    for one in (nlp, spacy.load(tmp_path)):
        assert one.get_pipe("lstm_sentiment_en").neutral_band == 0.25
        doc = one(TEXTS[0])
        assert doc._.feeling > 0.5
        assert doc._.feeling_label == "POSITIVE"


def test_initialising_a_pipeline_leaves_it_trained(added):
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat")
    component = nlp.add_pipe("lstm_sentiment_en", name="sentiment")
    example = Example.from_dict(nlp.make_doc("A goal!"), {"cats": {"SPORT": 1.0, "ART": 0.0}})
    nlp.initialize(lambda: [example])
    assert component.model.to_bytes() == added.get_pipe("sentiment").model.to_bytes()
    with pytest.raises(InputError, match="is trained, with the labels POSITIVE"):
        component.initialize(lambda: [], labels=["POSITIVE", "NEGATIVE", "MIXED"])


def test_labels_that_it_lacks_are_refused_at_once(added):
    component = added.get_pipe("sentiment")
    assert component.add_label("NEUTRAL") == 0
    with pytest.raises(InputError, match=r"for others .*source=spacy_lstm_sentiment.load\(\)"):
        component.add_label("MIXED")
    assert component.labels == ("POSITIVE", "NEGATIVE", "NEUTRAL")
    config = {"labels": ["POSITIVE", "NEGATIVE", "MIXED"]}
    with pytest.raises(InputError, match="does not know MIXED; it knows POSITIVE, NEGATIVE, NEUT"):
        spacy.blank("en").add_pipe("lstm_sentiment_en", config=config)


def test_a_sourced_component_takes_another_label_and_is_saved_with_it(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_sentiment", source=spacy_lstm_sentiment.load()).add_label("MIXED")
    nlp.to_disk(tmp_path)
    assert cats(spacy.load(tmp_path), TEXTS) == cats(nlp, TEXTS)
    assert set(nlp(TEXTS[0]).cats) == {"POSITIVE", "NEGATIVE", "NEUTRAL", "MIXED"}


def test_loading_takes_what_spacy_takes():
    config = {"components": {"lstm_sentiment": {"neutral_band": 0.9999}}}
    nlp = spacy_lstm_sentiment.load(config=config, vocab=spacy.blank("en").vocab)
    assert nlp("Fine.")._.sentiment_label == "NEUTRAL"
    assert spacy_lstm_sentiment.load(exclude="lstm_sentiment").pipe_names == []


@pytest.mark.parametrize("version", [f"3.8.{patch}" for patch in range(7, 19)])
def test_no_spacy_that_setup_takes_warns_of_the_shipped_pipeline(version):
    meta = srsly.read_json(spacy_lstm_sentiment.PRETRAINED / "meta.json")
    assert is_compatible_version(version, meta["spacy_version"])
    assert not is_unconstrained_version(meta["spacy_version"])
