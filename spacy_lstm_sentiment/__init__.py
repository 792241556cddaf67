"""Sentiment for spaCy pipelines: an LSTM over static word vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy
    import numpy.typing as npt
    from spacy.language import Language
    from spacy.tokens import Doc

    from spacy_lstm_sentiment.pipeline.explain import Explanation
    from spacy_lstm_sentiment.reports.insights.analysis import Insights

__all__ = [
    "PRETRAINED",
    "__version__",
    "explain",
    "insights",
    "load",
    "render",
    "score_frame",
    "score_texts",
]

__version__ = version("spacy-lstm-sentiment")

PRETRAINED = Path(__file__).parent / "pretrained"


def load(**overrides: Any) -> Language:
    """Load the small English pipeline that ships with the package.

    overrides: What spacy.load takes: vocab, disable, enable, exclude, config.
    """
    import spacy

    return spacy.load(PRETRAINED, **overrides)


def score_texts(texts: Iterable[str], nlp: Language | None = None) -> npt.NDArray[numpy.float64]:
    """The probabilities of texts, one row a text and one column a label, without making Docs.

    nlp (Language | None): A pipeline with a trained lstm_sentiment; one that has more than our
        tokenizer and that makes Docs all the same. None: the one that ships.
    RETURNS: What `doc.cats` has after `nlp.pipe(texts)`, to the last bit; the columns are the
        component's labels in their order.
    RAISES InputError: The pipeline has no lstm_sentiment or several, or something is no text.
    """
    from spacy_lstm_sentiment.pipeline import text_scorer

    return text_scorer.score_texts(texts, _shipped() if nlp is None else nlp)


@lru_cache(maxsize=1)
def _shipped() -> Language:
    return load()


def explain(
    doc: Doc,
    label: str = "POSITIVE",
    *,
    max_tokens: int = 2**19,
    on_read: Callable[[int], Any] | None = None,
) -> Explanation:
    """What each token contributes to a label's logit, by integrated gradients.

    See `spacy_lstm_sentiment.pipeline.explain`.
    """
    from spacy_lstm_sentiment.pipeline import explain

    return explain.explain(doc, label, max_tokens=max_tokens, on_read=on_read)


def render(explanation: Explanation, page: bool = False) -> str:
    """An explanation as HTML, the text with its tokens coloured: a <figure>, or a whole page."""
    from spacy_lstm_sentiment.pipeline import render

    return render.render(explanation, page)


def score_frame(
    frame: Any,
    text: str = "text",
    nlp: Language | None = None,
    *,
    prefix: str = "",
    quiet: bool = False,
) -> Any:
    """A table in memory with the columns label, score and sentiment after its own.

    A text that is null, blank or nothing but tags has null for all three; so has one on which the
    pipeline fails, of which a warning tells.

    frame: A DataFrame of pandas or polars, a Table, a RecordBatch or a RecordBatchReader of Arrow,
        or another that narwhals knows and that is in memory. A reader is scored batch by batch, as
        it is read.
    text (str): The column with the text.
    nlp (Language | None): The pipeline; None: the one that ships.
    prefix (str): Before the names of the new columns.
    quiet (bool): Without a bar, which long work has on a terminal and in a notebook.
    RETURNS: A new table of the same kind; the columns it had are not copied.
    RAISES InputError: No such column, one that is no text or in the way, or a pipeline that
        cannot be used.
    """
    from spacy_lstm_sentiment.bulk import frames

    return frames.score_frame(frame, nlp or load(), text, prefix=prefix, quiet=quiet)


def insights(
    data: Any,
    *,
    by: Sequence[str] = (),
    time: str | None = None,
    time_format: str | None = None,
    every: str | None = None,
    text_field: str | None = None,
    prefix: str | None = None,
    groups: int = 20,
    nlp: Language | None = None,
    explain: int = 120,
    texts: bool = True,
    memory: str = "400MB",
) -> Insights:
    """What scored rows say: which groups stand out, what changed, and in which words.

    A notebook shows its page.

    data: What `score` wrote: a path, or several; or a table of Arrow, pandas or polars.
    by: Columns to group by. time: The column with dates. nlp: The pipeline that has scored; None:
    the one that ships. texts: Show excerpts. The others are as in docs/api.md.
    RAISES InputError: A column is missing, or there are no scores; or duckdb is not installed; or
        `by` is a text, not several, or a number is out of its range.
    """
    from spacy_lstm_sentiment.errors import InputError
    from spacy_lstm_sentiment.reports.insights.analysis import Wishes, analyse
    from spacy_lstm_sentiment.reports.insights.reading import Asked

    if isinstance(by, str):
        raise InputError(f"insights: by takes columns, not a single one: by=[{by!r}]")
    asked = Asked(tuple(by), time, time_format, text_field, prefix)
    wishes = Wishes(every, groups, texts, explain, memory)
    return analyse(data, asked, wishes, (lambda: nlp) if nlp else None)
