"""What the component adds to spaCy's Doc."""

import warnings
from collections.abc import Callable
from typing import Any

from spacy.tokens import Doc

POSITIVE = "POSITIVE"
NEGATIVE = "NEGATIVE"
NEUTRAL = "NEUTRAL"


def sentiment_of(doc: Doc) -> float:
    """P(POSITIVE) - P(NEGATIVE), from -1 to 1; 0 for a document that has not been scored."""
    return doc.cats.get(POSITIVE, 0.0) - doc.cats.get(NEGATIVE, 0.0)


def label_of(doc: Doc, neutral_band: float = 0.0) -> str:
    """The most probable label, or NEUTRAL where the sentiment is nearer to 0 than the band.

    An empty string for a document that has not been scored.
    """
    if not doc.cats:
        return ""
    if abs(sentiment_of(doc)) < neutral_band:
        return NEUTRAL
    return max(doc.cats, key=doc.cats.__getitem__)


def register_attribute(owner: Any, name: str, getter: Callable[[Any], Any]) -> None:
    """Give a Doc or Span an attribute `._.name`; one that another package has set stays."""
    if not owner.has_extension(name):
        owner.set_extension(name, getter=getter)
    elif owner.get_extension(name)[2] is not getter:
        warnings.warn(
            f"{owner.__name__}._.{name} belongs to another package and keeps its meaning",
            stacklevel=2,
        )
