"""What stands between the cells of a table, where nobody has said so."""

import io
import re
from dataclasses import replace

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.lines import Lines
from spacy_lstm_sentiment.records.notices import Note
from spacy_lstm_sentiment.records.table_rows import TableRows

DELIMITERS = ",;\t|"
# Lines that are looked at, and the share of their rows that have to be as wide as the header.
N_LINES = 50
MIN_SHARE = 0.6
# How Excel is told, in a line before the header.
DECLARED = re.compile(r'"?sep=([^"])"?\s*', re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')


def settle(source: str, lines: Lines, dialect: Dialect, extension: str, note: Note) -> Dialect:
    """The dialect of a table, all of it: what is guessed at is noted.

    Raises InputError where the delimiter may be one or another.
    """
    declared = DECLARED.fullmatch(lines.peek())
    if declared:
        while not DECLARED.fullmatch(next(lines)):
            pass  # blank lines before it
        dialect = replace(dialect, delimiter=dialect.delimiter or declared[1])
    usual = dialect.of(extension)
    if dialect.delimiter is not None:
        return usual
    header = lines.peek()
    if usual.quoting == "csv":
        header = QUOTED.sub("", header)
    if not any(mark in header for mark in DELIMITERS if mark != usual.delimiter):
        return usual
    head = lines.head(N_LINES)
    candidates = [replace(dialect, delimiter=m).of(extension) for m in DELIMITERS if m in header]
    fitting = [each for each in candidates if _share(head, each) >= MIN_SHARE]
    if len(fitting) > 1:
        marks = " or ".join(repr(each.delimiter) for each in fitting)
        raise InputError(f"{source}:1: the delimiter may be {marks}: name it with --delimiter")
    if not fitting or fitting == [usual]:
        return usual
    mark = fitting[0].delimiter
    note(f"{source}: the delimiter is {mark!r}, it seems; otherwise name it with --delimiter")
    return fitting[0]


def _share(head: list[str], dialect: Dialect) -> float:
    """The share of the rows that are as wide as the header; 0 where that is one cell."""
    text = "".join(head).encode("utf-8", "surrogatepass")
    header, *rows = TableRows(Lines(io.BytesIO(text)), dialect)
    width = len(header.cells)
    if width == 1 or not rows:
        return float(width > 1)
    # The last may have been cut.
    rows = rows[:-1] if len(rows) > 1 and len(head) == N_LINES else rows
    return sum(not row.fault and len(row.cells) == width for row in rows) / len(rows)
