"""Every numeric setting refuses nonsense, in one line that names the setting and the value."""

import math

import pytest
import spacy
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.lstm_encoder import LSTMEncoder
from spacy_lstm_sentiment.models.ngrams import NgramBag
from spacy_lstm_sentiment.models.static_vectors import StaticVectors
from spacy_lstm_sentiment.models.text_classifier import TextClassifier
from spacy_lstm_sentiment.models.word_table import WordTable
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.training.batching import batch_by_length
from spacy_lstm_sentiment.training.calibration import calibrate
from spacy_lstm_sentiment.training.corpus import ReviewCorpus
from spacy_lstm_sentiment.training.segments import SegmentCorpus

NO_NUMBERS = [math.nan, math.inf, -math.inf, "0", "much", True, [1], {}]
COUNTS = [*NO_NUMBERS, -1, 1.5]
SHARES = [*NO_NUMBERS, -0.1, 1.0, 2]
UNITS = [*NO_NUMBERS, -0.1, 1.1]


def embedded(**settings):
    return TextClassifier(StaticVectors(), ["max"], **settings)


def component(**settings):
    return LSTMSentiment(spacy.blank("en").vocab, embedded(), "mood", **settings)


def shipped(**settings):
    return spacy.blank("en").add_pipe("lstm_sentiment_en", config=settings)


def calibration(**settings):
    return calibrate(spacy_lstm_sentiment.load(), [], **settings)


def batches(**settings):
    return batch_by_length(**{"size": 8, "max_documents": 8, **settings})


TABLE = [
    (LSTMEncoder, "LSTMEncoder", {"width": [*COUNTS, 0, None], "depth": [*COUNTS, 0, None]}),
    (lambda **settings: LSTMEncoder(8, **settings), "LSTMEncoder", {"dropout": SHARES}),
    (
        StaticVectors,
        "StaticVectors",
        {"word_dropout": SHARES, "embedding_dropout": SHARES},
    ),
    (WordTable, "WordTable", {"word_dropout": [*SHARES, None], "embedding_dropout": SHARES}),
    (NgramBag, "NgramBag", {"width": [*COUNTS, 0], "ngram_size": [*COUNTS, 0]}),
    (NgramBag, "NgramBag", {"rows": [*COUNTS, 0, 1, 3, 1000], "dropout": SHARES}),
    (embedded, "TextClassifier", {"dropout": SHARES, "max_length": COUNTS, "nO": [*COUNTS, 0]}),
    (batches, "batch_by_length", {"size": COUNTS, "max_documents": COUNTS, "buffer": [*COUNTS, 0]}),
    (
        lambda **settings: SegmentCorpus(None, **settings),
        "SegmentCorpus",
        {"max_length": [*COUNTS, 0, 1], "seed": COUNTS},
    ),
    (
        lambda **settings: ReviewCorpus("corpus", **settings),
        "ReviewCorpus",
        {"dev_size": COUNTS, "limit": COUNTS, "seed": COUNTS},
    ),
    (calibration, "calibrate", {"batch_size": [-1, 0, math.nan, "8"]}),
    (component, "[mood]", {"neutral_band": UNITS, "threshold": UNITS}),
    (shipped, "[lstm_sentiment_en]", {"neutral_band": [-0.1, 1.1]}),
]
CASES = [
    (make, owner, name, value)
    for make, owner, settings in TABLE
    for name, values in settings.items()
    for value in values
]


def assert_refused(owner, name, value, call):
    with pytest.raises(InputError) as error:
        call()
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(owner)
    assert f"{name} {value!r} has to be " in message


@pytest.mark.parametrize(("make", "owner", "name", "value"), CASES)
def test_nonsense_is_refused(make, owner, name, value):
    settings = {"width": 8, name: value} if make is LSTMEncoder else {name: value}
    assert_refused(owner, name, value, lambda: make(**settings))


@pytest.mark.parametrize(
    ("owner", "block", "name", "value"),
    [
        ("LSTMEncoder", ("tok2vec", "encode"), "width", -2),
        ("LSTMEncoder", ("tok2vec", "encode"), "depth", 0),
        ("LSTMEncoder", ("tok2vec", "encode"), "dropout", 1.5),
        ("WordTable", ("tok2vec", "embed"), "word_dropout", -0.5),
        ("WordTable", ("tok2vec", "embed"), "embedding_dropout", 1),
        ("TextClassifier", (), "dropout", 1.0),
        ("TextClassifier", (), "max_length", -1),
    ],
)
def test_nonsense_in_a_config_is_refused(owner, block, name, value):
    config = {"model": {name: value}}
    for key in reversed(block):
        config["model"] = {key: config["model"]}
    nlp = spacy.blank("en")
    assert_refused(owner, name, value, lambda: nlp.add_pipe("lstm_sentiment", config=config))


