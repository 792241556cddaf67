"""Types for columns that have none: the narrowest that keeps each value, in a part and in all.

A part has the type that its own rows need; when the parts are joined, all get the type that the
rows of all need. How the rows were cut into parts makes no difference.
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import isfinite
from typing import Any

import pyarrow as pa
import pyarrow.compute

from spacy_lstm_sentiment.bulk.sinks.encoders import cell_text

UNTYPED = {b"untyped": b""}
TYPES = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), str: pa.string()}
# Whole numbers up to here are numbers of double precision, too.
MAX_EXACT = 1 << 53


def is_untyped(field: pa.Field) -> bool:
    """Whether a column's type is found from its values."""
    return bool(field.metadata) and UNTYPED.items() <= field.metadata.items()


def is_exact(value: Any, text: str, type: pa.DataType) -> bool:
    """Whether a value, whose JSON is a text, stays what it is as one of a type.

    Types that no JSON has are taken to tell it themselves.
    """
    if type == pa.bool_():
        return value.__class__ is bool
    if type == pa.int64():
        return value.__class__ is int and -(1 << 63) <= value < 1 << 63
    if type == pa.float64():
        if value.__class__ is int:
            return abs(value) <= MAX_EXACT
        if value.__class__ is not float:
            return False
        return not (text and isfinite(value)) or Decimal(text) == Decimal(repr(value))
    return True


def keep(value: Any, text: str) -> Any:
    """A value of a column without a type: as it is, or as text where no type can hold it."""
    type = TYPES.get(value.__class__)
    exact = type is not None and is_exact(value, text, type)
    return value if exact else cell_text(value, text)


def narrow(values: Sequence[Any]) -> pa.Array:
    """Kept values as an array of the narrowest type that holds them all."""
    types = {TYPES[value.__class__] for value in values if value is not None}
    large = any(value.__class__ is int and abs(value) > MAX_EXACT for value in values)
    return _as_type(values, _common(types, large))


def fit_all(columns: Sequence[pa.Field], parts: Iterable[pa.RecordBatch]) -> list[pa.Field]:
    """The columns of a table, those without a type with one that holds the values of all parts."""
    types: dict[str, set[pa.DataType]] = {c.name: set() for c in columns if is_untyped(c)}
    large = set()
    for part in parts if types else ():
        for name, found in types.items():
            values = part[name]
            if pa.types.is_null(values.type):
                continue
            found.add(values.type)
            if values.type == pa.int64() and _is_large(values):
                large.add(name)
    return [
        pa.field(c.name, _common(types[c.name] or {pa.string()}, c.name in large))
        if c.name in types
        else c
        for c in columns
    ]


def widen(values: pa.Array, type: pa.DataType) -> pa.Array:
    """Values of a part as ones of the type of all."""
    return _as_type(values.to_pylist(), type)


def _is_large(values: Any) -> bool:
    ends = pa.compute.min_max(values).as_py()
    return max(-ends["min"], ends["max"]) > MAX_EXACT


def _common(types: set[pa.DataType], large: bool) -> pa.DataType:
    """The type that holds values of all of these."""
    if len(types) <= 1:
        return next(iter(types), pa.null())
    numbers = {pa.int64(), pa.float64()}
    return pa.float64() if types == numbers and not large else pa.string()


def _as_type(values: Sequence[Any], type: pa.DataType) -> pa.Array:
    if type == pa.string():
        values = [v if v is None or isinstance(v, str) else _text(v) for v in values]
    return pa.array(values, type)


def _text(value: Any) -> str:
    """A number as text: 1.0 is 1, which it may have been before it was among decimals."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) <= MAX_EXACT
    return json.dumps(int(value) if whole else value)
