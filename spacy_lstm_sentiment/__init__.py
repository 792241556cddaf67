"""Sentiment for spaCy pipelines: an LSTM over static word vectors."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from spacy_lstm_sentiment.pipeline.explain import Explanation

__version__ = version("spacy-lstm-sentiment")

PRETRAINED = Path(__file__).parent / "pretrained"


def load(**overrides: Any) -> Language:
    """Load the small English pipeline that ships with the package.

    overrides: What spacy.load takes: vocab, disable, enable, exclude, config.
    """
    import spacy

    return spacy.load(PRETRAINED, **overrides)


def explain(doc: Doc, label: str = "POSITIVE") -> Explanation:
    """What each token contributes to a label's logit, by integrated gradients.

    See `spacy_lstm_sentiment.pipeline.explain`.
    """
    from spacy_lstm_sentiment.pipeline import explain

    return explain.explain(doc, label)


def render(explanation: Explanation, page: bool = False) -> str:
    """An explanation as HTML, the text with its tokens coloured: a <figure>, or a whole page."""
    from spacy_lstm_sentiment.pipeline import render

    return render.render(explanation, page)
