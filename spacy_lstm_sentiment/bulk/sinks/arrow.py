"""Scored records as Parquet and Arrow."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet

from spacy_lstm_sentiment.bulk.sinks.arrow_encoder import ArrowEncoder, batches_of
from spacy_lstm_sentiment.bulk.sinks.dictionaries import Dictionaries
from spacy_lstm_sentiment.bulk.sinks.encoders import EncodedRows
from spacy_lstm_sentiment.bulk.sinks.schemas import infer_schema
from spacy_lstm_sentiment.bulk.sinks.untyped import fit_all
from spacy_lstm_sentiment.records.blocks import Block, rows_of
from spacy_lstm_sentiment.records.record import Record

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

    is_parquet: bool
    schema: bytes
    results: Sequence[str]
    prefix: str

    def encoder(self) -> ArrowEncoder:
        """An encoder for the rows of a part."""
        return ArrowEncoder(list(self._columns()), self._results())

    def join(self, parts: Iterable[EncodedRows], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        parts = list(parts)
        columns = self._columns()
        fields = [*fit_all(columns, _batches(parts)), *self._results()]
        schema = pa.schema(fields, columns.metadata)
        dictionaries = Dictionaries(schema, _batches(parts), by_group=self.is_parquet)
        create = pa.parquet.ParquetWriter if self.is_parquet else pa.ipc.new_file
        with create(target, dictionaries.schema) as writer:
            for group in _groups(_batches(parts)):
                writer.write_table(dictionaries.table(group))

    def read(self, rows: bytes, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What an encoder has made bytes of, of these columns and the results."""
        wanted = {*names, *(field.name for field in self._results())}
        for batch in batches_of(rows):
            columns = batch.select([name for name in batch.schema.names if name in wanted])
            records = rows_of([Block("", 1, columns)])
            yield from (record.fields for record in records if isinstance(record, Record))

    def _columns(self) -> pa.Schema:
        return pa.ipc.read_schema(pa.py_buffer(self.schema))

    def _results(self) -> list[pa.Field]:
        return [pa.field(self.prefix + name, RESULT_TYPES[name]) for name in self.results]


def find_format(
    extension: str,
    first: Record | None,
    paths: Sequence[str],
    results: Sequence[str],
    prefix: str,
) -> ArrowFormat:
    """The format with the columns of the first record, and their types in the inputs, if those have
    types. Raises InputError for a type that cannot be written."""
    is_parquet = extension == ".parquet"
    schema = infer_schema(first, paths, is_parquet) if first else pa.schema([])
    return ArrowFormat(is_parquet, schema.serialize().to_pybytes(), results, prefix)


def _batches(parts: Iterable[EncodedRows]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        rows = io.BytesIO()
        part.copy_rows(rows)
        yield from batches_of(rows.getvalue())


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """The rows of all batches, GROUP at a time."""
    held, n_held = list[pa.RecordBatch](), 0
    for batch in batches:
        rest = batch
        while rest.num_rows:
            held.append(rest.slice(0, GROUP - n_held))
            n_held += held[-1].num_rows
            rest = rest.slice(held[-1].num_rows)
            if n_held == GROUP:
                yield held
                held, n_held = [], 0
    if held:
        yield held
