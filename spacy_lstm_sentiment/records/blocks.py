"""Rows side by side: blocks of files that have columns, in which only what is looked at becomes
Python."""

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

from spacy_lstm_sentiment.errors import one_line
from spacy_lstm_sentiment.records.arrow import as_bytes, import_arrow, recast, stand_in
from spacy_lstm_sentiment.records.memory import wants_memory
from spacy_lstm_sentiment.records.record import BadRecord, JsonRecord, Record, Row, reject

NOT_UTF8 = "not UTF-8: mend that text"


@dataclass(frozen=True)
class Block:
    """Rows of a file that has columns.

    source: the path as given. line: the number of the first row, from 1. batch: the rows, a
    RecordBatch of Arrow that holds nothing else.
    """

    source: str
    line: int
    batch: Any

    def __reduce__(self) -> tuple[Any, ...]:
        # As a batch pickles itself, a slice takes all along of which it is one.
        pa = import_arrow(self.source)
        stream = pa.BufferOutputStream()
        with pa.ipc.new_stream(stream, self.batch.schema) as writer:
            writer.write_batch(self.batch)
        return _unpack, (self.source, self.line, stream.getvalue())

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return list(self.batch.schema.names)

    def cut(self, start: int, end: int) -> "Block":
        """The rows from one number to another, from 0."""
        return Block(self.source, self.line + start, self.batch.slice(start, end - start))

    def values(self, name: str) -> list[Any]:
        """The values of a column; in place of one that Python cannot have, the error."""
        pa = import_arrow(self.source)
        cells = _cells([_plain(pa, self.batch.column(name))])
        return [cell if isinstance(cell, Exception) else cell[0] for cell in cells]

    def row(self, number: int) -> Row:
        """One of the rows, by its number from 0."""
        return self.cut(number, number + 1).rows()[0]

    def rows(self) -> list[Row]:
        """The rows one by one; they are JSON, too, with dates and times as text, and bytes as
        base64."""
        pa = import_arrow(self.source)
        names = self.names
        columns = [_plain(pa, column) for column in self.batch.columns]
        clocks = {
            name: column.cast(pa.string()).to_pylist()
            for name, column in zip(names, self.batch.columns, strict=True)
            if column.type == pa.time64("ns")  # a number that says little
        }
        rows: list[Row] = []
        for n, cells in enumerate(_cells(columns)):
            shown = {name: texts[n] for name, texts in clocks.items()}
            if isinstance(cells, Exception):
                escaped = [_escaped(pa, column.slice(n, 1)) for column in columns]
                raw = to_json({**dict(zip(names, escaped, strict=True)), **shown})
                rows.append(BadRecord(self.source, self.line + n, raw, _reason(cells)))
            else:
                fields = dict(zip(names, cells, strict=True))
                raw = to_json({**fields, **shown})
                rows.append(JsonRecord(self.source, self.line + n, raw, fields))
        return rows

    def unreadable(self) -> dict[int, BadRecord]:
        """The rows with bytes that are no text in any of their columns, by number from 0."""
        pa = import_arrow(self.source)
        rows = {n: self.row(n) for n in _invalid(pa, self.batch.columns, self.batch.num_rows)}
        return {n: _as_bad(row, NOT_UTF8) for n, row in rows.items()}


# A row, or a block of them.
Item = Row | Block


def n_rows(item: Item) -> int:
    """How many rows there are in an item."""
    return int(item.batch.num_rows) if isinstance(item, Block) else 1


def n_characters(item: Item) -> int:
    """The length of an item; bytes, in a block."""
    return int(item.batch.nbytes) if isinstance(item, Block) else len(item.raw)


def rows_of(items: Iterable[Item]) -> Iterator[Row]:
    """All rows of items, one by one."""
    for item in items:
        if isinstance(item, Block):
            yield from item.rows()
        else:
            yield item


def first_rows(items: Iterator[Item], limit: int | None) -> Iterator[Item]:
    """The items with the first so many rows; None stands for all."""
    left = limit
    while left != 0 and (item := next(items, None)):
        if left is not None:
            item = item.cut(0, left) if isinstance(item, Block) and n_rows(item) > left else item
            left -= n_rows(item)
        yield item


def pieces_of(items: Iterable[Item], size: int) -> Iterator[Block]:
    """The blocks among items, as ones of no more than so many rows."""
    for block in items:
        if not isinstance(block, Block):
            continue
        for start in range(0, n_rows(block), size):
            yield block.cut(start, min(start + size, n_rows(block)))


def rejected(item: Item, reason: str) -> list[Row]:
    """The rows of an item as such that cannot be used, and why."""
    return [_as_bad(row, reason) for row in rows_of([item])]


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


def _as_bad(row: Row, reason: str) -> BadRecord:
    return reject(row, reason) if isinstance(row, Record) else row


def _reason(error: Exception) -> str:
    is_utf8 = isinstance(error, UnicodeDecodeError)
    return NOT_UTF8 if is_utf8 else f"cannot be read: {one_line(error)}"


def _unpack(source: str, line: int, data: Any) -> Block:
    (batch,) = import_arrow(source).ipc.open_stream(data)
    return Block(source, line, batch)


def _plain(pa: Any, column: Any) -> Any:
    """A column with values that Python has."""
    if pa.types.is_dictionary(column.type):
        value = column.type.value_type
        column = column if stand_in(pa, value) == value else column.dictionary_decode()
    try:
        return recast(pa, column, stand_in)
    except pa.ArrowNotImplementedError:
        return column


def _cells(columns: list[Any]) -> list[Any]:
    """The values of each row, or the error for one that has some that Python cannot have."""
    try:
        return list(zip(*(column.to_pylist() for column in columns), strict=True))
    except Exception as error:  # of whatever kind the values bring about
        if wants_memory(error):
            raise
        n = len(columns[0])
        if n == 1:
            return [error]
        halves = (0, n // 2), (n // 2, n)
        return [c for i, j in halves for c in _cells([column[i:j] for column in columns])]


def _escaped(pa: Any, column: Any) -> Any:
    """The only value of a column; bytes that are no text are surrogate escapes."""
    try:
        return column.to_pylist()[0]
    except UnicodeDecodeError:
        return _decoded(recast(pa, column, as_bytes).to_pylist()[0])
    except Exception as error:
        if wants_memory(error):
            raise
        return column.to_string()


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return {_decoded(name): _decoded(member) for name, member in value.items()}
    return [_decoded(each) for each in value] if isinstance(value, list | tuple) else value


def _invalid(pa: Any, columns: list[Any], n: int) -> list[int]:
    """The numbers of rows with values that are none of their type."""
    try:
        for column in columns:
            # A slice of lists has the values of all of them.
            pa.concat_arrays([column]).validate(full=True)
    except pa.ArrowInvalid:
        if n == 1:
            return [0]
        middle = n // 2
        first = _invalid(pa, [column[:middle] for column in columns], middle)
        second = _invalid(pa, [column[middle:] for column in columns], n - middle)
        return [*first, *(middle + number for number in second)]
    return []
