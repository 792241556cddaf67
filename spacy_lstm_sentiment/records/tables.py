"""Records of CSV and TSV."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.delimiters import settle
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.lines import MAX_LINE, Lines
from spacy_lstm_sentiment.records.notices import Note
from spacy_lstm_sentiment.records.record import BadRecord, Record, Row, is_unicode
from spacy_lstm_sentiment.records.table_rows import TableRow, TableRows
from spacy_lstm_sentiment.records.text import too_long

# Rows one after another that make sure that reading is in step again after a broken one: those that
# have a cell in quotes where running text has none; or all that fit a table of several columns, as
# many or as long as these.
N_QUOTED = 3
N_HELD = 1000


def read_table(
    source: str, lines: Lines, dialect: Dialect, extension: str, note: Note
) -> Iterator[Row]:
    """Rows of a table whose first row is its header; what is guessed at is noted."""
    dialect = settle(source, lines, dialect, extension, note)
    rows = iter(TableRows(lines, dialect))
    header = next(rows, None)
    if header is None:
        return
    columns = _check_header(source, header)
    table = _Table(source, lines, columns, len(header.cells) - len(columns))
    if dialect.quoting == "none":
        yield from map(table.record, rows)
        return
    for row in rows:
        yield from table.add(row)
    yield from table.end()


@dataclass
class _Table:
    """Makes records of rows, of which it holds those that may turn out to be none.

    Where the quotes of a cell are not doubled, its lines may look like rows. What gives them away
    is its last line, which ends in a quote that fits no row. So the rows from the last one with a
    quote on are held; and after a broken row all are, until it has surely ended.
    """

    source: str
    lines: Lines
    columns: list[str]
    n_nameless: int  # columns to the right of them, in which nothing stands
    held: list[TableRow] = field(default_factory=list)
    n_characters: int = 0
    broken: TableRow | None = None

    def record(self, row: TableRow) -> Row:
        """A row as a record, or what is wrong with it."""
        if row.piece:
            return too_long(self.source, row.line, row.piece)
        if fault := self._fault(row):
            return BadRecord(self.source, row.line, row.raw, fault)
        cells = row.cells[: len(self.columns)]
        fields = dict(zip(self.columns, cells, strict=True))
        return Record(self.source, row.line, row.raw, fields)

    def add(self, row: TableRow) -> Iterator[Row]:
        """The rows that are known for what they are, now that this one has come."""
        if row.is_open or (self.broken and (self._fault(row) or row.has_stray)):
            is_suspect = self.broken or (self.held and self.held[0].has_quote and row.may_go_on)
            self.broken = self.broken or row
            yield from self._reject() if is_suspect else self._release()
            yield self.record(row) if self._fault(row) else self._rejected(row)
            return
        if not self.broken and ((row.has_quote and not row.has_stray) or self._is_full()):
            yield from self._release()
        self.held.append(row)
        self.n_characters += len(row.raw)
        if self.broken and (self._is_full() or self._n_quoted() == N_QUOTED):
            if len(self.columns) == 1:
                yield from self._reject()
                return
            self.held.pop()
            yield from self._release()
            self.held, self.broken = [row], None

    def end(self) -> Iterator[Row]:
        """The rows that are held when the table ends: no broken cell has its end in them, if there
        is no quote in them."""
        has_quote = any(row.has_quote for row in self.held)
        is_sure = self._n_quoted() or not (has_quote or self.lines.source.error)
        yield from self._release() if is_sure or not self.broken else self._reject()

    def _release(self) -> Iterator[Row]:
        yield from map(self.record, self.held)
        self.held, self.n_characters = [], 0

    def _reject(self) -> Iterator[Row]:
        yield from map(self._rejected, self.held)
        self.held, self.n_characters = [], 0

    def _rejected(self, row: TableRow) -> Row:
        line = self.broken.line if self.broken else row.line
        reason = f"beside broken quoting: it may belong to the row of line {line}: mend that one"
        record = self.record(row)
        if isinstance(record, BadRecord):
            return record
        return BadRecord(self.source, row.line, row.raw, reason)

    def _is_full(self) -> bool:
        return len(self.held) >= N_HELD or self.n_characters > MAX_LINE

    def _n_quoted(self) -> int:
        return sum(row.is_quoted for row in self.held)

    def _fault(self, row: TableRow) -> str:
        if row.fault or len(row.cells) == len(self.columns):
            return row.fault
        more = row.cells[len(self.columns) :]
        if self.n_nameless and 0 < len(more) <= self.n_nameless:
            return "a value in a column without a name: name that column" if any(more) else ""
        return (
            f"wrong number of fields: {len(row.cells)}, and the header has {len(self.columns)};"
            " put fields that hold a delimiter in quotes"
        )


def _check_header(source: str, row: TableRow) -> list[str]:
    where = f"{source}:{row.line}"
    if row.fault:
        raise InputError(f"{where}: the header has {row.fault}")
    if not is_unicode(row.raw):
        raise InputError(
            f"{where}: the header is not UTF-8: save the file as UTF-8, or name its --encoding"
        )
    if "\0" in row.raw:
        raise InputError(f"{where}: the header has NUL bytes: is it UTF-16? --encoding")
    names = [name or "" for name in row.cells]
    if names.count("") > 1:  # spreadsheets write columns where there has once been something
        while names and not names[-1]:
            names.pop()
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'{where}: two columns are named "{name}": rename one')
    return names
