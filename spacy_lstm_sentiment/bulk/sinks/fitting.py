"""Values of an input as ones of the types of the output, or why they are none."""

from typing import Any

import pyarrow as pa

from spacy_lstm_sentiment.bulk.sinks.encoders import cell_text, json_texts
from spacy_lstm_sentiment.bulk.sinks.untyped import is_exact, is_untyped, keep, narrow
from spacy_lstm_sentiment.records.arrow import cast, decoded, is_carrier, mapped, stand_in
from spacy_lstm_sentiment.records.blocks import Block
from spacy_lstm_sentiment.records.record import JsonRecord, is_unicode

# Types within which a value can change its type, and nothing else.
KINDS = (
    lambda type: pa.types.is_integer(type) or pa.types.is_floating(type) or _is_decimal(type),
    lambda type: _is_text(type),
    lambda type: pa.types.is_binary(type) or pa.types.is_large_binary(type),
    lambda type: pa.types.is_date(type) or pa.types.is_timestamp(type),
    pa.types.is_time,
    pa.types.is_duration,
)


def fit(field: pa.Field, value: Any, text: str) -> Any:
    """A value, whose JSON is a text, as one of a column; ValueError where it would not stay what
    it is."""
    type = field.type
    if value is None:
        return None
    if is_untyped(field):
        return _unicode(kept) if isinstance(kept := keep(value, text), str) else kept
    if _is_text(type):
        return _unicode(cell_text(value, text))
    fits = is_exact(value, text, type)
    try:
        if fits:
            as_array([value], type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        fits = False
    if not fits:
        raise ValueError(
            f'column "{field.name}" is {type} in the first file: it has no place for'
            f" {text[:40] or value!r}; write JSONL"
        )
    return value


def as_array(values: list[Any], type: pa.DataType) -> pa.Array:
    """Values as Python has them in an array."""
    between = mapped(pa, type, stand_in)
    return cast(pa, pa.array(values, between), type)


def fit_column(block: Block, field: pa.Field) -> tuple[pa.Array, dict[int, str]]:
    """A block's values for a column, null where they do not fit; and why not, by number."""
    column = None if is_untyped(field) else _cast(block.batch[field.name], field.type)
    if column is not None:
        return column, {}
    cells: list[Any] = []
    misfits: dict[int, str] = {}
    for n, row in enumerate(block.rows()):
        cells.append(None)
        if isinstance(row, JsonRecord):
            try:
                text = json_texts(row.raw)[field.name]
                cells[n] = fit(field, row.fields[field.name], text)
            except ValueError as error:
                misfits[n] = str(error)
    return narrow(cells) if is_untyped(field) else as_array(cells, field.type), misfits


def _cast(column: pa.Array, type: pa.DataType) -> pa.Array | None:
    """A column as one of a type, or as travels until it is one; None where values might change."""
    if is_carrier(pa, column.type, type):
        return column
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), type)
    if pa.types.is_dictionary(column.type):
        return _cast(decoded(pa, column), type)
    if not any(is_kind(column.type) and is_kind(type) for is_kind in KINDS):
        return None
    try:
        found = column.cast(type)
        return found if found.cast(column.type).equals(column) else None
    except pa.ArrowException:
        return None


def _is_decimal(type: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(type))


def _is_text(type: pa.DataType) -> bool:
    return any(is_text(type) for is_text in TEXTS)


TEXTS = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def _unicode(text: str) -> str:
    if not is_unicode(text):
        raise ValueError(
            "no Unicode text: a field has half a surrogate pair; write JSONL, which keeps it"
        )
    return text
