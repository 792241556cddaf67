"""Rows of JSONL and plain text, and whole files as rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.lines import MAX_LINE, Lines, Piece
from spacy_lstm_sentiment.records.record import BadRecord, JsonRecord, Record, Row


@dataclass(frozen=True, slots=True)
class JsonLine(JsonRecord):
    """A line of JSON, which goes to another process as it was: less, and nested however deep."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _parse_json, (self.source, self.line, self.raw)


def read_text(source: str, lines: Lines) -> Iterator[Row]:
    """A document a line."""
    for line in lines:
        raw = without_line_end(line)
        if isinstance(line, Piece):
            yield too_long(source, lines.number, line)
        else:
            yield Record(source, lines.number, raw, {"text": raw})


def read_jsonl_or_text(source: str, lines: Lines) -> Iterator[Row]:
    """JSONL where the first line begins so, else a document a line."""
    first = lines.peek().strip()
    is_json = first.startswith("{") or _begins_array(first)
    yield from (read_jsonl if is_json else read_text)(source, lines)


def read_jsonl(source: str, lines: Lines) -> Iterator[Row]:
    """The lines of a file of JSON from its beginning.

    Raises InputError for JSON that is written over several lines, or as an array.
    """
    first = lines.peek().strip()
    if _begins_array(first):
        raise InputError(f"{source}: a JSON array: write an object a line, as jq -c '.[]' does")
    if first.startswith("{") and first.endswith(("{", "[", ",")):
        raise InputError(f"{source}: JSON over several lines: write one a line, as jq -c . does")
    yield from read_json_lines(source, lines)


def read_json_lines(source: str, lines: Lines) -> Iterator[Row]:
    """A JSON object a line, whatever the first one is like; blank lines are none."""
    for line in lines:
        raw = without_line_end(line)
        if isinstance(line, Piece):
            yield too_long(source, lines.number, line)
        elif raw.strip():
            yield _parse_json(source, lines.number, raw)


def _begins_array(line: str) -> bool:
    return line.startswith("[") and line[1:].lstrip()[:1] in ("", "{", '"')


def read_whole(source: str, lines: Lines) -> Iterator[Row]:
    """A file as one document, with its path as `file`."""
    text = lines.read(MAX_LINE)
    if lines.source.error:
        lines.cut = text
        return
    more = lines.read(MAX_LINE)
    if not more:
        yield Record(source, 1, text, {"file": source, "text": text})
        return
    number = 0
    while text:
        number += 1
        yield _too_long(source, 1, text, number)
        text, more = more, lines.read(MAX_LINE)


def too_long(source: str, line: int, piece: Piece) -> BadRecord:
    """A piece of a line that is longer than can be held."""
    return _too_long(source, line, without_line_end(piece), piece.number)


def without_line_end(line: str) -> str:
    """A line without its \\n or \\r\\n."""
    return line.removesuffix("\n").removesuffix("\r")


def _too_long(source: str, line: int, raw: str, piece: int) -> BadRecord:
    reason = f"a line of more than {MAX_LINE:,} characters: split its text; this is piece {piece}"
    return BadRecord(source, line, raw, reason, piece)


def _parse_json(source: str, line: int, raw: str) -> Row:
    try:
        fields = json.loads(raw)
    except json.JSONDecodeError as error:
        reason = f"broken JSON: {error.msg} at character {error.pos + 1}; write one object a line"
        return BadRecord(source, line, raw, reason)
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or brackets nested as deep.
        return BadRecord(source, line, raw, f"JSON beyond what can be read: {error}")
    if not isinstance(fields, dict):
        reason = 'a JSON value, but no object: write {"text": ...}'
        return BadRecord(source, line, raw, reason)
    return JsonLine(source, line, raw, fields)
