"""Where rows are in a run: in which split, and which of its rows they are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Numbers that each split has for its rows: nobody knows how many those before it have.
ROOM = 10**12

NAME = re.compile(r"(\d{8,9})-(\d{12})-(\d{12})(-last)?")


def first_of(split: int) -> int:
    """The number of a split's first row."""
    return split * ROOM


def name_rows(first: int, end: int | None) -> str:
    """Rows by their numbers in their split, from 1, for a message."""
    split, start = divmod(first, ROOM)
    last = "the last" if end is None else f"{end - first_of(split):,}"
    return f"rows {start + 1:,} to {last}" + (f" of split {split + 1:,}" if split else "")


@dataclass(frozen=True, order=True)
class Place:
    """Rows of a run, by their numbers. is_last: after them, their split has no more."""

    first: int
    end: int
    is_last: bool

    @property
    def split(self) -> int:
        """The place of their split among all."""
        return self.first // ROOM

    @property
    def rows(self) -> str:
        """As files with these rows are called, in their order."""
        start = first_of(self.split)
        return f"{self.split:08d}-{self.first - start:012d}-{self.end - start:012d}"

    @property
    def name(self) -> str:
        """As files are called that tell all there is to know."""
        return f"{self.rows}-last" if self.is_last else self.rows

    @classmethod
    def of(cls, name: str) -> "Place | None":
        """The place that a name says; None of one that says none."""
        found = NAME.fullmatch(name)
        if found is None:
            return None
        start = first_of(int(found[1]))
        return cls(start + int(found[2]), start + int(found[3]), found[4] is not None)


def without_overlaps(places: Iterable[Place]) -> list[Place]:
    """Places in order; of two that share rows, the first, and none after the last of a split."""
    found: list[Place] = []
    for place in sorted(places):
        before = found[-1] if found else None
        is_over = before is not None and before.is_last and before.split == place.split
        if before is None or (before.end <= place.first and not is_over):
            found.append(place)
    return found


def are_all(places: Iterable[Place], n_splits: int) -> bool:
    """Whether these places, in order, are all rows of so many splits."""
    number, following = 0, 0
    for place in places:
        if place.first != following:
            return False
        number += place.is_last
        following = first_of(number) if place.is_last else place.end
    return number == n_splits and following == first_of(n_splits)
