"""Batches of parts as tables of one schema, whose columns share their dictionaries.

A file of Arrow has one dictionary a column, one of Parquet one a group of rows. In which order
their entries come must not depend on how the rows were cut into parts: dictionaries that came whole
with their rows keep theirs; of others, of which parts have the values, each entry comes with its
first row.
"""

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute

from spacy_lstm_sentiment.bulk.sinks.untyped import TYPES, widen
from spacy_lstm_sentiment.records.arrow import (
    BATCH,
    cast,
    compact,
    decoded,
    has_dictionary,
    is_carrier,
    mapped,
    plain,
)


class Dictionaries:
    """Makes tables of batches.

    by_group: dictionaries of many entries are made for each table anew.
    schema: that of the tables; places in dictionaries are wide enough for all batches.
    """

    def __init__(
        self, schema: pa.Schema, batches: Iterable[pa.RecordBatch], by_group: bool
    ) -> None:
        self._by_group = by_group
        self._shared: dict[str, pa.Array] = {}
        fields = {field.name: field for field in schema if has_dictionary(pa, field.type)}
        for field in fields.values():
            self._shared[field.name] = pa.nulls(0, _wide(field.type))
        for batch in batches if fields else ():
            for name in list(self._shared):
                self._share(name, batch[name])
        self.schema = pa.schema([self._settled(f) for f in schema], schema.metadata)

    def table(self, batches: Sequence[pa.RecordBatch]) -> pa.Table:
        """Batches as a table."""
        columns = [self._column([batch[f.name] for batch in batches], f) for f in self.schema]
        return pa.Table.from_arrays(columns, schema=self.schema)

    def _share(self, name: str, values: pa.Array) -> None:
        """Add a batch's entries to a column's; where that cannot be, the column has none."""
        shared = self._shared[name]
        try:
            self._shared[name] = _unified([shared, _as(values, shared.type)])[0]
        except pa.ArrowInvalid:
            del self._shared[name]

    def _settled(self, field: pa.Field) -> pa.Field:
        if not has_dictionary(pa, field.type):
            return field
        if field.name not in self._shared:
            return field.with_type(mapped(pa, field.type, plain))
        shared = self._shared[field.name]
        if pa.types.is_dictionary(field.type) and _has_room(field.type, len(shared.dictionary)):
            self._shared[field.name] = shared.cast(field.type)
        return field.with_type(self._shared[field.name].type)

    def _column(self, chunks: list[pa.Array], field: pa.Field) -> pa.Array:
        type, shared = field.type, self._shared.get(field.name)
        if shared is None:
            return _joined(chunks, type)
        if self._by_group and pa.types.is_dictionary(type) and _is_long(shared):
            values = [decoded(pa, c) if pa.types.is_dictionary(c.type) else c for c in chunks]
            return _as(pa.concat_arrays(values), type)
        unified = _unified([shared, *(_as(chunk, type) for chunk in chunks)])
        return pa.concat_arrays(unified[1:])


def _joined(chunks: list[pa.Array], type: pa.DataType) -> pa.Array:
    """Chunks as one array, whose bytes do not depend on where it was cut."""
    way = mapped(pa, plain(pa, type), compact)
    types = {chunk.type for chunk in chunks}
    if not all(is_carrier(pa, t, type) and not pa.types.is_run_end_encoded(t) for t in types):
        way = type
    joined = _as(pa.concat_arrays([_as(chunk, way) for chunk in chunks]), type)
    is_dense = pa.types.is_union(type) and type.mode == "dense"
    return _copied(joined) if is_dense else joined


def _copied(values: pa.Array) -> pa.Array:
    """An array without what its values do not need."""
    return values.take(pa.array(range(len(values)), pa.int64()))


def _unified(arrays: list[pa.Array]) -> list[pa.Array]:
    table = pa.table([pa.chunked_array(arrays)], names=[""])
    return list(table.unify_dictionaries()[0].chunks)


def _as(values: pa.Array, type: pa.DataType) -> pa.Array:
    """Values as ones of the type for which they travel."""
    if values.type == type:
        return values
    if pa.types.is_run_end_encoded(type):
        # Behind nulls is what was in the memory, which would tell runs of them apart.
        runs = pa.compute.run_end_encode(_copied(values), run_end_type=type.run_end_type)
        return pa.RunEndEncodedArray.from_arrays(runs.run_ends, _copied(runs.values))
    if pa.types.is_dictionary(type) and not pa.types.is_dictionary(values.type):
        encoded = values.dictionary_encode()
        return pa.DictionaryArray.from_arrays(
            encoded.indices.cast(type.index_type),
            encoded.dictionary.cast(type.value_type),
            ordered=type.ordered,
        )
    return widen(values, type) if type in TYPES.values() else cast(pa, values, type)


def _wide(type: pa.DataType) -> pa.DataType:
    if not pa.types.is_dictionary(type) or type.index_type.bit_width >= 32:
        return type
    return pa.dictionary(pa.int32(), type.value_type, type.ordered)


def _has_room(type: pa.DataType, n: int) -> bool:
    sign = pa.types.is_signed_integer(type.index_type)
    return n <= 1 << (type.index_type.bit_width - sign)


def _is_long(shared: pa.Array) -> bool:
    return len(shared.dictionary) > BATCH and not shared.type.ordered
