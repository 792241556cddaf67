"""The rows of a part, as streams of Arrow."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from spacy_lstm_sentiment.bulk.sinks.encoders import check_columns, json_texts
from spacy_lstm_sentiment.bulk.sinks.fitting import as_array, fit, fit_column
from spacy_lstm_sentiment.bulk.sinks.untyped import is_untyped, narrow
from spacy_lstm_sentiment.records.blocks import Block
from spacy_lstm_sentiment.records.record import JsonRecord, Record


class ArrowEncoder:
    """Rows whose values fit the columns' types.

    Blocks and rows one by one follow each other in a part as streams of their own, since their
    types may differ until all parts are joined.
    """

    def __init__(self, columns: Sequence[pa.Field], results: Sequence[pa.Field]) -> None:
        self._columns, self._results = columns, results
        self._names = [column.name for column in columns]
        self._fields = [*columns, *results]
        self._rows: list[list[Any]] = []
        self._batches: list[pa.RecordBatch] = []

    def add(self, record: Record, results: Sequence[Sequence[Any]]) -> None:
        """Rows of one record; ValueError where a value does not fit."""
        check_columns(record.fields, self._names)
        texts = json_texts(record.raw) if isinstance(record, JsonRecord) else {}
        cells = [fit(c, record.fields[c.name], texts.get(c.name, "")) for c in self._columns]
        self._rows += [[*cells, *values] for values in results]

    def add_block(
        self, block: Block, results: Mapping[int, Sequence[Sequence[Any]]]
    ) -> dict[int, str]:
        """Rows of a block, by their numbers; gives why some do not fit."""
        try:
            check_columns(block.names, self._names)
        except ValueError as error:
            return dict.fromkeys(results, str(error))
        misfits: dict[int, str] = {}
        columns = []
        for field in self._columns:
            column, faults = fit_column(block, field)
            columns.append(column)
            misfits = faults | misfits
        rows = [(n, row) for n in results if n not in misfits for row in results[n]]
        runs = _runs(n for n, _ in rows)
        cells = [values for _, values in rows]
        self._end_rows()
        self._add_batch(
            [
                *(_selected(column, runs) for column in columns),
                *_arrays(cells, self._results),
            ]
        )
        return misfits

    def finish(self) -> bytes:
        """All rows so far."""
        self._end_rows()
        stream = io.BytesIO()
        for schema, batches in groupby(self._batches, lambda batch: batch.schema):
            with pa.ipc.new_stream(stream, schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        return stream.getvalue()

    def _end_rows(self) -> None:
        """Make a batch of the rows that were added one by one."""
        if self._rows:
            self._add_batch(_arrays(self._rows, self._fields))
            self._rows = []

    def _add_batch(self, arrays: list[Any]) -> None:
        if len(arrays[0]):
            names = [field.name for field in self._fields]
            self._batches.append(pa.RecordBatch.from_arrays(arrays, names=names))


def batches_of(rows: bytes) -> Iterator[pa.RecordBatch]:
    """What an encoder has made of rows."""
    stream = io.BytesIO(rows)
    while stream.tell() < len(rows):
        yield from pa.ipc.open_stream(stream)


def _arrays(rows: Sequence[Sequence[Any]], fields: Sequence[pa.Field]) -> list[pa.Array]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(fields)
    return [_array(list(cells), field) for cells, field in zip(columns, fields, strict=True)]


def _array(cells: list[Any], field: pa.Field) -> pa.Array:
    return narrow(cells) if is_untyped(field) else as_array(cells, field.type)


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers as stretches of such as follow each other: start and end of each."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
    return runs


def _selected(column: pa.Array, runs: list[list[int]]) -> pa.Array:
    if runs == [[0, len(column)]] or not runs:
        return column if runs else column.slice(0, 0)
    # Takes any type, and copies what there is, also where a value is null.
    return pa.concat_arrays([column.slice(start, end - start) for start, end in runs])
