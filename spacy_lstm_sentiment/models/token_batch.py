"""Documents as what a model reads of them, where nobody wants Docs."""

from dataclasses import dataclass

import numpy
import numpy.typing as npt
from spacy.tokens import Doc

Ints = npt.NDArray[numpy.int64]


@dataclass(frozen=True)
class TokenBatch:
    """Documents for a model in place of a list of Docs; see `inference.find_table`.

    lengths: Of each document, in tokens. *Shape:* (documents,)
    tokens: Which word each token is. *Shape:* (tokens,)
    rows: The row of each distinct word in the model's table of vectors, or UNKNOWN.
        *Shape:* (words,)
    keys: The hash of each word as it is known, in lower case. *Shape:* (words,)
    """

    lengths: Ints
    tokens: Ints
    rows: Ints
    keys: npt.NDArray[numpy.uint64]

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, part: slice) -> "TokenBatch":
        """Neighbouring documents."""
        ends = self.lengths.cumsum()
        first, end, _ = part.indices(len(self))
        within = slice(ends[first - 1] if first else 0, ends[end - 1] if end else 0)
        return TokenBatch(self.lengths[part], self.tokens[within], self.rows, self.keys)

    def first(self, max_length: int) -> "TokenBatch":
        """The documents, cut to so many tokens."""
        starts = self.lengths.cumsum() - self.lengths
        places = numpy.arange(len(self.tokens)) - starts.repeat(self.lengths)
        lengths = self.lengths.clip(max=max_length)
        return TokenBatch(lengths, self.tokens[places < max_length], self.rows, self.keys)


Documents = list[Doc] | TokenBatch


def lengths_of(docs: Documents) -> Ints:
    """In tokens. *Shape:* (documents,)"""
    if isinstance(docs, TokenBatch):
        return docs.lengths
    return numpy.array([len(doc) for doc in docs], dtype="int64")
