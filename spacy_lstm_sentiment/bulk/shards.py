"""The stream of rows, cut into shards."""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from spacy_lstm_sentiment.bulk.records import BadRecord, Row, reject
from spacy_lstm_sentiment.errors import one_line

# Characters after which a shard ends, however few its rows are.
MAX_CHARACTERS = 1 << 25


@dataclass(frozen=True)
class Shard:
    """Rows that are scored together: those from number `first` of the whole run, from 0."""

    first: int
    rows: list[Row]

    @property
    def end(self) -> int:
        """The number of the row after the last."""
        return self.first + len(self.rows)

    def cut(self, first: int, end: int) -> "Shard":
        """The rows of this shard from one number of the run to another."""
        return Shard(first, self.rows[first - self.first : end - self.first])

    def halves(self) -> list["Shard"]:
        """The shard as two."""
        middle = (self.first + self.end) // 2
        return [self.cut(self.first, middle), self.cut(middle, self.end)]

    def rejected(self, reason: str) -> "Shard":
        """The shard with all its rows rejected."""
        rows = [row if isinstance(row, BadRecord) else reject(row, reason) for row in self.rows]
        return Shard(self.first, [*rows])

    def sendable(self) -> "Shard":
        """The shard with those rows rejected that no other process can be sent."""
        return Shard(self.first, [_sendable(row) for row in self.rows])


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


def cut_shards(rows: Iterable[Row], size: int) -> Iterator[Shard]:
    """Shards of `size` rows, fewer where those are very long; the same for the same rows."""
    first, taken, characters = 0, [], 0
    for row in rows:
        taken.append(row)
        characters += len(row.raw)
        if len(taken) == size or characters >= MAX_CHARACTERS:
            yield Shard(first, taken)
            first, taken, characters = first + len(taken), [], 0
    if taken:
        yield Shard(first, taken)


def without_done(shard: Shard, done: dict[int, int]) -> list[Shard]:
    """What is left to do of a shard, given the ends of the parts that are there by their firsts."""
    left, start = [], shard.first
    while start < shard.end:
        if start in done:
            start = done[start]
            continue
        end = next((n for n in range(start + 1, shard.end) if n in done), shard.end)
        left.append(shard.cut(start, end))
        start = end
    return left
