"""Scored records as Parquet and Arrow."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from spacy_lstm_sentiment.bulk.arrow import ARROW, stand_in
from spacy_lstm_sentiment.bulk.parts import Part
from spacy_lstm_sentiment.bulk.records import JsonRecord, Record, is_unicode
from spacy_lstm_sentiment.bulk.sinks.encoders import cell_text, check_columns, json_texts
from spacy_lstm_sentiment.bulk.sinks.untyped import (
    UNTYPED,
    fit_all,
    is_exact,
    is_untyped,
    keep,
    narrow,
    widen,
)
from spacy_lstm_sentiment.bulk.sources.arrow import read_schema
from spacy_lstm_sentiment.bulk.sources.opening import split_extension
from spacy_lstm_sentiment.bulk.urls import shown

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

    def infer(self, first: Record, paths: Sequence[str]) -> bytes:
        """The columns of the first record, and their types in the inputs, if those have types."""
        # A whole file as one document is no row of it, whatever its extension.
        if split_extension(first.source)[0] in ARROW and isinstance(first, JsonRecord):
            fields = _typed(_path_of(first, paths), paths)
        else:
            fields = [pa.field(name, pa.string(), metadata=UNTYPED) for name in first.fields]
        return pa.schema(fields).serialize().to_pybytes()

    def encoder(self) -> "ArrowEncoder":
        """An encoder for the rows of a part."""
        return ArrowEncoder(self._columns(), self._results())

    def join(self, parts: Iterable[Part], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        parts = list(parts)
        schema = pa.schema([*fit_all(self._columns(), map(_read, parts)), *self._results()])
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
        arrays = [_column(list(c), f) for c, f in zip(columns, fields, strict=True)]
        table = pa.Table.from_arrays(arrays, names=[field.name for field in fields])
        stream = io.BytesIO()
        with pa.ipc.new_stream(stream, table.schema) as writer:
            writer.write_table(table)
        return stream.getvalue()


def _column(cells: list[Any], field: pa.Field) -> Any:
    return narrow(cells) if is_untyped(field) else _array(cells, field.type)


def _typed(first: str, paths: Sequence[str]) -> list[pa.Field]:
    """The columns of the first file, with types that have room for those of all the others."""
    fields = {field.name: pa.field(field.name, _decoded(field.type)) for field in _schema_of(first)}
    others = [path for path in paths if path != first]
    for other in others:
        for field in _schema_of(other):
            if known := fields.get(field.name):
                fields[field.name] = _widened(known, pa.field(field.name, _decoded(field.type)))
    if all(split_extension(other)[0] in ARROW for other in others):
        return list(fields.values())
    # What has no value in any of them may have one in a file of text.
    return [
        pa.field(field.name, pa.string()) if pa.types.is_null(field.type) else field
        for field in fields.values()
    ]


def _path_of(record: Record, paths: Sequence[str]) -> str:
    return next((path for path in paths if shown(path) == record.source), record.source)


def _schema_of(path: str) -> Any:
    """A file's columns; none where it has no types, or cannot be read, which its rows will tell."""
    if split_extension(path)[0] not in ARROW:
        return []
    try:
        return read_schema(path)
    except (pa.ArrowException, OSError, ValueError):
        return []


def _widened(field: pa.Field, other: pa.Field) -> pa.Field:
    both = [pa.schema([field]), pa.schema([other])]
    try:
        return pa.unify_schemas(both, promote_options="permissive").field(0)
    except pa.ArrowException:
        return field  # the other's values are refused one by one


def _decoded(type: Any) -> Any:
    return type.value_type if pa.types.is_dictionary(type) else type


def _fit(column: pa.Field, fields: dict[str, Any], texts: dict[str, str]) -> Any:
    """A value as one of the column's type; ValueError where it would not stay what it is."""
    value, type = fields[column.name], column.type
    if value is None:
        return None
    text = texts.get(column.name, "")
    if is_untyped(column):
        return _unicode(kept) if isinstance(kept := keep(value, text), str) else kept
    if pa.types.is_string(type) or pa.types.is_large_string(type):
        return _unicode(cell_text(value, text))
    fits = is_exact(value, text, type)
    try:
        if fits:
            _array([value], type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(
            f'column "{column.name}" is {type} in the first file: it has no place for'
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
        held = pa.concat_tables([held, widen(_read(part), schema)])
        while held.num_rows >= GROUP:
            yield held.slice(0, GROUP).combine_chunks()
            held = held.slice(GROUP)
    yield held.combine_chunks()


def _read(part: Part) -> pa.Table:
    stream = io.BytesIO()
    part.copy_rows(stream)
    return pa.ipc.open_stream(stream.getvalue()).read_all()
