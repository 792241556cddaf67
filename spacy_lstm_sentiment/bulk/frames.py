"""Tables in memory: of pandas, polars and Arrow, with columns for what a pipeline says."""

import warnings
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from spacy import Language
from tqdm.auto import tqdm

from spacy_lstm_sentiment.bulk.scorer import Outcome, Scored, Scorer, Scores, ScoringOptions
from spacy_lstm_sentiment.errors import InputError, require

BATCH = 1000
# A bar appears where scoring takes longer than so many seconds.
PATIENCE = 2.0


def score_frame(
    frame: Any, nlp: Language, text: str = "text", *, prefix: str = "", quiet: bool = False
) -> Any:
    """See `spacy_lstm_sentiment.score_frame`."""
    scorer = Scorer(nlp, ScoringOptions(batch_size=BATCH))
    scorer.check()
    if _is_of_arrow(frame, "RecordBatchReader"):
        return _score_reader(frame, scorer, text, prefix)
    if _is_of_arrow(frame, "RecordBatch"):
        (scored,) = _score_batches([frame], scorer, text, prefix)
        return scored
    return _score_table(frame, scorer, text, prefix, quiet)


def _is_of_arrow(frame: Any, kind: str) -> bool:
    """Whether an object is of a class of Arrow, which need not be installed."""
    return (type(frame).__module__, type(frame).__name__) == ("pyarrow.lib", kind)


def _score_reader(reader: Any, scorer: Scorer, text: str, prefix: str) -> Any:
    """A reader of record batches, each scored when it is asked for."""
    import pyarrow

    empty = pyarrow.RecordBatch.from_pylist([], reader.schema)
    (first,) = _score_batches([empty], scorer, text, prefix)
    batches = _score_batches(reader, scorer, text, prefix)
    return pyarrow.RecordBatchReader.from_batches(first.schema, batches)


def _score_batches(batches: Iterable[Any], scorer: Scorer, text: str, prefix: str) -> Iterator[Any]:
    import pyarrow

    n_before = 0
    for batch in batches:
        table = pyarrow.Table.from_batches([batch])
        scored = _score_table(table, scorer, text, prefix, quiet=True, n_before=n_before)
        n_before += batch.num_rows
        columns = [column.combine_chunks() for column in scored.columns]
        yield pyarrow.RecordBatch.from_arrays(columns, schema=scored.schema)


def _score_table(
    native: Any, scorer: Scorer, text: str, prefix: str, quiet: bool, n_before: int = 0
) -> Any:
    """A table with the results as columns after its own."""
    narwhals = require("narwhals", "frames", "score_frame")
    try:
        frame = narwhals.from_native(native, eager_only=True)
    except TypeError:
        raise InputError(
            f"score_frame takes a table of pandas, polars or Arrow that is in memory, not a "
            f"{type(native).__module__}.{type(native).__name__}: collect or convert it first"
        ) from None
    names = [prefix + name for name in Scores._fields]
    taken = [name for name in names if name in frame.columns]
    if taken:
        raise InputError(
            f'column "{taken[0]}" is where a result goes: name the results with prefix='
        )
    texts = _texts_of(frame, text, n_before)
    with tqdm(
        total=len(texts),
        desc="Scoring",
        unit=" texts",
        delay=PATIENCE,
        disable=True if quiet else None,
    ) as bar:
        outcomes = list(_outcomes(texts, scorer, bar))
    _warn_of_failures(outcomes, n_before)
    results = [o.results[0] if isinstance(o, Scored) else [None] * len(names) for o in outcomes]
    kinds = (narwhals.String, narwhals.Float64, narwhals.Float64)
    backend = frame.implementation
    columns = (
        narwhals.new_series(name, [result[n] for result in results], kind, backend=backend)
        for n, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    return frame.with_columns(*columns).to_native()


def _texts_of(frame: Any, text: str, n_before: int) -> list[str]:
    """The texts of a column; an empty one where there is none."""
    if text not in frame.columns:
        known = ", ".join(map(str, frame.columns)) or "none at all"
        raise InputError(f'no column "{text}": name the one with the text, text=, of {known}')
    column = frame[text]
    texts = []
    nulls = column.is_null().to_list()
    for row, (value, is_null) in enumerate(zip(column.to_list(), nulls, strict=True), n_before):
        if not is_null and not isinstance(value, str):
            raise InputError(
                f'column "{text}" has no text in row {row}, but {value!r}: name the column with '
                "the text, text=, or make it one of strings"
            )
        texts.append("" if is_null else value)
    return texts


def _outcomes(texts: list[str], scorer: Scorer, bar: Any) -> Iterator[Outcome]:
    rest = iter(texts)
    while batch := list(islice(rest, BATCH)):
        written = [text for text in batch if text.strip()]
        scored = iter(scorer(written) if written else [])
        yield from (next(scored) if text.strip() else None for text in batch)
        bar.update(len(batch))


def _warn_of_failures(outcomes: list[Outcome], n_before: int) -> None:
    failures = [(row, o) for row, o in enumerate(outcomes, n_before) if isinstance(o, str)]
    if failures:
        row, reason = failures[0]
        warnings.warn(
            f"{len(failures):,} of {len(outcomes):,} texts could not be scored and have no "
            f"results; the first, in row {row}: {reason}",
            stacklevel=2,
        )
