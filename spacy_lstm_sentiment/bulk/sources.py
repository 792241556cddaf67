"""Records out of files: JSONL, CSV, TSV and plain text, also gzipped, and standard input.

Everything streams: no more than one record is held, of any file. What cannot be read comes out as
a BadRecord in its place, so that a caller decides what it means.
"""

import codecs
import csv
import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

from spacy_lstm_sentiment.errors import InputError

STANDARD_INPUT = "-"

# Characters. A quote that is never closed swallows the rows after it up to here.
MAX_CSV_FIELD = 1 << 24


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

    reason: one phrase, "what is wrong: details and how to mend it". Bytes that are not UTF-8 are
    surrogate escapes in `raw`.
    """

    source: str
    line: int
    raw: str
    reason: str


Row = Record | BadRecord


def read_records(path: str) -> Iterator[Row]:
    """Yield the rows of a file in order; "-" is standard input, JSONL or plain text.

    The format goes by the extension: .jsonl (.ndjson), .csv, .tsv, or .txt for a document a line,
    each also with .gz. Raises InputError when iterated over a file that is not there, has another
    extension, or is a table whose header cannot be read.
    """
    read_rows = _choose_reader(path)
    with _open(path) as stream:
        lines = _Lines(stream)
        try:
            for row in read_rows(path, lines):
                yield row if is_unicode(row.raw) else _not_utf8(row)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            reason = f"broken gzip file: {error}; the rows from here on are lost, fetch it again"
            yield BadRecord(path, lines.number + 1, "", reason)


def text_of(record: Record, field: str) -> str | BadRecord:
    """The text in a record's field, or a BadRecord where that is missing or no text."""
    if field not in record.fields:
        columns = ", ".join(record.fields) or "none"
        return reject(record, f'no field "{field}": name the one with the text, of {columns}')
    text = record.fields[field]
    if not isinstance(text, str):
        found = _shorten(json.dumps(text))
        return reject(record, f'field "{field}" is no text: it has to be a string, not {found}')
    if not is_unicode(text):
        return reject(record, f'field "{field}" is no Unicode text: it has half a surrogate pair')
    return text


def reject(record: Record, reason: str) -> BadRecord:
    """The record as one that cannot be used, and why."""
    return BadRecord(record.source, record.line, record.raw, reason)


def split_extension(path: str) -> tuple[str, bool]:
    """A path's extension in lower case, less any .gz, and whether there was that .gz."""
    name = Path(path).name.lower()
    return Path(name.removesuffix(".gz")).suffix, name.endswith(".gz")


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold the text, which it cannot where there are lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Lines:
    """The lines of a stream, counted and decoded; bytes that are not UTF-8 become surrogates."""

    def __init__(self, stream: BinaryIO) -> None:
        self.number = 0
        self._lines: Iterator[str] = map(self._decode, self._without_bom(stream))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        return line

    def peek(self) -> str:
        """The first line ahead that is not blank, or ""; it is still to be read."""
        head = []
        for line in self._lines:
            head.append(line)
            if line.strip():
                break
        self._lines = chain(head, self._lines)
        return head[-1] if head else ""

    @staticmethod
    def _decode(line: bytes) -> str:
        return line.decode("utf-8", "surrogateescape")

    @staticmethod
    def _without_bom(stream: BinaryIO) -> Iterator[bytes]:
        first = stream.readline().removeprefix(codecs.BOM_UTF8)
        if first:
            yield first
        yield from stream


Reader = Callable[[str, _Lines], Iterator[Row]]


def _choose_reader(path: str) -> Reader:
    if path == STANDARD_INPUT:
        return _read_jsonl_or_text
    readers: dict[str, Reader] = {
        ".jsonl": _read_jsonl,
        ".ndjson": _read_jsonl,
        ".csv": partial(_read_table, delimiter=","),
        ".tsv": partial(_read_table, delimiter="\t"),
        ".txt": _read_text,
    }
    extension, _ = split_extension(path)
    if extension not in readers:
        raise InputError(
            f"{path}: no known extension: name it {', '.join(readers)}, each also with .gz"
        )
    return readers[extension]


def _open(path: str) -> AbstractContextManager[BinaryIO]:
    if path == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    _, gzipped = split_extension(path)
    try:
        return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else Path(path).open("rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder: name the files in it") from None


def _read_text(source: str, lines: _Lines) -> Iterator[Row]:
    for line in lines:
        raw = _without_line_end(line)
        yield Record(source, lines.number, raw, {"text": raw})


def _read_jsonl_or_text(source: str, lines: _Lines) -> Iterator[Row]:
    is_json = lines.peek().lstrip().startswith("{")
    yield from (_read_jsonl if is_json else _read_text)(source, lines)


def _read_jsonl(source: str, lines: _Lines) -> Iterator[Row]:
    for line in lines:
        raw = _without_line_end(line)
        if raw.strip():
            yield _parse_json(source, lines.number, raw)


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
    return JsonRecord(source, line, raw, fields)


def _read_table(source: str, lines: _Lines, *, delimiter: str) -> Iterator[Row]:
    rows = _parse_table(lines, delimiter)
    header = next(rows, None)
    if header is None:
        return
    columns = _check_header(source, *header)
    for line, raw, cells in rows:
        if isinstance(cells, csv.Error):
            reason = f"broken quoting: {cells}; put the field in quotes and double those inside it"
            yield BadRecord(source, line, raw, reason)
        elif len(cells) != len(columns):
            reason = (
                f"wrong number of fields: {len(cells)}, and the header has {len(columns)};"
                " put fields that hold a delimiter in quotes"
            )
            yield BadRecord(source, line, raw, reason)
        else:
            yield Record(source, line, raw, dict(zip(columns, cells, strict=True)))


def _parse_table(lines: _Lines, delimiter: str) -> Iterator[tuple[int, str, list[str] | csv.Error]]:
    """Yield each row's first line, raw text, and cells or what is wrong; blank lines are none."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CSV_FIELD))
    taken: list[str] = []
    reader = csv.reader(_noted(lines, taken), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        start = lines.number + 1
        cells: list[str] | csv.Error | None
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells = error
        if cells is None:
            return
        if cells:
            yield start, _without_line_end("".join(taken)), cells


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _check_header(source: str, line: int, raw: str, cells: list[str] | csv.Error) -> list[str]:
    if isinstance(cells, csv.Error):
        raise InputError(f"{source}:{line}: the header has broken quoting: {cells}")
    if not is_unicode(raw):
        raise InputError(f"{source}:{line}: the header is not UTF-8: save the file as UTF-8")
    for name in cells:
        if cells.count(name) > 1:
            raise InputError(f'{source}:{line}: two columns are named "{name}": rename one')
    return cells


def _not_utf8(row: Row) -> BadRecord:
    return BadRecord(row.source, row.line, row.raw, "not UTF-8: save the file as UTF-8")


def _without_line_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _shorten(text: str, width: int = 40) -> str:
    return text if len(text) <= width else f"{text[: width - 3]}..."
