"""Pipelines that the user names, loaded or refused in one line."""

from pathlib import Path
from typing import TYPE_CHECKING

from spacy_lstm_sentiment.errors import InputError

if TYPE_CHECKING:
    from spacy import Language


def load_pipeline(model: str | Path | None) -> "Language":
    """Load a pipeline by its folder or package; None is the one that ships.

    RAISES InputError: It is none, or is damaged.
    """
    import spacy

    import spacy_lstm_sentiment

    try:
        return spacy_lstm_sentiment.load() if model is None else spacy.load(model)
    except Exception as error:  # whatever it is that the files of a damaged pipeline bring about
        name = "the pipeline of the package" if model is None else str(model)
        raise InputError(f"{name} cannot be loaded: {one_line(error)}") from None


def one_line(error: Exception) -> str:
    """An error's message without line breaks, or its type where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
