"""Splits, and what of them is still to be read, by whoever scores it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy_lstm_sentiment.bulk.places import Place, first_of, name_rows
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, read_split
from spacy_lstm_sentiment.bulk.shards import Shard, cut_shards
from spacy_lstm_sentiment.records.ranges import Returning
from spacy_lstm_sentiment.records.splits import Split


@dataclass(frozen=True)
class Unread:
    """Rows of a split that are still to be read.

    number: the split's place among all. first, end: the rows, by their numbers in the run; without
    an end, up to that of the split. reason: why they are rejected, if they are.
    """

    split: Split
    number: int
    first: int
    end: int | None = None
    reason: str = ""

    @property
    def n_rows(self) -> int | None:
        """How many rows there are; None before they have been read."""
        return None if self.end is None else self.end - self.first

    @property
    def n_characters(self) -> int:
        """About how many have to be read, since a split is read from its beginning."""
        return self.split.size

    @property
    def name(self) -> str:
        """Which rows they are, for a message."""
        return name_rows(self.first, self.end)

    @property
    def is_rejected(self) -> bool:
        """Whether nothing more can be done for them."""
        return bool(self.reason)

    def halves(self) -> list["Unread"]:
        """The rows as two, of which it has to be known how many there are."""
        assert self.end is not None
        middle = (self.first + self.end) // 2
        return [replace(self, end=middle), replace(self, first=middle)]

    def rejected(self, reason: str) -> "Unread":
        """The rows as such that are rejected."""
        return replace(self, reason=reason)

    def sendable(self) -> "Unread":
        """The same: it has nothing that another process could not be sent."""
        return self

    def after(self, end: int) -> "Unread":
        """What is left of them after those before a number."""
        return replace(self, first=end)


# What is to be scored: rows, or where to read them.
Work = Shard | Unread


@dataclass(frozen=True)
class Reader:
    """Reads splits, and cuts them into shards of so many rows.

    The cuts are the same whatever of a split is asked for.
    """

    inputs: Inputs
    columns: Columns
    shard_size: int

    def read(self, unread: Unread) -> Iterator[Shard]:
        """The shards of what is unread; of those at its ends, the rows that are in it."""
        items = Returning(read_split(self.inputs, self.columns, unread.split))
        first = first_of(unread.number)
        for shard in cut_shards(items, self.shard_size, first, lambda: items.value):
            if unread.end is not None and shard.first >= unread.end:
                return
            end = shard.end if unread.end is None else min(shard.end, unread.end)
            piece = shard.cut(max(shard.first, unread.first), end)
            if piece.n_rows or (piece.is_last and unread.end is None):
                yield piece.rejected(unread.reason) if unread.reason else piece


def find_unread(splits: Sequence[Split], done: Iterable[Place]) -> Iterator[Unread]:
    """What is to be read of splits, given what is done of them, in order."""
    by_split: dict[int, list[Place]] = {}
    for place in done:
        by_split.setdefault(place.split, []).append(place)
    for number, split in enumerate(splits):
        following = first_of(number)
        is_done = False
        for place in by_split.get(number, []):
            if place.first > following:
                yield Unread(split, number, following, place.first)
            following, is_done = place.end, place.is_last
        if not is_done:
            yield Unread(split, number, following)
