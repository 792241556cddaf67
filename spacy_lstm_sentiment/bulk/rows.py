"""The rows of all inputs of a run, and what its columns are."""

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.blocks import Block, Item, n_rows, rejected, rows_of
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.inputs import is_plain, is_repeatable
from spacy_lstm_sentiment.records.notices import Note, say, unsaid
from spacy_lstm_sentiment.records.ranges import Range, Returning
from spacy_lstm_sentiment.records.reading import read_items
from spacy_lstm_sentiment.records.record import (
    BadRecord,
    JsonRecord,
    Record,
    has_no_text,
    is_unicode,
    text_of,
)
from spacy_lstm_sentiment.records.splits import Split
from spacy_lstm_sentiment.records.urls import shown

# Rows that are looked at to find out which column has the text.
SAMPLE = 100
# Rows that are held to find the columns of a table.
MAX_HEAD = 10_000


@dataclass(frozen=True)
class Inputs:
    """The files of a run and how they are read."""

    paths: list[str]
    dialect: Dialect = field(default_factory=Dialect)
    whole_file: bool = False
    note: Note = say

    @property
    def are_repeatable(self) -> bool:
        """Whether all of them can be read again."""
        return all(map(is_repeatable, self.paths))

    def size(self) -> int | None:
        """Bytes in all of them; None where those say little, as in compressed files."""
        plain = all(is_plain(path) for path in self.paths)
        return sum(Path(path).stat().st_size for path in self.paths) if plain else None

    def read(self, path: str, piece: Range | None = None) -> Generator[Item, None, int]:
        """The rows of one of them, or of a piece of it; returns how many lines there are."""
        return read_items(path, self.dialect, self.whole_file, self.note, piece)

    def elsewhere(self) -> "Inputs":
        """The same for another process, where all there is to say of them has been said."""
        return replace(self, paths=[], note=unsaid)


@dataclass(frozen=True)
class Columns:
    """Which columns a run needs, and which it adds.

    text_field: the one with the text. id_field: one that every row has to have, if any.
    """

    text_field: str
    id_field: str | None
    result_columns: list[str]

    def problem(self, item: Block | Record) -> str | None:
        """What is wrong with the columns of a record or a block."""
        names: Collection[str] = item.names if isinstance(item, Block) else item.fields
        for column in self.result_columns:
            if column in names:
                return f'column "{column}" is where a result goes: name the results with --prefix'
        # In JSONL, a row may lack what others have.
        needed = [] if isinstance(item, JsonRecord) else [self.text_field, self.id_field]
        for name in needed:
            if name is not None and name not in names:
                known = ", ".join(names)
                what = "the text" if name == self.text_field else "the id"
                return f'no column "{name}": name the one with {what}, of {known}'
        return None


def read_split(inputs: Inputs, columns: Columns, split: Split) -> Generator[Item, None, int]:
    """The rows of a split, in order; returns how many lines the last file has, or its piece.

    Raises InputError for an input that can be read only once, and has columns that cannot be used;
    one that can be read again has been checked before: it becomes a bad row if it is gone since.
    """
    n_lines = 0
    for path in split.paths:
        is_checked = is_repeatable(path)
        try:
            n_lines = yield from _read(inputs, path, columns, split.range, is_checked)
        except InputError as error:
            if not is_checked:
                raise
            yield BadRecord(shown(path), 1, "", f"no longer to be read: {error}")
    return n_lines


def check_inputs(inputs: Inputs, columns: Columns, group_by: Collection[str] = ()) -> None:
    """Find an input that cannot be used before hours are spent on those before it.

    Inputs that can be read only once are not looked at. Raises InputError for one with columns that
    cannot be used, and for a column to group by that none has in its first rows.
    """
    known: dict[str, None] = {}
    for path in filter(is_repeatable, inputs.paths):
        n_seen = 0
        items = _read(inputs, path, columns)
        for item in items:
            if not isinstance(item, BadRecord):
                known |= dict.fromkeys(item.names if isinstance(item, Block) else item.fields)
                n_seen += n_rows(item)
                if n_seen >= (SAMPLE if group_by else 1):
                    break
        items.close()
    for name in group_by:
        if known and name not in known:
            raise InputError(f'no column "{name}" to group by: there are {", ".join(known)}')


def _read(
    inputs: Inputs,
    path: str,
    columns: Columns,
    piece: Range | None = None,
    is_checked: bool = False,
) -> Generator[Item, None, int]:
    """The rows of a file, or of a piece of it; InputError where the first has columns that cannot
    be used, unless that has been checked."""
    items = Returning(inputs.read(path, piece))
    for item in items:
        if isinstance(item, BadRecord):
            yield item
            continue
        problem = columns.problem(item)
        if problem and not is_checked:
            raise InputError(f"{item.source}:{item.line}: {problem}")
        is_checked = True
        if problem:
            yield from rejected(item, problem)
        else:
            yield item
    return items.value


def guess_text_field(inputs: Inputs) -> str:
    """The column with the text: "text", if there is one, or the only one that has texts; else
    "text" all the same.

    It goes by the first rows: beside other columns, one without a blank in it is rather an id, and
    where values are nested, the text may be in those. Inputs that can be read only once are not
    looked at.
    """
    if not inputs.are_repeatable:
        return "text"
    rows = (row for path in inputs.paths for row in rows_of(inputs.read(path)))
    sample = [row for row in islice(rows, SAMPLE) if isinstance(row, Record)]
    names = {name for row in sample for name, value in row.fields.items() if isinstance(value, str)}
    is_nested = any(isinstance(v, (dict, list)) for row in sample for v in row.fields.values())
    has_usual = any("text" in row.fields for row in sample)
    if has_usual or len(names) != 1 or is_nested:
        return "text"
    (name,) = names
    is_alone = all(len(row.fields) == 1 for row in sample)
    has_blank = any(" " in str(row.fields.get(name)).strip() for row in sample)
    return name if is_alone or has_blank else "text"


def look_ahead(items: Iterator[Item], text_field: str) -> tuple[Record | None, Iterator[Item]]:
    """The first record that fits into a table, if one of the first rows does; and all rows."""
    head, n, found = list[Item](), 0, None
    while found is None and n < MAX_HEAD and (item := next(items, None)):
        head.append(item)
        n += n_rows(item)
        records = (row for row in rows_of([item]) if isinstance(row, Record))
        found = next((record for record in records if _fits(record, text_field)), None)
    return found, chain(head, items)


def _fits(record: Record, text_field: str) -> bool:
    """Whether a record has a text or none, and columns that can be the header of a table."""
    names = "".join(record.fields)
    is_header = is_unicode(names) and "\0" not in names
    has_text = isinstance(text_of(record, text_field), str)
    return is_header and (has_text or has_no_text(record, text_field))
