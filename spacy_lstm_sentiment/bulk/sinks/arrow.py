"""Scored records as Parquet and Arrow."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from spacy_lstm_sentiment.bulk.arrow import ARROW, stand_in
from spacy_lstm_sentiment.bulk.parts import Part
from spacy_lstm_sentiment.bulk.records import JsonRecord, Record, is_unicode
from spacy_lstm_sentiment.bulk.sinks.encoders import check_columns, json_texts
from spacy_lstm_sentiment.bulk.sources.arrow import read_schema
from spacy_lstm_sentiment.bulk.sources.opening import split_extension

# Rows of a group in the file, however its parts were cut.
GROUP = 10_000

RESULT_TYPES = {
    "label": pa.string(),
    "score": pa.float64(),
    "sentiment": pa.float64(),
    "sentence": pa.int64(),
    "sentence_text": pa.string(),
    "words": pa.list_(pa.struct([("word", pa.string()), ("contribution", pa.float64())])),
}


@dataclass(frozen=True)
class ArrowFormat:
    """Parquet or Arrow, with the serialised schema of the records and the names of the results."""

    extension: str
    schema: bytes
    results: Sequence[str]
    prefix: str

    def infer(self, records: Sequence[Record]) -> bytes:
        """The types of the columns: those of the file if that has types, else what fits all."""
        first = records[0]
        # A whole file as one document is no row of it, whatever its extension.
        if split_extension(first.source)[0] in ARROW and isinstance(first, JsonRecord):
            schema = read_schema(first.source)
            fields = [pa.field(f.name, _decoded(f.type)) for f in schema]
        else:
            fields = [pa.field(name, _infer(name, records)) for name in first.fields]
        return pa.schema(fields).serialize().to_pybytes()

    def encoder(self) -> "ArrowEncoder":
        """An encoder for the rows of a part."""
        return ArrowEncoder(self._columns(), self._results())

    def join(self, parts: Iterable[Part], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        schema = pa.schema([*self._columns(), *self._results()])
        is_parquet = self.extension == ".parquet"
        create = pa.parquet.ParquetWriter if is_parquet else pa.ipc.new_file
        with create(target, schema) as writer:
            for table in _grouped(schema, parts):
                writer.write_table(table)

    def _columns(self) -> list[pa.Field]:
        return list(pa.ipc.read_schema(pa.py_buffer(self.schema))) if self.schema else []

    def _results(self) -> list[pa.Field]:
        return [pa.field(self.prefix + name, RESULT_TYPES[name]) for name in self.results]


class ArrowEncoder:
    """A stream of Arrow, of records whose values fit the columns' types."""

    def __init__(self, columns: Sequence[pa.Field], results: Sequence[pa.Field]) -> None:
        self._columns, self._results = columns, results
        self._names = [column.name for column in columns]
        self._rows: list[list[Any]] = []

    def add(self, record: Record, results: Sequence[Sequence[Any]]) -> None:
        """Rows of one record; ValueError where a value does not fit."""
        check_columns(record, self._names)
        texts = json_texts(record.raw) if isinstance(record, JsonRecord) else {}
        cells = [_fit(column, record.fields, texts) for column in self._columns]
        for values in results:
            added = [_words(value) if isinstance(value, list) else value for value in values]
            self._rows.append([*cells, *added])

    def take(self) -> bytes:
        """All rows so far."""
        fields = [*self._columns, *self._results]
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in fields)
        arrays = [_array(list(c), f.type) for c, f in zip(columns, fields, strict=True)]
        schema = pa.schema(fields)
        stream = io.BytesIO()
        with pa.ipc.new_stream(stream, schema) as writer:
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        return stream.getvalue()


def _decoded(type: Any) -> Any:
    return type.value_type if pa.types.is_dictionary(type) else type


def _infer(name: str, records: Sequence[Record]) -> Any:
    """The narrowest type that keeps all of a column; else text, which may be that of JSON."""
    known = [record for record in records if record.fields.get(name) is not None]
    for type in (pa.bool_(), pa.int64(), pa.float64()):
        if known and all(_is_exact(record, name, type) for record in known):
            return type
    return pa.string()


def _is_exact(record: Record, name: str, type: Any) -> bool:
    texts = json_texts(record.raw) if isinstance(record, JsonRecord) else {}
    try:
        _fit(pa.field(name, type), record.fields, texts)
    except ValueError:
        return False
    return True


def _fit(column: pa.Field, fields: dict[str, Any], texts: dict[str, str]) -> Any:
    """A value as one of the column's type; ValueError where it would not stay what it is."""
    value, type = fields[column.name], column.type
    if value is None:
        return None
    text = texts.get(column.name, "")
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        value = value if isinstance(value, str) else text
        return _unicode(value)
    exact = {pa.bool_(): bool, pa.int64(): int, pa.float64(): float}.get(type)
    fits = exact is None or value.__class__ is exact
    if fits and exact is float and texts:
        fits = value != value or abs(value) == float("inf") or Decimal(text) == Decimal(repr(value))
    try:
        if fits:
            _array([value], type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(
            f'column "{column.name}" is {type} by the first rows: it has no place for'
            f" {text[:40] or value!r}; write JSONL"
        )
    return value


def _unicode(text: str) -> str:
    if not is_unicode(text):
        raise ValueError(
            "no Unicode text: a field has half a surrogate pair; write JSONL, which keeps it"
        )
    return text


def _array(values: list[Any], type: Any) -> Any:
    between = stand_in(pa, type)
    return pa.array(values, type) if between is None else pa.array(values, between).cast(type)


def _words(words: list[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"word": word, "contribution": contribution} for word, contribution in words]


def _grouped(schema: pa.Schema, parts: Iterable[Part]) -> Iterator[pa.Table]:
    """The rows of all parts, in tables of GROUP rows."""
    held = schema.empty_table()
    for part in parts:
        stream = io.BytesIO()
        part.copy_rows(stream)
        held = pa.concat_tables([held, pa.ipc.open_stream(stream.getvalue()).read_all()])
        while held.num_rows >= GROUP:
            yield held.slice(0, GROUP).combine_chunks()
            held = held.slice(GROUP)
    yield held.combine_chunks()
