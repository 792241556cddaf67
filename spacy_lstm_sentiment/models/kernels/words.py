"""The distinct words of a batch as a kernel gets them, and what it keeps of them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import numpy.typing as npt

Ints = npt.NDArray[numpy.int64]
Floats = npt.NDArray[numpy.float32]

UNKNOWN = -1
KEPT_BYTES = 2**27  # 65,536 words of 64 units each way; pages of it are taken as words come


@dataclass(frozen=True)
class Words:
    """The words of a batch and where their vectors are.

    table: Vectors in half or single precision. *Shape:* (rows, width)
    rows: The row of each distinct word, or UNKNOWN, which is the zero vector. *Shape:* (words,)
    lasts (bool): Whether the table stays the same object for as long as its vectors do.
    tokens: Which word each token is. *Shape:* (tokens,)
    """

    table: npt.NDArray[Any]
    rows: Ints
    lasts: bool
    tokens: Ints

    def vectors(self) -> Floats:
        """*Shape:* (words, width)"""
        return take(self.table, self.rows)


def take(table: npt.NDArray[Any], rows: Ints) -> Floats:
    """Vectors of rows in single precision and memory of their own, zeros for the unknown."""
    if not len(table):
        return numpy.zeros((len(rows), table.shape[1]), "float32")
    vectors = table[rows].astype("float32", copy=False)
    vectors[rows == UNKNOWN] = 0.0
    return vectors


class ProjectedWords:
    """What becomes of the vectors of the words that were met, each computed once.

    Rows of a table that lasts are kept as far as there is room; then all go, and what comes next
    is kept.
    """

    def __init__(self, project: Callable[[Floats], Floats], columns: int):
        """project: (words, width) becomes (words, columns), each row on its own."""
        self._project = project
        self._columns = columns
        self._busy = threading.Lock()
        self._forget(None)

    def _forget(self, table: npt.NDArray[Any] | None) -> None:
        self._table = table
        n_rows = 0 if table is None else len(table)
        self._places = numpy.full(n_rows + 1, -1)  # the last one is UNKNOWN's
        self._kept = numpy.empty((KEPT_BYTES // (4 * self._columns), self._columns), "float32")
        self._n_kept = 0

    def find(self, words: Words) -> tuple[Floats, Ints]:
        """Rows of columns, and which of them each word has."""
        # Whoever finds another thread at it computes what his batch needs.
        if words.lasts and self._busy.acquire(blocking=False):
            try:
                if self._keep(words.table, words.rows):
                    return self._kept, self._places[words.rows]
            finally:
                self._busy.release()
        return self._project(words.vectors()), numpy.arange(len(words.rows))

    def _keep(self, table: npt.NDArray[Any], rows: Ints) -> bool:
        """Whether there is room for all of them."""
        if self._table is not table:
            self._forget(table)
        new = numpy.unique(rows[self._places[rows] < 0])
        if self._n_kept + len(new) > len(self._kept):
            self._forget(table)
            new = numpy.unique(rows)
            if len(new) > len(self._kept):
                return False
        end = self._n_kept + len(new)
        # Other threads may be reading the rows before these.
        self._kept[self._n_kept : end] = self._project(take(table, new))
        self._places[new] = numpy.arange(self._n_kept, end)
        self._n_kept = end
        return True
