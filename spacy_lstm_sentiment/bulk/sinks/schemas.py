"""The columns of an output in Parquet or Arrow, and their types."""

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from spacy_lstm_sentiment.bulk.sinks.untyped import UNTYPED
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW, mapped, plain
from spacy_lstm_sentiment.records.arrow_files import read_schema
from spacy_lstm_sentiment.records.opening import split_extension
from spacy_lstm_sentiment.records.record import JsonRecord, Record
from spacy_lstm_sentiment.records.urls import shown

# From this Spark takes the columns, in place of the file's own: it would not see ours.
SPARK = b"org.apache.spark.sql.parquet.row.metadata"


def infer_schema(first: Record, paths: Sequence[str], is_parquet: bool) -> pa.Schema:
    """The columns of the first record, with the types of the inputs, if those have types.

    Raises InputError for a type that the output cannot hold.
    """
    # A whole file as one document is no row of it, whatever its extension.
    if split_extension(first.source)[0] not in ARROW or not isinstance(first, JsonRecord):
        return pa.schema([pa.field(name, pa.string(), metadata=UNTYPED) for name in first.fields])
    schema = _typed(_path_of(first, paths), paths)
    for field in schema if is_parquet else ():
        if not _fits_parquet(field.type):
            raise InputError(
                f'{first.source}: column "{field.name}" is {field.type}, which Parquet has no'
                " place for: write .arrow or .jsonl"
            )
    return schema


def _fits_parquet(type: pa.DataType) -> bool:
    # Some dictionaries are refused only when there is a row.
    n = 1 if pa.types.is_dictionary(type) else 0
    try:
        pa.parquet.write_table(pa.table([pa.nulls(n, type)], names=[""]), io.BytesIO())
    except pa.ArrowException:
        return False
    return True


def _typed(first: str, paths: Sequence[str]) -> pa.Schema:
    """The columns of the first file, with types that have room for those of all the others."""
    schema, others = _schema_of(first), [path for path in paths if path != first]
    schemas = [_schema_of(path) for path in others]
    beside_text = any(split_extension(path)[0] not in ARROW for path in others)
    fields = [
        _common(field, [s.field(field.name) for s in schemas if field.name in s.names], beside_text)
        for field in schema
    ]
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key != SPARK}
    return pa.schema(fields, metadata or None)


def _common(field: pa.Field, others: Sequence[pa.Field], beside_text: bool) -> pa.Field:
    """A column as it is in all files; where they differ, with a type that has room for all."""
    if beside_text or any(other.type != field.type for other in others):
        type = mapped(pa, field.type, plain)
        for other in others:
            type = _wider(type, mapped(pa, other.type, plain))
        # What has no value in any of them may have one in a file of text.
        is_open = beside_text and pa.types.is_null(type)
        field = field.with_type(pa.string() if is_open else type)
    nullable = beside_text or any(each.nullable for each in (field, *others))
    return field.with_nullable(nullable)


def _path_of(record: Record, paths: Sequence[str]) -> str:
    return next((path for path in paths if shown(path) == record.source), record.source)


def _schema_of(path: str) -> pa.Schema:
    """A file's columns; none where it has no types, or cannot be read, which its rows will tell."""
    if split_extension(path)[0] not in ARROW:
        return pa.schema([])
    try:
        return read_schema(path)
    except (pa.ArrowException, OSError, ValueError):
        return pa.schema([])


def _wider(type: pa.DataType, other: pa.DataType) -> pa.DataType:
    both = [pa.schema([("", type)]), pa.schema([("", other)])]
    try:
        return pa.unify_schemas(both, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return type  # the other's values are refused one by one
