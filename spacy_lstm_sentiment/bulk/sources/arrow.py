"""Rows of Parquet and Arrow files."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from math import isfinite
from typing import Any, BinaryIO

from spacy_lstm_sentiment.bulk.arrow import import_arrow, stand_in
from spacy_lstm_sentiment.bulk.memory import wants_memory
from spacy_lstm_sentiment.bulk.records import BadRecord, JsonRecord, Row
from spacy_lstm_sentiment.bulk.sources.opening import open_stored, split_extension
from spacy_lstm_sentiment.bulk.urls import shown, without_secrets
from spacy_lstm_sentiment.errors import InputError

BATCH = 1000  # rows


def read_arrow(path: str) -> Iterator[Row]:
    """Rows of a file, whose lines are the numbers of the rows, from 1; they are JSON, too.

    Dates and times are text, bytes are base64 in JSON.
    """
    pa = import_arrow(path)
    number = 0
    with closing(open_stored(path)) as file:
        try:
            for batch in _batches(pa, path, file):
                for row in _rows(pa, shown(path), number, batch):
                    number += 1
                    yield row
        except InputError:
            raise
        except Exception as error:  # of whatever kind a damaged file brings about
            if wants_memory(error):
                raise
            reason = without_secrets(" ".join(str(error).split()), path)
            reason = f"broken file: {reason}; the rows from here on are lost, fetch it again"
            yield BadRecord(shown(path), number + 1, "", reason)


def read_schema(path: str) -> Any:
    """The types of a file's columns."""
    pa = import_arrow(path)
    with closing(open_stored(path)) as file:
        return _schema(_open(pa, path, file))


def to_json(fields: dict[str, Any]) -> str:
    """A row as JSON; NaN and infinity, which that lacks, are null."""
    try:
        return json.dumps(fields, ensure_ascii=False, allow_nan=False, default=_to_json)
    except ValueError:
        return json.dumps(_finite(fields), ensure_ascii=False, default=_to_json)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(member) for name, member in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _to_json(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def _is_parquet(path: str) -> bool:
    return split_extension(path)[0] == ".parquet"


def _open(pa: Any, path: str, file: BinaryIO) -> Any:
    if _is_parquet(path):
        return pa.parquet.ParquetFile(file)
    try:
        return pa.ipc.open_file(file)
    except pa.ArrowInvalid:
        file.seek(0)
        return pa.ipc.open_stream(file)


def _schema(reader: Any) -> Any:
    # A ParquetFile's schema is one of Parquet's own.
    return getattr(reader, "schema_arrow", reader.schema)


def _batches(pa: Any, path: str, file: BinaryIO) -> Iterator[Any]:
    reader = _open(pa, path, file)
    schema = _schema(reader)
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise InputError(f'{shown(path)}: two columns are named "{name}": rename one')
    if _is_parquet(path):
        yield from reader.iter_batches(batch_size=BATCH)
    elif hasattr(reader, "num_record_batches"):
        yield from map(reader.get_batch, range(reader.num_record_batches))
    else:
        yield from reader


def _rows(pa: Any, path: str, number: int, batch: Any) -> Iterator[Row]:
    for start in range(0, batch.num_rows, BATCH):
        part = batch.slice(start, BATCH)
        columns = [_plain(pa, column) for column in part.columns]
        clocks = {
            name: column.cast(pa.string()).to_pylist()
            for name, column in zip(part.schema.names, part.columns, strict=True)
            if column.type == pa.time64("ns")  # a number that says little
        }
        for n, cells in enumerate(_cells(columns), number + start + 1):
            if isinstance(cells, UnicodeDecodeError):
                escaped = [_cell(pa, column[n - number - start - 1]) for column in columns]
                raw = to_json(dict(zip(part.schema.names, escaped, strict=True)))
                yield BadRecord(path, n, raw, "not UTF-8: mend that text")
            else:
                fields = dict(zip(part.schema.names, cells, strict=True))
                shown = {name: texts[n - number - start - 1] for name, texts in clocks.items()}
                yield JsonRecord(path, n, to_json({**fields, **shown}), fields)


def _cells(columns: list[Any]) -> list[Any]:
    """The values of each row, or the error for one with bytes that are no text."""
    try:
        return list(zip(*(column.to_pylist() for column in columns), strict=True))
    except UnicodeDecodeError as error:
        if len(columns[0]) == 1:
            return [error]
        return [
            cells
            for n in range(len(columns[0]))
            for cells in _cells([c[n : n + 1] for c in columns])
        ]


def _plain(pa: Any, column: Any) -> Any:
    # Damaged offsets would lead out of the memory. Texts are checked one by one later.
    text = {pa.string(): pa.binary(), pa.large_string(): pa.large_binary()}.get(column.type)
    (column if text is None else column.view(text)).validate(full=True)
    type = stand_in(pa, column.type)
    return column if type is None else column.cast(type)


def _cell(pa: Any, scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.cast(pa.binary()).as_py().decode("utf-8", "surrogateescape")
