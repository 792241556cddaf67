"""What the component says of a document: kept with the document, read by spaCy's attributes."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from spacy.tokens import Doc

from spacy_lstm_sentiment.errors import InputError

POSITIVE = "POSITIVE"
NEGATIVE = "NEGATIVE"
NEUTRAL = "NEUTRAL"

Said = dict[str, Any]


def require_polarity(name: str, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels. RAISES InputError: POSITIVE or NEGATIVE is not among them, or one is twice."""
    found = tuple(labels)
    if len(set(found)) < len(found):
        raise InputError(f"[{name}] labels {found} have to be named once each")
    if not {POSITIVE, NEGATIVE} <= set(found):
        raise InputError(f"[{name}] labels {found} have to include {POSITIVE} and {NEGATIVE}")
    return found


def keep_labels(cats: dict[str, float], labels: tuple[str, ...] | None) -> dict[str, float]:
    """The probabilities of some labels, which sum to 1 again; of all, where None are named.

    RAISES InputError: One of the labels is none of the model's.
    """
    if labels is None:
        return cats
    unknown = sorted(set(labels) - cats.keys())
    if unknown:
        raise InputError(
            f"labels: the model does not know {', '.join(unknown)}; it knows {', '.join(cats)}"
        )
    total = sum(cats[label] for label in labels) or 1.0
    return {label: cats[label] / total for label in labels}


def _key(doc: Doc, attribute: str) -> tuple[str, str, int, int]:
    """Where Doc.user_data has what the component with an attribute has said.

    It goes wherever the document goes, and no other component's doc.cats gets in between. It has
    the form of an attribute of the span that is the whole document, so that a document that others
    are merged into, or a part of one, does not take it for its own.
    """
    end = doc[-1].idx + len(doc[-1]) if len(doc) else 0
    return "._.", f"spacy_lstm_sentiment:{attribute}", 0, end


def write_said(
    doc: Doc, attribute: str, component: str, cats: dict[str, float], neutral_band: float
) -> None:
    """Keep a component's probabilities with a document, as what was said last."""
    key = _key(doc, attribute)
    user_data: dict[Any, Any] = doc.user_data
    user_data.pop(key, None)
    user_data[key] = {"component": component, "cats": cats, "neutral_band": neutral_band}


def read_said(doc: Doc, attribute: str | None = None) -> Said | None:
    """What the component with an attribute has said of a document; None: what was said last."""
    user_data: dict[Any, Any] = doc.user_data
    if attribute is not None:
        return user_data.get(_key(doc, attribute))
    form, prefix, *span = _key(doc, "")
    for key in reversed(user_data):
        of_document = isinstance(key, tuple) and key[:1] == (form,) and [*key[2:]] == span
        if of_document and key[1].startswith(prefix):
            return user_data[key]
    return None


def cats_of(doc: Doc, attribute: str | None = None) -> dict[str, float]:
    """The component's probabilities of its labels; all of doc.cats if none of ours has written."""
    said = read_said(doc, attribute)
    if said is None:
        return {} if attribute is not None and read_said(doc) is not None else doc.cats
    return said["cats"]


def sentiment_of(doc: Doc, attribute: str | None = None) -> float:
    """P(POSITIVE) - P(NEGATIVE), from -1 to 1; 0 for a document that has not been scored."""
    return sentiment_in(cats_of(doc, attribute))


def label_of(doc: Doc, neutral_band: float | None = None, attribute: str | None = None) -> str:
    """The most probable label, or NEUTRAL where the sentiment is nearer to 0 than the band.

    An empty string for a document that has not been scored.

    neutral_band (float | None): None: the component's own.
    """
    cats = cats_of(doc, attribute)
    if not {POSITIVE, NEGATIVE} <= cats.keys():
        return ""
    if neutral_band is None:
        neutral_band = (read_said(doc, attribute) or {}).get("neutral_band", 0.0)
    return label_in(cats, neutral_band)


def label_in(cats: dict[str, float], neutral_band: float) -> str:
    """The most probable of the labels, POSITIVE and NEGATIVE among them; NEUTRAL in the band."""
    if abs(sentiment_in(cats)) < neutral_band:
        return NEUTRAL
    return max(cats, key=cats.__getitem__)


def sentiment_in(cats: dict[str, float]) -> float:
    """P(POSITIVE) - P(NEGATIVE), from -1 to 1."""
    return cats.get(POSITIVE, 0.0) - cats.get(NEGATIVE, 0.0)


@dataclass(frozen=True)
class Getter:
    """Reads an attribute that has the name of a component's setting; equal where it means that."""

    read: Callable[..., Any]
    attribute: str

    def __call__(self, owner: Any) -> Any:
        return self.read(owner, attribute=self.attribute)


def register(getters: dict[tuple[Any, str], Getter], attribute: str) -> None:
    """Give Doc and Span attributes; those that another package or the user has set stay.

    getters: By owner, Doc or Span, and what follows the attribute's name.
    """
    taken = []
    for (owner, suffix), getter in getters.items():
        name = attribute + suffix
        if not owner.has_extension(name):
            owner.set_extension(name, getter=getter)
        elif owner.get_extension(name)[2] != getter:
            taken.append(f"{owner.__name__.lower()}._.{name}")
    if taken:
        warnings.warn(
            f"{', '.join(taken)}: set by another package or by you, and left as it is; for another "
            "name of lstm_sentiment's own use its setting attribute, as in nlp.add_pipe(\""
            'lstm_sentiment", config={"attribute": "mood"})',
            stacklevel=2,
        )


def require_attribute(name: str, attribute: str) -> None:
    """RAISES InputError: It cannot be the name of an attribute."""
    if not attribute.isidentifier():
        raise InputError(f"[{name}] attribute {attribute!r} has to be a name, such as 'sentiment'")
