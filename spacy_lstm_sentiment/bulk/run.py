"""A whole run: files in, a file of scores out, and a summary."""

import time
from collections.abc import Generator, Iterable
from pathlib import Path

from spacy import Language
from tqdm import tqdm

from spacy_lstm_sentiment.bulk.engine import ScoredRecord, score_records
from spacy_lstm_sentiment.bulk.sinks import (
    STANDARD_OUTPUT,
    Encoder,
    choose_encoder,
    encode_reject,
    open_output,
    rejects_path,
    result_columns,
)
from spacy_lstm_sentiment.bulk.sources import (
    STANDARD_INPUT,
    BadRecord,
    JsonRecord,
    Record,
    read_records,
    reject,
)
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import InputError


def score(
    inputs: Iterable[str | Path],
    output: str | Path,
    nlp: Language,
    *,
    text_field: str = "text",
    batch_size: int = 1000,
    n_process: int = 1,
    prefix: str = "",
    force: bool = False,
) -> Summary:
    """Score the rows of `inputs` into `output`: their columns, and label, score and sentiment.

    The rows keep their order. Those that cannot be scored go to `output`.rejects.jsonl (to
    standard error where `output` is "-", standard output). The files get their names when they are
    complete; until then, and after an error, they end in .partial. `prefix` goes before the names
    of the three columns; `force` replaces files that exist. Raises InputError, before anything is
    written, for inputs, an output or a pipeline that cannot be used.
    """
    sources, target = [str(path) for path in inputs], str(output)
    encode = choose_encoder(target, prefix)
    _check_output(target, sources, force)
    _check_inputs(sources, text_field, prefix)
    records = (row for source in sources for row in _read(source, text_field, prefix))
    results = score_records(
        nlp, records, text_field=text_field, batch_size=batch_size, n_process=n_process
    )
    summary = Summary()
    start = time.perf_counter()
    with open_output(target) as (write, write_reject):
        for result in tqdm(results, desc="scoring", unit=" rows", disable=None):
            row = _encode(result, encode)
            if isinstance(row, BadRecord):
                write_reject(encode_reject(row))
                summary.add_reject(row)
            else:
                write(row)
                summary.add(result.scores)
    summary.seconds = time.perf_counter() - start
    return summary


def _encode(result: ScoredRecord | BadRecord, encode: Encoder) -> bytes | BadRecord:
    if isinstance(result, BadRecord):
        return result
    try:
        return encode(result)
    except ValueError as error:
        return reject(result.record, str(error))


def _check_output(output: str, sources: list[str], force: bool) -> None:
    if output == STANDARD_OUTPUT:
        return
    for path in filter(Path.exists, (Path(output), rejects_path(output))):
        if path.is_dir():
            raise InputError(f"{path}: a folder: name a file")
        if any(Path(source).exists() and path.samefile(source) for source in sources):
            raise InputError(f"{path}: an input would be overwritten: name another output")
        if not force:
            raise InputError(f"{path}: already there: name another output, or replace with --force")


def _check_inputs(sources: list[str], text_field: str, prefix: str) -> None:
    """Find an input that cannot be used before hours are spent on those before it."""
    for source in sources:
        # Standard input and named pipes can be read only once.
        if source != STANDARD_INPUT and not Path(source).is_fifo():
            rows = _read(source, text_field, prefix)
            next((row for row in rows if isinstance(row, Record)), None)
            rows.close()


def _read(source: str, text_field: str, prefix: str) -> Generator[Record | BadRecord, None, None]:
    """The rows of a source; InputError where the first has columns that cannot be used."""
    first = True
    for row in read_records(source):
        if isinstance(row, Record):
            problem = _column_problem(row, text_field, prefix)
            if problem and first:
                raise InputError(f"{row.source}:{row.line}: {problem}")
            first = False
            yield reject(row, problem) if problem else row
        else:
            yield row


def _column_problem(record: Record, text_field: str, prefix: str) -> str | None:
    for column in result_columns(prefix):
        if column in record.fields:
            return f'column "{column}" is where a result goes: name the results with --prefix'
    # In JSONL, a row may lack what others have.
    if text_field not in record.fields and not isinstance(record, JsonRecord):
        return (
            f'no column "{text_field}": name the one with the text, of {", ".join(record.fields)}'
        )
    return None
