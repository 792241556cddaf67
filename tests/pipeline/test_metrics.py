import pytest
import spacy
from spacy.training import Example

from spacy_lstm_sentiment.pipeline.metrics import score_sentiment

LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL")


def example(predicted, gold):
    doc = spacy.blank("en")("x")
    eg = Example.from_dict(doc, {"cats": {label: float(label == gold) for label in LABELS}})
    eg.predicted.cats = predicted
    return eg


def test_accuracy_is_the_share_of_right_labels():
    examples = [
        example({"POSITIVE": 0.4, "NEGATIVE": 0.3, "NEUTRAL": 0.3}, "POSITIVE"),
        example({"POSITIVE": 0.1, "NEGATIVE": 0.2, "NEUTRAL": 0.7}, "NEUTRAL"),
        example({"POSITIVE": 0.1, "NEGATIVE": 0.2, "NEUTRAL": 0.7}, "NEGATIVE"),
        example({"POSITIVE": 0.5, "NEGATIVE": 0.1, "NEUTRAL": 0.4}, "NEGATIVE"),
    ]
    scores = score_sentiment(examples, labels=LABELS)
    assert scores["sentiment_acc"] == 0.5
    assert scores["cats_micro_f"] == pytest.approx(0.5)
    assert scores["cats_f_per_type"].keys() == set(LABELS)


def test_no_gold_labels():
    assert score_sentiment([], labels=LABELS)["sentiment_acc"] is None
    unlabelled = example({"POSITIVE": 1.0, "NEGATIVE": 0.0, "NEUTRAL": 0.0}, None)
    assert score_sentiment([unlabelled], labels=LABELS)["sentiment_acc"] is None
