"""Evaluation of predicted sentiment."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.scorer import Scorer
from spacy.training import Example

Cats = dict[str, float]


def make_sentiment_scorer() -> Callable[..., dict[str, Any]]:
    """The scorer that the component uses unless its config names another."""
    return score_sentiment


def score_sentiment(
    examples: Iterable[Example], *, labels: Iterable[str], **settings: Any
) -> dict[str, Any]:
    """spaCy's cats_* scores, and three of our own over the documents that have a gold label.

    sentiment_acc: The share whose label is right.
    sentiment_loss: The mean squared error of the probabilities: what training's loss is an update.
    sentiment_confusion: The number of documents by gold label, then by predicted label.

    The first two are None where no document has a gold label.
    """
    examples = list(examples)
    labels = tuple(labels)
    scores = Scorer.score_cats(examples, "cats", labels=labels, multi_label=False, **settings)
    pairs = [
        (example.predicted.cats, example.reference.cats)
        for example in examples
        if any(example.reference.cats.get(label) for label in labels)
    ]
    confusion = {gold: dict.fromkeys(labels, 0) for gold in labels}
    for predicted, gold in pairs:
        confusion[_best_label(gold, labels)][_best_label(predicted, labels)] += 1
    right = sum(confusion[label][label] for label in labels)
    return {
        **scores,
        "sentiment_acc": right / len(pairs) if pairs else None,
        "sentiment_loss": _mean_squared_error(pairs, labels) if pairs else None,
        "sentiment_confusion": confusion,
    }


def _mean_squared_error(pairs: list[tuple[Cats, Cats]], labels: tuple[str, ...]) -> float:
    errors = 0.0
    for predicted, gold in pairs:
        total = sum(gold.get(label, 0.0) for label in labels)
        for label in labels:
            errors += (predicted.get(label, 0.0) - gold.get(label, 0.0) / total) ** 2
    return errors / (len(pairs) * len(labels))


def _best_label(cats: Cats, labels: tuple[str, ...]) -> str:
    return max(labels, key=lambda label: cats.get(label, 0.0))
