"""Sentiment for spaCy pipelines: an LSTM over static word vectors."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

__version__ = version("spacy-lstm-sentiment")

PRETRAINED = Path(__file__).parent / "pretrained"


def load() -> Language:
    """Load the small English pipeline that ships with the package."""
    import spacy

    return spacy.load(PRETRAINED)
