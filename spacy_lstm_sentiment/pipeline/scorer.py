"""Evaluation of predicted sentiment."""

from collections.abc import Callable, Iterable
from typing import Any

from spacy.scorer import Scorer
from spacy.training import Example


def make_sentiment_scorer() -> Callable[..., dict[str, Any]]:
    """The scorer that the component uses unless its config names another."""
    return score_sentiment


def score_sentiment(
    examples: Iterable[Example], *, labels: Iterable[str], **settings: Any
) -> dict[str, Any]:
    """spaCy's cats_* scores, and sentiment_acc: the share of documents whose label is right.

    Documents without a gold label count for nothing. sentiment_acc is None if none has one.
    """
    examples = list(examples)
    labels = tuple(labels)
    scores = Scorer.score_cats(examples, "cats", labels=labels, multi_label=False, **settings)
    right = [
        _best_label(example.predicted.cats, labels) == _best_label(example.reference.cats, labels)
        for example in examples
        if any(example.reference.cats.get(label) for label in labels)
    ]
    return {**scores, "sentiment_acc": sum(right) / len(right) if right else None}


def _best_label(cats: dict[str, float], labels: tuple[str, ...]) -> str:
    return max(labels, key=lambda label: cats.get(label, 0.0))
