"""From a document to the component that wrote it, which reads it further."""

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from spacy.tokens import Doc, Span

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import (
    Getter,
    label_of,
    read_said,
    register,
    sentiment_of,
)
from spacy_lstm_sentiment.pipeline.sentences import score_sentences, score_spans

if TYPE_CHECKING:
    from spacy_lstm_sentiment.pipeline.component import LSTMSentiment

# The components of this process. A copy, such as a process that was started has, says it is the
# same component: what one has said, the other may read further.
_alive: "WeakValueDictionary[int, LSTMSentiment]" = WeakValueDictionary()


def announce(component: "LSTMSentiment") -> None:
    """Let a component be found by its documents, which get its attributes."""
    _alive[id(component)] = component
    attribute = component.attribute
    register(
        {
            (Doc, ""): Getter(sentiment_of, attribute),
            (Doc, "_label"): Getter(_label, attribute),
            (Doc, "_by_sentence"): Getter(_by_sentence, attribute),
            (Span, ""): Getter(_of_span, attribute),
        },
        attribute,
    )


def component_of(doc: Doc, attribute: str | None = None) -> "LSTMSentiment":
    """The component that has scored a document, or the only one of its pipeline if none has.

    attribute (str | None): The component's setting; None: the one that has scored it last.
    RAISES InputError: There is none, or it is gone.
    """
    said = read_said(doc, attribute)
    alive = [component for ref in _alive.valuerefs() if (component := ref()) is not None]
    if said is not None:
        alive = [component for component in alive if component.id == said["component"]]
    elif attribute is not None:
        alive = [component for component in alive if component.attribute == attribute]
    at_home = [component for component in alive if component.vocab is doc.vocab]
    if said is not None and alive:
        return (at_home or alive)[-1]  # elsewhere, copies are as good as each other
    if len(at_home) == 1:
        return at_home[0]
    raise InputError(
        "No lstm_sentiment component is here that has scored this document: score it with a "
        "pipeline that has one, and keep that pipeline"
    )


def _label(doc: Doc, attribute: str) -> str:
    return label_of(doc, attribute=attribute)


def _by_sentence(doc: Doc, attribute: str) -> list[tuple[Span, float]]:
    return score_sentences(component_of(doc, attribute), doc)


def _of_span(span: Span, attribute: str) -> float:
    return score_spans(component_of(span.doc, attribute), span.doc, [span])[0]
