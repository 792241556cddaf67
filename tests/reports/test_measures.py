import numpy as np
import pytest
from scipy.stats import chi2
from sklearn import metrics

from spacy_lstm_sentiment.reports.intervals import wilson_interval
from spacy_lstm_sentiment.reports.measures import (
    estimate,
    mcnemar,
    measure,
    reliability,
    roc_auc,
)

LABELS = ("POSITIVE", "NEGATIVE")


def make_predictions(n, labels=LABELS, seed=0):
    """Probabilities that are somewhat better than chance."""
    random = np.random.default_rng(seed)
    gold = random.integers(len(labels), size=n)
    logits = random.normal(size=(n, len(labels))) + 1.5 * np.eye(len(labels))[gold]
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), gold


@pytest.mark.parametrize("labels", [LABELS, (*LABELS, "NEUTRAL")])
def test_measures_are_those_of_scikit_learn(labels):
    probabilities, gold = make_predictions(300, labels)
    predicted = probabilities.argmax(axis=1)
    measures = measure(probabilities, gold, labels)
    assert measures["accuracy"] == metrics.accuracy_score(gold, predicted)
    scores = metrics.precision_recall_fscore_support(gold, predicted)
    for column, label in enumerate(labels):
        for name, values in zip(("precision", "recall", "F"), scores[:3], strict=True):
            assert measures[f"{name} {label}"] == pytest.approx(values[column])
    assert measures["log loss"] == pytest.approx(metrics.log_loss(gold, probabilities))
    brier = metrics.brier_score_loss(
        gold if len(labels) > 2 else gold == 1,
        probabilities if len(labels) > 2 else probabilities[:, 1],
        scale_by_half=True,
        **({"labels": range(len(labels))} if len(labels) > 2 else {}),
    )
    assert measures["Brier score"] == pytest.approx(brier)
    area = metrics.roc_auc_score(
        gold, probabilities if len(labels) > 2 else probabilities[:, 1], multi_class="ovr"
    )
    assert measures["ROC AUC"] == pytest.approx(area)


def test_a_label_without_documents_has_no_recall():
    measures = measure(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 0]), LABELS)
    assert measures["accuracy"] == 1.0
    assert np.isnan(measures["recall NEGATIVE"])
    assert np.isnan(measures["ROC AUC"])


def test_a_probability_of_zero_has_a_finite_loss():
    measures = measure(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1, 1]), LABELS)
    assert 5 < measures["log loss"] < 20


def test_intervals_hold_the_value_and_narrow_with_more_documents():
    few, many = (estimate(*make_predictions(n), LABELS) for n in (50, 2000))
    for name, one in many.items():
        assert one.low <= one.value <= one.high
        if name != "expected calibration error":  # which is biased upwards in small samples
            assert one.high - one.low < few[name].high - few[name].low
    # The bootstrap's interval of a share is about the normal one.
    accuracy = many["accuracy"]
    width = 2 * 1.96 * (accuracy.value * (1 - accuracy.value) / 2000) ** 0.5
    assert accuracy.high - accuracy.low == pytest.approx(width, rel=0.15)


def test_intervals_are_the_same_every_time():
    predictions = make_predictions(60)
    assert estimate(*predictions, LABELS) == estimate(*predictions, LABELS)


def test_area_of_one_kind_of_documents():
    assert np.isnan(roc_auc(np.array([0.1, 0.2]), np.array([True, True])))
    assert roc_auc(np.array([0.1, 0.2]), np.array([False, True])) == 1.0


def test_reliability_bins():
    probabilities = np.array([[0.95, 0.05], [0.91, 0.09], [0.45, 0.55], [1.0, 0.0]])
    bins = reliability(probabilities, np.array([0, 1, 1, 0]))
    assert [size for _, _, size in bins] == [1, 3]
    assert bins[0][:2] == pytest.approx((0.55, 1.0))
    assert bins[1][:2] == pytest.approx((0.95333, 2 / 3), abs=1e-4)


def test_mcnemar_is_exact():
    """10 against 2 of 12: twice the binomial tail (1 + 12 + 66) / 4096."""
    first = np.array([True] * 10 + [False] * 2 + [True] * 50 + [False] * 7)
    second = np.array([False] * 10 + [True] * 2 + [True] * 50 + [False] * 7)
    test = mcnemar(first, second)
    assert (test.only_first, test.only_second) == (10, 2)
    assert test.p_value == pytest.approx(2 * 79 / 4096)
    assert mcnemar(second, first).p_value == pytest.approx(test.p_value)
    assert mcnemar(first, first).p_value == 1.0


def test_mcnemar_is_near_the_chi_square_of_many():
    random = np.random.default_rng(0)
    first, second = random.random(5000) < 0.8, random.random(5000) < 0.78
    test = mcnemar(first, second)
    b, c = test.only_first, test.only_second
    assert test.p_value == pytest.approx(chi2.sf((abs(b - c) - 1) ** 2 / (b + c), 1), rel=0.05)


def test_wilson():
    low, high = wilson_interval(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
