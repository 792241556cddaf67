"""Words and their vectors inside a Thinc model, saved with it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load, save
from spacy.attrs import ORTH
from spacy.strings import StringStore, get_string_id
from spacy.vectors import BaseVectors, Mode, Vectors
from thinc.api import NumpyOps
from thinc.shims import Shim

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.normalizing import normalize, spelling_keys
from spacy_lstm_sentiment.models.static_vectors import UNKNOWN, find_row

MOST_ROWS = 2**17  # words whose rows are remembered


class TableShim(Shim):
    """A table of vectors in half precision, by the hashes of words. Nothing trains it.

    keys: The words' hashes, ascending. *Shape:* (words,)
    rows: The row of each word, of which several may share one. *Shape:* (words,)
    vectors: *Shape:* (rows, width)
    attr: The token's attribute that the keys are hashes of.
    """

    keys: npt.NDArray[numpy.uint64]
    rows: npt.NDArray[numpy.int32]
    vectors: npt.NDArray[numpy.float16]
    attr: int
    _found: dict[int, int]

    def __init__(self) -> None:
        super().__init__(None)
        self.clear()

    def __bool__(self) -> bool:
        return len(self.keys) > 0

    def clear(self) -> None:
        self._set({}, numpy.zeros((0, 0), "float16"), 0)

    def fill(self, table: BaseVectors) -> None:
        """Take the words and vectors of one of spaCy's tables.

        RAISES InputError: It has none of its own for each word, or a number too large.
        """
        if not isinstance(table, Vectors) or table.mode != Mode.default:
            raise InputError(
                "WordTable takes vectors that have a row for each word; for floret and others of "
                "a pipeline's own use spacy-lstm-sentiment.StaticVectors.v1"
            )
        self._set(table.key2row, _halve(NumpyOps().to_numpy(table.data)), table.attr)

    def fill_words(self, words: Sequence[str], vectors: npt.NDArray[Any]) -> None:
        """Take words with a vector each. *Shape of the vectors:* (words, width)

        A word that is looked up in other characters has its vector in those as well, unless the
        words have another for them.

        RAISES InputError: A number is too large.
        """
        row_of = {word: row for row, word in enumerate(words)}
        for row, word in enumerate(words):
            row_of.setdefault(normalize(word), row)
        keys = {get_string_id(word): row for word, row in row_of.items() if word}
        self._set(keys, _halve(vectors), ORTH)

    def find(self, keys: Iterable[int], strings: StringStore) -> npt.NDArray[numpy.int64]:
        """The row of each word's vector, by its key, or UNKNOWN."""
        known = self._found
        rows = []
        for key in keys:
            row = known.get(key)
            if row is None:
                row = self.find_spelling(spelling_keys(key, strings))
                known[key] = row
            rows.append(row)
        if len(known) > MOST_ROWS:
            self._found = {}
        return numpy.array(rows, dtype="int64")

    def find_spelling(self, keys: Iterable[int]) -> int:
        """The row of a word's vector, by the keys of its spellings, or UNKNOWN."""
        return find_row(self._row, keys)

    def finish_update(self, optimizer: Any) -> None: ...

    def to_device(self, device_type: str, device_id: int) -> None: ...

    def to_bytes(self) -> bytes:
        attr = numpy.array(self.attr, "int64")
        return save({"attr": attr, "keys": self.keys, "rows": self.rows, "vectors": self.vectors})

    def from_bytes(self, data: bytes) -> "TableShim":
        """Read what to_bytes wrote. RAISES ValueError: The bytes are damaged."""
        try:
            saved = load(data)
            self.keys, self.rows, self.vectors = (saved[n] for n in ("keys", "rows", "vectors"))
            self.attr = int(saved["attr"])
        except (SafetensorError, KeyError, TypeError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"The model's table of words is damaged: {reason}") from error
        self._found = {}
        return self

    def _set(self, row_of: dict[int, int], vectors: npt.NDArray[Any], attr: int) -> None:
        keys = numpy.fromiter(row_of.keys(), "uint64", len(row_of))
        rows = numpy.fromiter(row_of.values(), "int32", len(row_of))
        order = keys.argsort()
        self.keys, self.rows, self.vectors, self.attr = keys[order], rows[order], vectors, attr
        self._found = {}

    def _row(self, key: int, otherwise: int = UNKNOWN) -> int:
        place = int(self.keys.searchsorted(numpy.uint64(key)))
        found = place < len(self.keys) and self.keys[place] == key
        return int(self.rows[place]) if found else otherwise


def _halve(vectors: npt.NDArray[Any]) -> npt.NDArray[numpy.float16]:
    with numpy.errstate(over="ignore"):  # refused below
        halves = vectors.astype("float16")
    if not numpy.isfinite(halves).all():
        raise InputError("WordTable: the vectors have numbers that half precision cannot hold")
    return halves
