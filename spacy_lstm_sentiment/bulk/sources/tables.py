"""Rows of CSV and TSV."""

import csv
from collections.abc import Iterable, Iterator

from spacy_lstm_sentiment.bulk.records import BadRecord, Record, Row, is_unicode
from spacy_lstm_sentiment.bulk.sources.lines import MAX_LINE, Lines, Piece
from spacy_lstm_sentiment.bulk.sources.text import too_long, without_line_end
from spacy_lstm_sentiment.errors import InputError

# A row's first line, its raw text, and its cells or what is wrong with it.
Parsed = tuple[int, str, "list[str] | csv.Error | _LongLine"]


class _LongLine(Exception):
    """A line that comes in pieces."""

    def __init__(self, piece: Piece) -> None:
        super().__init__("a line of more characters than can be held")
        self.piece = piece


def read_table(source: str, lines: Lines, *, delimiter: str) -> Iterator[Row]:
    """Rows of a table whose first row is its header."""
    rows = _parse_table(lines, delimiter)
    header = next(rows, None)
    if header is None:
        return
    columns = _check_header(source, *header)
    for line, raw, cells in rows:
        if isinstance(cells, _LongLine):
            yield from _in_pieces(source, line, raw, cells.piece)
        elif isinstance(cells, csv.Error):
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


def _parse_table(lines: Lines, delimiter: str) -> Iterator[Parsed]:
    """The rows of a table; blank lines are none."""
    # A quote that is never closed swallows the rows after it up to this many characters.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))
    taken: list[str] = []
    reader = csv.reader(_noted(lines, taken), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        start = lines.number + 1
        cells: list[str] | csv.Error | _LongLine | None
        try:
            cells = next(reader, None)
        except (csv.Error, _LongLine) as error:
            cells = error
        if cells is None:
            return
        if isinstance(cells, _LongLine):
            # The line has been counted with its first piece; the iterator ended with its error.
            yield min(start, lines.number), without_line_end("".join(taken)), cells
            reader = csv.reader(_noted(lines, taken), delimiter=delimiter, strict=True)
        elif cells:
            yield start, without_line_end("".join(taken)), cells


def _noted(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        if isinstance(line, Piece):
            raise _LongLine(line)
        taken.append(line)
        yield line


def _in_pieces(source: str, line: int, before: str, piece: Piece) -> Iterator[BadRecord]:
    """A piece of a long line, after the lines of the row before it, which it ends."""
    if before:
        yield BadRecord(
            source, line, before, "broken quoting: it goes on in a line that is too long"
        )
    yield too_long(source, line + before.count("\n") + bool(before), piece)


def _check_header(
    source: str, line: int, raw: str, cells: list[str] | csv.Error | _LongLine
) -> list[str]:
    if isinstance(cells, _LongLine):
        raise InputError(f"{source}:{line}: the header is {cells}: is it a table?")
    if isinstance(cells, csv.Error):
        raise InputError(f"{source}:{line}: the header has broken quoting: {cells}")
    if not is_unicode(raw):
        raise InputError(f"{source}:{line}: the header is not UTF-8: save the file as UTF-8")
    if "\0" in raw:
        raise InputError(f"{source}:{line}: the header has NUL bytes: is it UTF-16? --encoding")
    for name in cells:
        if cells.count(name) > 1:
            raise InputError(f'{source}:{line}: two columns are named "{name}": rename one')
    return cells
