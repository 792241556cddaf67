"""Records out of files: JSONL, CSV, TSV, plain text, Parquet and Arrow, and standard input.

Everything streams: no more than one record is held, of any file. What cannot be read comes out as
a BadRecord in its place, so that a caller decides what it means.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import BinaryIO

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.blocks import Item, rows_of
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.lines import Lines
from spacy_lstm_sentiment.records.notices import Note, say
from spacy_lstm_sentiment.records.opening import (
    COMPRESSIONS,
    STANDARD_INPUT,
    open_bytes,
    split_extension,
)
from spacy_lstm_sentiment.records.ranges import Range, open_lines
from spacy_lstm_sentiment.records.record import BadRecord, Record, Row, is_unicode, reject
from spacy_lstm_sentiment.records.tables import read_table
from spacy_lstm_sentiment.records.text import (
    read_json_lines,
    read_jsonl,
    read_jsonl_or_text,
    read_text,
    read_whole,
)
from spacy_lstm_sentiment.records.urls import reason_of, shown

Reader = Callable[[str, Lines], Iterator[Row]]

LINES: dict[str, Reader] = {".jsonl": read_jsonl, ".ndjson": read_jsonl, ".txt": read_text}
LATER_LINES: dict[str, Reader] = {**LINES, ".jsonl": read_json_lines, ".ndjson": read_json_lines}
TABLES = (".csv", ".tsv")
EXTENSIONS = (".jsonl", ".ndjson", *TABLES, ".txt")


def read_records(
    path: str,
    dialect: Dialect = Dialect(),  # noqa: B008  # it cannot be changed
    whole_file: bool = False,
    note: Note = say,
) -> Iterator[Row]:
    """Yield the rows of a file, as `read_items` does, one by one."""
    return rows_of(read_items(path, dialect, whole_file, note))


def read_items(
    path: str, dialect: Dialect, whole_file: bool, note: Note, piece: Range | None = None
) -> Generator[Item, None, int]:
    """Yield the rows of a file in order, of Parquet and Arrow in blocks; "-" is standard input,
    JSONL or plain text. Returns how many lines, or rows of Parquet and Arrow, there were.

    The format goes by the extension: .jsonl (.ndjson), .csv, .tsv, or .txt for a document a line,
    each also compressed, with .gz, .bz2, .xz or .zst; .parquet and .arrow. `dialect` says what the
    extension leaves open; with a delimiter, standard input is a table. With `whole_file`, the file
    is one document, whatever its extension. `path` may be a URL. What has to be guessed at is told
    to `note`. Of a `piece`, whose lines are counted from its own first, only the rows that are in
    it. Raises InputError when iterated over a file that is not there, has another extension, or is
    a table whose header cannot be read.
    """
    extension, compression = split_extension(path)
    if not whole_file and extension in ARROW and not compression:
        from spacy_lstm_sentiment.records.arrow_files import read_arrow

        return (yield from read_arrow(path, piece))
    is_later = piece is not None and piece.start > 0
    if whole_file:
        read_rows: Reader = read_whole
    else:
        read_rows = LATER_LINES[extension] if is_later else _choose_reader(path, dialect, note)
    with _open(path, piece) as stream:
        lines = Lines(stream, dialect.encoding, is_later)
        for row in read_rows(shown(path), lines):
            yield _checked(row, lines)
        if error := lines.source.error:
            yield _broken(path, lines, error)
        return lines.number


def _open(path: str, piece: Range | None) -> AbstractContextManager[BinaryIO]:
    return open_bytes(path) if piece is None else open_lines(path, piece)


def _choose_reader(path: str, dialect: Dialect, note: Note) -> Reader:
    extension, _ = split_extension(path)
    if extension in TABLES or (path == STANDARD_INPUT and dialect.delimiter):
        return partial(read_table, dialect=dialect, extension=extension, note=note)
    if path == STANDARD_INPUT:
        return read_jsonl_or_text
    if extension not in LINES:
        raise InputError(
            f"{shown(path)}: no known extension: name it {', '.join(EXTENSIONS)}, each also with"
            f" {', '.join(COMPRESSIONS)}; or {', '.join(ARROW)}"
        )
    return LINES[extension]


def _checked(row: Row, lines: Lines) -> Row:
    """A row, or what is wrong with it where it is no text."""
    if not is_unicode(row.raw):
        name = "UTF-8" if lines.encoding == "utf-8-sig" else lines.encoding.upper()
        reason = f"not {name}: save the file as UTF-8, or name its --encoding"
        return BadRecord(row.source, row.line, row.raw, reason, _piece(row))
    if isinstance(row, Record) and "\0" in row.raw:
        return reject(row, "a NUL byte: take it out; if each second byte is one, it is UTF-16")
    return row


def _piece(row: Row) -> int | None:
    return row.piece if isinstance(row, BadRecord) else None


def _broken(path: str, lines: Lines, error: Exception) -> BadRecord:
    """What is left of a file from where it broke on."""
    kind = COMPRESSIONS.get(split_extension(path)[1], "")
    name, remedy = f"broken {kind} file" if kind else "the file broke off", "fetch it again"
    if isinstance(error, UnicodeError):
        name, remedy = f"not {lines.encoding.upper()}", "name its --encoding"
    reason = f"{name}: {reason_of(error, path)}; the rows from here on are lost, {remedy}"
    return BadRecord(shown(path), lines.number + 1, lines.cut, reason)
