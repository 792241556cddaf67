"""The labels of a review: their names, their accepted spellings, and `doc.cats` made of them."""

from collections.abc import Iterable
from typing import Any

from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, NEUTRAL, POSITIVE

_SPELLINGS = {
    "positive": POSITIVE,
    "pos": POSITIVE,
    "1": POSITIVE,
    "negative": NEGATIVE,
    "neg": NEGATIVE,
    "0": NEGATIVE,
    "-1": NEGATIVE,
    "neutral": NEUTRAL,
}


def parse_label(value: Any) -> str:
    """The label that a table's cell or a JSON value spells; case and outer spaces do not matter.

    Raises ValueError, listing what is accepted, for anything else.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    label = _SPELLINGS.get(str(value).strip().lower())
    if label is None:
        raise ValueError(f"unknown label {value!r:.40}; accepted are {', '.join(_SPELLINGS)}")
    return label


def label_set(labels: Iterable[str | None]) -> tuple[str, ...]:
    """The keys that every `doc.cats` of a data set has: NEUTRAL only where the data has it."""
    return (POSITIVE, NEGATIVE, NEUTRAL) if NEUTRAL in set(labels) else (POSITIVE, NEGATIVE)


def make_cats(label: str | None, labels: tuple[str, ...]) -> dict[str, float]:
    """`doc.cats` of one review: 1.0 for its label, 0.0 for the others; empty where unlabelled.

    NEUTRAL is as much of each label where it is none itself.
    """
    if label is None:
        return {}
    if label not in labels:
        return dict.fromkeys(labels, 1.0 / len(labels))
    return {name: float(name == label) for name in labels}
