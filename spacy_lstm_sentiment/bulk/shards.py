"""The stream of rows, cut into shards."""

import pickle
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from spacy_lstm_sentiment.bulk.places import Place, name_rows
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import one_line
from spacy_lstm_sentiment.records.blocks import Block, Item, n_characters, n_rows, rejected
from spacy_lstm_sentiment.records.record import BadRecord, Row, reject

# Characters after which a shard ends, however few its rows are.
MAX_CHARACTERS = 1 << 25


@dataclass(frozen=True)
class Shard:
    """Rows that are scored together: those from number `first` of the run on (`bulk.places`).

    n_lines: of all of their split, where they are its last.
    """

    first: int
    items: list[Item]
    n_lines: int | None = None

    @property
    def is_last(self) -> bool:
        """Whether their split has no more rows."""
        return self.n_lines is not None

    @property
    def is_rejected(self) -> bool:
        """Whether nothing more can be done for its rows."""
        return all(isinstance(item, BadRecord) for item in self.items)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return sum(map(n_rows, self.items))

    @property
    def name(self) -> str:
        """Which rows they are, for a message."""
        return name_rows(self.first, self.end)

    @property
    def n_characters(self) -> int:
        """How long they are, together."""
        return sum(map(n_characters, self.items))

    @property
    def end(self) -> int:
        """The number of the row after the last."""
        return self.first + self.n_rows

    def cut(self, first: int, end: int) -> "Shard":
        """The rows of this shard from one number of the run to another."""
        items: list[Item] = []
        number = self.first
        for item in self.items:
            following = number + n_rows(item)
            start, stop = max(first, number), min(end, following)
            if start < stop and isinstance(item, Block):
                items.append(item.cut(start - number, stop - number))
            elif start < stop:
                items.append(item)
            number = following
        return Shard(first, items, self.n_lines if end == self.end else None)

    def halves(self) -> list["Shard"]:
        """The shard as two."""
        middle = (self.first + self.end) // 2
        return [self.cut(self.first, middle), self.cut(middle, self.end)]

    def rejected(self, reason: str) -> "Shard":
        """The shard with all its rows rejected."""
        rows: list[Item] = [row for item in self.items for row in rejected(item, reason)]
        return replace(self, items=rows)

    def sendable(self) -> "Shard":
        """The shard with those rows rejected that no other process can be sent."""
        sendable = [i if isinstance(i, Block) else _sendable(i) for i in self.items]
        return replace(self, items=sendable)


def _sendable(row: Row) -> Row:
    if isinstance(row, BadRecord):
        return row
    try:
        pickle.dumps(row)
    except MemoryError:
        raise
    except Exception as error:  # of whatever kind the values bring about
        return reject(row, f"cannot be sent to a process: {one_line(error)}")
    return row


@dataclass(frozen=True)
class ScoredShard:
    """A shard's output: rows and rejects, encoded, and what there is to count.

    The bytes are empty where they are in a part file. n_characters: how long the input was.
    n_lines: of the split, where this is its last shard.
    """

    place: Place
    rows: bytes
    rejects: bytes
    summary: Summary
    n_characters: int = 0
    n_lines: int | None = None

    def copy_rows(self, target: BinaryIO) -> None:
        """Append the rows to a file."""
        target.write(self.rows)


def cut_shards(
    items: Iterable[Item], size: int, first: int = 0, n_lines: Callable[[], int] = lambda: 0
) -> Iterator[Shard]:
    """Shards of `size` rows, fewer where those are very long; the same for the same rows.

    The last has the rest, if only none. first: the number of the first of all rows. n_lines: tells
    how many lines there were, when all are read.
    """
    taken, rows, characters = list[Item](), 0, 0
    for item in items:
        rest: Item | None = item
        while rest is not None:
            piece, rest = _split(rest, size - rows, MAX_CHARACTERS - characters)
            taken.append(piece)
            rows += n_rows(piece)
            characters += n_characters(piece)
            if rows == size or characters >= MAX_CHARACTERS:
                yield Shard(first, taken)
                first, taken, rows, characters = first + rows, [], 0, 0
    yield Shard(first, taken, n_lines())


def _split(item: Item, rows: int, characters: int) -> tuple[Item, Item | None]:
    """As much of an item as is no more than so many rows and, but for the last, characters; and
    the rest, if there is one."""
    if not isinstance(item, Block):
        return item, None
    n = min(rows, n_rows(item))
    if n_characters(item.cut(0, n)) > characters:
        n = 1 + bisect_left(range(1, n), characters, key=lambda m: n_characters(item.cut(0, m)))
    return item.cut(0, n), item.cut(n, n_rows(item)) if n < n_rows(item) else None


def without_done(shard: Shard, done: dict[int, int]) -> list[Shard]:
    """What is left to do of a shard, given the ends of the parts that are there by their firsts."""
    if not shard.n_rows:
        return [shard]
    left, start = [], shard.first
    while start < shard.end:
        if start in done:
            start = done[start]
            continue
        end = next((n for n in range(start + 1, shard.end) if n in done), shard.end)
        left.append(shard.cut(start, end))
        start = end
    return left