@pytest.mark.parametrize("name", ["width", "depth", "dropout"])
def test_what_is_usual_is_not_refused(name):
    """Also numpy's numbers, as a search for settings passes them."""
    numpy = pytest.importorskip("numpy")
    settings = {"width": numpy.int64(8), "depth": numpy.int32(1), "dropout": numpy.float32(0.5)}
    assert LSTMEncoder(**{"width": 8, name: settings[name]}).get_dim("nO") == 8
    assert embedded(dropout=0, max_length=0, nO=2).get_dim("nO") == 2
    assert component(neutral_band=1, threshold=0).neutral_band == 1


# class_weights


@pytest.mark.parametrize("weight", [*NO_NUMBERS, -1, None])
@pytest.mark.parametrize("label", ["POSITIVE", "NEUTRAL"])
def test_class_weights_are_numbers(weight, label):
    name = f"class_weights: {label}"
    weights = {"NEGATIVE": 1.0, label: weight}
    assert_refused("[mood]", name, weight, lambda: component(class_weights=weights))


@pytest.mark.parametrize("weights", ["even", 2, -1.0, ["POSITIVE"], math.nan])
def test_class_weights_of_another_kind(weights):
    assert_refused("[mood]", "class_weights", weights, lambda: component(class_weights=weights))


@pytest.mark.parametrize("weights", [{"POSITVE": 2.0}, {"POSITIVE": 1, "NEUTRAL": 0.5, "": 2}])
def test_class_weights_of_unknown_labels_are_refused_at_initialisation(weights):
    nlp = make_vectors_nlp()
    config = {"model": SMALL_MODEL, "class_weights": weights}
    nlp.add_pipe("lstm_sentiment", config=config)
    with pytest.raises(InputError, match=r"class_weights: .*none of the labels POSITIVE, NEG"):
        nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"NEGATVE": 3.0}, "class_weights: NEGATVE is none of the labels POSITIVE, NEGATIVE"),
        ("balanced", 'class_weights = "balanced" counts the labels .* and has counted none'),
    ],
)
def test_class_weights_of_a_trained_component_are_for_its_labels(trained_nlp, weights, said):
    """Which is not initialised again: another config for it has to fit all the same."""
    nlp = trained_again(trained_nlp, weights)
    with pytest.raises(InputError, match=said):
        nlp.update(make_examples(nlp), sgd=nlp.resume_training())


@pytest.mark.parametrize("weights", [None, {}, {"NEGATIVE": 3.0}])
def test_class_weights_of_a_trained_component_that_are_right(trained_nlp, weights):
    nlp = trained_again(trained_nlp, weights)
    assert nlp.update(make_examples(nlp), sgd=nlp.resume_training())["lstm_sentiment"] >= 0


def trained_again(trained_nlp, weights):
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL, "class_weights": weights})
    return nlp.from_bytes(trained_nlp.to_bytes())


@pytest.mark.parametrize("weights", [None, "balanced", {}, {"POSITIVE": 0, "NEGATIVE": 2.5}])
def test_class_weights_that_are_right(weights):
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL, "class_weights": weights})
    nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["POSITIVE", "NEGATIVE", "POSITIVE"], "named once each"),
        (["POSITIVE"], "have to include POSITIVE and NEGATIVE"),
        ([], "have to include POSITIVE and NEGATIVE"),
    ],
)
@pytest.mark.parametrize("factory", ["lstm_sentiment", "lstm_sentiment_en"])
def test_labels_that_are_none(factory, labels, said):
    with pytest.raises(InputError, match=rf"\[mood\] labels .*{said}"):
        spacy.blank("en").add_pipe(factory, name="mood", config={"labels": labels})


# Set on the component


@pytest.mark.parametrize(
    ("attribute", "setting", "value"),
    [
        ("neutral_band", "neutral_band", 0.2),
        ("neutral_band", "neutral_band", math.nan),
        ("neutral_band", "neutral_band", -1),
        ("class_weights", "class_weights", "balanced"),
        ("attribute", "attribute", "mood"),
        ("said_labels", "labels", ("POSITIVE", "NEGATIVE")),
    ],
)
@pytest.mark.parametrize("factory", ["lstm_sentiment", "lstm_sentiment_en"])
def test_settings_are_not_changed_where_they_would_not_be_saved(factory, attribute, setting, value):
    pipe = spacy.blank("en").add_pipe(factory)
    before = getattr(pipe, attribute)
    with pytest.raises(InputError) as error:
        setattr(pipe, attribute, value)
    assert f"[{factory}] {setting} is a setting of the config" in str(error.value)
    assert "\n" not in str(error.value)
    assert getattr(pipe, attribute) == before
