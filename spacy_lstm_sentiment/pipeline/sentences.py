"""Sentiment of the parts of a document."""

from typing import TYPE_CHECKING

from spacy.attrs import NORM
from spacy.tokens import Doc, Span

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import sentiment_of

if TYPE_CHECKING:
    from spacy_lstm_sentiment.pipeline.component import LSTMSentiment


def score_spans(component: "LSTMSentiment", doc: Doc, spans: list[Span]) -> list[float]:
    """The sentiment, from -1 to 1, of each of a document's spans, read as a document of its own."""
    return [sentiment_of(part, component.attribute) for part in read_spans(component, doc, spans)]


def read_spans(component: "LSTMSentiment", doc: Doc, spans: list[Span]) -> list[Doc]:
    """A document's spans as scored documents of their own.

    All spans are one batch. An empty span scores as an empty document does.
    """
    if not spans:
        return []
    # Norms are all that a tokenizer sets besides the words. By default as_doc copies every
    # annotation of the whole document for each span, which takes seconds a book.
    norms = doc.to_array([NORM])
    parts = [
        span.as_doc(array_head=[NORM], array=norms)  # type: ignore[call-arg]
        for span in spans
    ]
    component.set_annotations(parts, component.predict(parts))
    return parts


def score_sentences(component: "LSTMSentiment", doc: Doc) -> list[tuple[Span, float]]:
    """A document's sentences, each with its sentiment, which is computed anew at every call.

    RAISES InputError: Nothing has set the document's sentence boundaries.
    """
    if not doc.has_annotation("SENT_START"):
        raise InputError(
            "The document has no sentence boundaries: set them before it is scored, with "
            '`nlp.add_pipe("sentencizer", first=True)`, a senter or a parser'
        )
    sentences = list(doc.sents)
    return list(zip(sentences, score_spans(component, doc, sentences), strict=True))
