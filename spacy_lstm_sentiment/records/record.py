"""What a run reads: records, and rows that are none."""

import json
import re
from dataclasses import dataclass
from typing import Any

# White space, and characters that show nothing.
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff]*")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of input.

    source: the path as given, or "-" for standard input.
    line: the 1-based line at which the row starts.
    raw: the row's text as read, without its line end.
    fields: value by column; plain text has one column, "text".
    """

    source: str
    line: int
    raw: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonRecord(Record):
    """A row whose raw text is a JSON object."""


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A row that cannot be read.

    reason: one phrase, "what is wrong: details and how to mend it". Bytes that are no text are
    surrogate escapes in `raw`.
    piece: counts the pieces, from 1, in which a line comes that is too long to be held.
    id: what identifies the row, where the run has a column for that.
    """

    source: str
    line: int
    raw: str
    reason: str
    piece: int | None = None
    id: Any = None


Row = Record | BadRecord


def text_of(record: Record, field: str) -> str | BadRecord:
    """The text in a record's field, or a BadRecord where that is missing, empty or no text."""
    if field not in record.fields:
        columns = ", ".join(record.fields) or "none"
        return reject(record, f'no field "{field}": name the one with the text, of {columns}')
    text = record.fields[field]
    reason = fault_of(text, field)
    return text if reason is None else reject(record, reason)


def fault_of(text: Any, field: str) -> str | None:
    """Why the value of a field is no text, if so."""
    if empty := emptiness(text):
        return f'no text: field "{field}" is {empty}'
    if not isinstance(text, str):
        found = shorten(described(text), 40)
        return f'field "{field}" is no text: it has to be a string, not {found}'
    if not is_unicode(text):
        return f'field "{field}" is no Unicode text: it has half a surrogate pair'
    return None


def emptiness(value: Any) -> str | None:
    """In what way a value is no text where one should be: null, empty or blank; None if it is."""
    if value is None or value != value:  # NaN is the null of data frames
        return "null"
    if isinstance(value, str) and _INVISIBLE.fullmatch(value):
        return "blank" if value else "empty"
    return None


def has_no_text(record: Record, field: str) -> bool:
    """Whether a record has the field, with no text in it."""
    return field in record.fields and emptiness(record.fields[field]) is not None


def reject(record: Record, reason: str) -> BadRecord:
    """The record as one that cannot be used, and why."""
    return BadRecord(record.source, record.line, record.raw, reason)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold the text, which it cannot where there are lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def described(value: Any) -> str:
    """A value as text: a string is itself, all else its JSON, as far as it has one."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, default=str)
    except (ValueError, RecursionError):  # as of brackets nested in their thousands
        return f"a {type(value).__name__} beyond what can be written"


def shorten(text: str, width: int) -> str:
    """A text, cut where it is longer than so many characters."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
