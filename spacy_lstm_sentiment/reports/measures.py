"""How good predicted probabilities are, and how sure that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from spacy_lstm_sentiment.training.calibration import expected_calibration_error

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

N_RESAMPLES = 1000
TAILS = (2.5, 97.5)
LEAST_PROBABILITY = float(np.finfo(np.float32).eps)  # what a float32 next to 1 leaves
N_BINS = 10


@dataclass(frozen=True)
class Estimate:
    """A measure, and the ends of its 95% bootstrap interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def measure(probabilities: Floats, gold: Ints, labels: Sequence[str]) -> dict[str, float]:
    """Accuracy, precision, recall and F of each label, ROC AUC, log loss, Brier score and expected
    calibration error, by name.

    ROC AUC is the mean over the labels, which for two labels is that of either. The Brier score is
    half the squared error summed over the labels: for two labels, that of either's probability.

    probabilities: *Shape:* (n_documents, n_labels)
    gold: The column of each document's label. *Shape:* (n_documents,)
    """
    n_labels = len(labels)
    predicted = probabilities.argmax(axis=1)
    confusion = np.bincount(gold * n_labels + predicted, minlength=n_labels**2)
    confusion = confusion.reshape(n_labels, n_labels)
    right = np.diag(confusion)
    own = probabilities[np.arange(len(gold)), gold]
    measures = {"accuracy": right.sum() / len(gold)}
    with np.errstate(invalid="ignore"):  # a label without documents has no recall
        precision, recall = right / confusion.sum(axis=0), right / confusion.sum(axis=1)
        f_score = 2 * right / (confusion.sum(axis=0) + confusion.sum(axis=1))
    for column, label in enumerate(labels):
        measures[f"precision {label}"] = precision[column]
        measures[f"recall {label}"] = recall[column]
        measures[f"F {label}"] = f_score[column]
    squares = ((probabilities - np.eye(n_labels)[gold]) ** 2).sum(axis=1)
    areas = [roc_auc(probabilities[:, column], gold == column) for column in range(n_labels)]
    measures["ROC AUC"] = np.mean(areas)
    measures["log loss"] = -np.log(np.maximum(own, LEAST_PROBABILITY)).mean()
    measures["Brier score"] = squares.mean() / 2
    measures["expected calibration error"] = expected_calibration_error(probabilities, gold)
    return {name: float(value) for name, value in measures.items()}


def estimate(
    probabilities: Floats, gold: Ints, labels: Sequence[str], seed: int = 0
) -> dict[str, Estimate]:
    """Each measure with its percentile bootstrap interval, over resampled documents."""
    values = measure(probabilities, gold, labels)
    random = np.random.default_rng(seed)
    resampled = []
    for _ in tqdm(range(N_RESAMPLES), "resampling", disable=None):
        rows = random.integers(len(gold), size=len(gold))
        resampled.append(list(measure(probabilities[rows], gold[rows], labels).values()))
    table = np.array(resampled)
    estimates = {}
    for column, (name, value) in enumerate(values.items()):
        defined = table[~np.isnan(table[:, column]), column]
        low, high = np.percentile(defined, TAILS) if len(defined) else (np.nan, np.nan)
        estimates[name] = Estimate(value, float(low), float(high))
    return estimates


def roc_auc(scores: Floats, positive: Bools) -> float:
    """The area under the ROC curve; NaN where all documents are of one kind."""
    if positive.all() or not positive.any():
        return float("nan")
    from scipy.stats import rankdata

    # By ranks, as Mann and Whitney's U has it: resampling asks for it a thousand times.
    n = int(positive.sum())
    above = rankdata(scores)[positive].sum() - n * (n + 1) / 2
    return float(above / (n * (len(scores) - n)))


def roc_curve(scores: Floats, positive: Bools) -> tuple[Floats, Floats]:
    """False and true positive rates."""
    from sklearn import metrics

    false_rates, true_rates, _ = metrics.roc_curve(positive, scores)
    return false_rates, true_rates


def reliability(probabilities: Floats, gold: Ints) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and number of documents in bins of equal width, none empty."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    members = [bins == number for number in np.unique(bins)]
    return [(float(confidence[m].mean()), float(right[m].mean()), int(m.sum())) for m in members]


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test of two classifiers on the same documents.

    only_first, only_second: Documents that only one of them labels right.
    p_value: How probable so uneven a split, or a more uneven one, is if they are equally good.
    """

    only_first: int
    only_second: int
    p_value: float


def mcnemar(first_right: Bools, second_right: Bools) -> McNemar:
    """Compare which documents two classifiers label right."""
    from scipy.stats import binomtest

    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    n = only_first + only_second
    p_value = binomtest(only_first, n, 0.5).pvalue if n else 1.0
    return McNemar(only_first, only_second, float(p_value))


def quantile_edges(values: Iterable[float], n_groups: int = 5) -> list[float]:
    """Ends of groups of about equal size, the last value of each."""
    shares = np.linspace(0, 1, n_groups + 1)[1:]
    return sorted({float(edge) for edge in np.quantile(list(values), shares, method="higher")})
