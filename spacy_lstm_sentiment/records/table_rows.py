"""The rows of CSV and TSV as they stand there: cells, or what is wrong with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from spacy_lstm_sentiment.records.dialect import QUOTE, Dialect
from spacy_lstm_sentiment.records.lines import MAX_LINE, Lines, Piece
from spacy_lstm_sentiment.records.text import without_line_end

# After an escape, a cell that is null; and, in tables without quotes, these characters.
NULL = "N"
CONTROLS = {"0": "\0", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}

REMEDY = (
    "put the field in quotes and double those inside it, or name --quoting none where quotes are"
    " characters like others"
)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table.

    line, raw: where it starts, and its text without the last line end. fault: what is wrong with
    it, and how to mend it. is_open: where it really ends, nobody knows. may_go_on: it may be the
    rest of a row before it. has_quote: there is one in it; has_stray: within a cell that is not in
    quotes. is_quoted: a cell after the first is in quotes, and the row is one line. piece: the row
    is a piece of a line that is too long.
    """

    line: int
    raw: str
    cells: list[str | None]
    fault: str = ""
    is_open: bool = False
    may_go_on: bool = False
    has_quote: bool = False
    has_stray: bool = False
    is_quoted: bool = False
    piece: Piece | None = None


class _BrokenRow(Exception):
    """A row that cannot be read any further; a piece of a long line may be why."""

    def __init__(self, fault: str, piece: Piece | None = None) -> None:
        super().__init__(f"broken quoting: {fault}; {REMEDY}")
        self.piece = piece


class TableRows:
    """The rows of a table, its header included; blank lines are none."""

    def __init__(self, lines: Lines, dialect: Dialect) -> None:
        self._lines = lines
        self._delimiter = dialect.delimiter or ""
        self._escape = dialect.escape or ""
        self._quote = QUOTE if dialect.quoting == "csv" else ""
        self._specials = [mark for mark in (self._quote, self._escape) if mark]
        # What ends a cell, or gives the character after it another meaning.
        self._stops = {
            end: re.compile(f"[{re.escape(end + self._escape)}]")
            for end in (self._delimiter, QUOTE)
        }
        # The row that is being read: its lines, and the place in the last.
        self._taken: list[str] = []
        self._line = ""
        self._at = self._size = 0

    def __iter__(self) -> Iterator[TableRow]:
        for line in self._lines:
            raw = without_line_end(line)
            if isinstance(line, Piece):
                yield self._piece(line, is_inside=False)
            elif any(mark in line for mark in self._specials):
                yield from self._read(line)
            elif self._quote and "\r" in raw:
                fault = f"broken quoting: a line end (\\r) in a field without quotes; {REMEDY}"
                yield TableRow(self._lines.number, raw, [], fault)
            elif raw:
                yield TableRow(self._lines.number, raw, [*raw.split(self._delimiter)])

    def _piece(self, piece: Piece, is_inside: bool) -> TableRow:
        has_quote = bool(self._quote) and (is_inside or self._quote in piece)
        fault = "a line of more characters than can be held"
        number = self._lines.number
        return TableRow(number, "", [], fault, is_open=has_quote, has_quote=has_quote, piece=piece)

    def _read(self, line: str) -> Iterator[TableRow]:
        """A row with marks in it, which may go on in other lines."""
        start, self._taken, self._line = self._lines.number, [line], line
        self._at = self._size = 0
        cells: list[str | None] = []
        fault, piece, has_stray, is_quoted = "", None, False, False
        try:
            while not cells or self._line.startswith(self._delimiter, self._at):
                self._at += bool(cells)
                if self._quote and self._line.startswith(self._quote, self._at):
                    cell: str | None = self._quoted()
                    is_quoted = is_quoted or bool(cells)
                else:
                    cell = self._unquoted()
                    has_stray = has_stray or (bool(self._quote) and QUOTE in (cell or ""))
                    if self._quote and self._line.endswith(self._quote, 0, self._at) and cell:
                        raise _BrokenRow("a quote ends a field that begins with none")
                if not self._is_at_end():
                    raise _BrokenRow("a quote in a field in quotes that is not doubled")
                cells.append(cell)
        except _BrokenRow as error:
            fault, piece = str(error), error.piece
        yield TableRow(
            start,
            without_line_end("".join(self._taken)),
            cells,
            fault,
            is_open=bool(fault and self._quote),
            may_go_on=bool(fault and self._quote) and (not cells or has_stray),
            has_quote=any(QUOTE in taken for taken in self._taken),
            has_stray=has_stray,
            is_quoted=is_quoted and len(self._taken) == 1,
        )
        if piece:
            yield self._piece(piece, is_inside=True)

    def _is_at_end(self) -> bool:
        """Whether a cell ends here."""
        rest = self._line[self._at : self._at + 2]
        return rest.startswith(self._delimiter) or rest in ("", "\n", "\r\n")

    def _quoted(self) -> str:
        """The cell in quotes that begins here."""
        self._at += 1
        parts = []
        while True:
            text, is_ended = self._until(QUOTE, len(self._line))
            parts.append(text)
            if not is_ended:
                self._next_line()
                continue
            self._at += 1
            if not self._line.startswith(QUOTE, self._at):
                return "".join(parts)
            parts.append(QUOTE)
            self._at += 1

    def _unquoted(self) -> str | None:
        """The cell without quotes that begins here."""
        start, line = self._at, self._line
        text, _ = self._until(self._delimiter, len(without_line_end(line)))
        if self._quote and "\r" in text:
            raise _BrokenRow("a line end (\\r) in a field without quotes")
        if self._escape and self._line is line and line[start : self._at] == self._escape + NULL:
            return None
        return text

    def _until(self, end: str, limit: int) -> tuple[str, bool]:
        """The text up to a mark, or to the end of the line: with its escapes resolved."""
        parts = []
        while match := self._stops[end].search(self._line, self._at, limit):
            parts.append(self._line[self._at : match.start()])
            self._at = match.start()
            if match[0] == end:
                return "".join(parts), True
            line = self._line
            parts.append(self._escaped())
            if self._line is not line:
                is_quoted = end == QUOTE
                limit = len(self._line if is_quoted else without_line_end(self._line))
        parts.append(self._line[self._at : limit])
        self._at = limit
        return "".join(parts), False

    def _escaped(self) -> str:
        """What the escape that stands here means, with the character after it."""
        self._at += 1
        rest = self._line[self._at : self._at + 2]
        if rest in ("\n", "\r\n"):
            self._next_line()
            return rest
        self._at += len(rest[:1])
        if rest[:1] in (self._escape, self._delimiter, QUOTE):
            return rest[:1]
        if not self._quote and rest[:1] in CONTROLS:
            return CONTROLS[rest[0]]
        return self._escape + rest[:1]

    def _next_line(self) -> None:
        line = next(self._lines, None)
        if line is None:
            raise _BrokenRow("the file ends within a field")
        if isinstance(line, Piece):
            raise _BrokenRow("it goes on in a line that is too long", line)
        self._taken.append(line)
        self._size += len(line)
        self._line, self._at = line, 0
        if self._size > MAX_LINE:
            raise _BrokenRow(f"a field that has no end within {MAX_LINE:,} characters")
