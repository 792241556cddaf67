"""What reading and writing Parquet and Arrow share."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from spacy_lstm_sentiment.errors import require
from spacy_lstm_sentiment.records.urls import shown

ARROW = (".parquet", ".arrow")
# Rows that are read and checked at a time, and entries of a dictionary that goes with so few rows.
BATCH = 1000


def import_arrow(path: str) -> Any:
    """pyarrow; MissingExtra, which names the file that needs it, where it is not installed."""
    for module in ("pyarrow.compute", "pyarrow.ipc", "pyarrow.parquet"):
        require(module, "arrow", shown(path))
    return import_module("pyarrow")


def stand_in(pa: Any, type: Any) -> Any:
    """The type that stands for one whose values Python lacks or cuts: text for dates and moments,
    whole numbers for durations and nanoseconds of a day; for any other, itself."""
    if pa.types.is_duration(type) or type == pa.time64("ns"):
        return pa.int64()
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return pa.string()
    return type


def as_bytes(pa: Any, type: Any) -> Any:
    """The type of bytes behind one of text, or of what an extension stores; for any other,
    itself."""
    if isinstance(type, pa.BaseExtensionType):
        return mapped(pa, type.storage_type, as_bytes)
    if pa.types.is_dictionary(type):
        return pa.dictionary(type.index_type, as_bytes(pa, type.value_type), type.ordered)
    pairs = {
        pa.string(): pa.binary(),
        pa.large_string(): pa.large_binary(),
        pa.string_view(): pa.binary_view(),
    }
    return pairs.get(type, type)


def compact(pa: Any, type: Any) -> Any:
    """The type whose arrays hold no more than their own values, for one whose slices hold those of
    the whole array; for any other, itself."""
    pairs = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    return pairs.get(type, type)


def mapped(pa: Any, type: Any, leaf: Callable[[Any, Any], Any]) -> Any:
    """A type with another in place of each that is not nested, also within lists and structs."""

    def inner(field: Any) -> Any:
        return field.with_type(mapped(pa, field.type, leaf))

    if pa.types.is_struct(type):
        return pa.struct([inner(field) for field in type])
    if pa.types.is_map(type):
        return pa.map_(inner(type.key_field), inner(type.item_field), type.keys_sorted)
    if pa.types.is_fixed_size_list(type):
        return pa.list_(inner(type.value_field), type.list_size)
    if pa.types.is_large_list(type):
        return pa.large_list(inner(type.value_field))
    if pa.types.is_list(type):
        return pa.list_(inner(type.value_field))
    return leaf(pa, type)


def recast(pa: Any, column: Any, leaf: Callable[[Any, Any], Any]) -> Any:
    """A column whose type is mapped so."""
    return cast(pa, column, mapped(pa, column.type, leaf))


def cast(pa: Any, column: Any, type: Any) -> Any:
    """A column as one of a type that differs in what is not nested."""
    # Arrow's own cast makes what is all null within lists too short, and looks at what null hides.
    if type == column.type:
        return column
    if isinstance(column, pa.ExtensionArray):
        return cast(pa, column.storage, type)
    if pa.types.is_struct(type):
        pairs = zip(column.flatten(), type, strict=True)
        mask = column.is_null() if column.null_count else None
        members = [cast(pa, member, field.type) for member, field in pairs]
        return pa.StructArray.from_arrays(members, fields=list(type), mask=mask)
    if not pa.types.is_nested(type):
        return column.cast(type)
    is_map = pa.types.is_map(type)
    inner = pa.struct([type.key_field, type.item_field]) if is_map else type.value_type
    buffers = column.buffers()[: 1 if pa.types.is_fixed_size_list(type) else 2]
    shape = type, len(column), buffers, column.null_count, column.offset
    return pa.Array.from_buffers(*shape, children=[cast(pa, column.values, inner)])


def plain(pa: Any, type: Any) -> Any:
    """The type of the values of a dictionary, or of runs; for any other, itself."""
    is_encoded = pa.types.is_dictionary(type) or pa.types.is_run_end_encoded(type)
    return type.value_type if is_encoded else type


def has_dictionary(pa: Any, type: Any) -> bool:
    """Whether values of a type are, or hold, places in a dictionary."""
    if pa.types.is_dictionary(type):
        return True
    return any(has_dictionary(pa, type.field(n).type) for n in range(type.num_fields))


def decoded(pa: Any, column: Any) -> Any:
    """The values of a column of places in a dictionary, as a compact type."""
    values = column.dictionary
    return recast(pa, values, compact).take(column.indices)


def is_carrier(pa: Any, type: Any, other: Any) -> bool:
    """Whether values travel as ones of a type that are of another one where they arrive."""
    ways = {other, mapped(pa, other, compact), mapped(pa, plain(pa, other), compact)}
    return type in ways
