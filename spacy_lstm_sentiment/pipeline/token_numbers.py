"""Many texts as numbers of their distinct tokens, which are those of FastTokenizer."""

from typing import NamedTuple

import numpy
import numpy.typing as npt

from spacy_lstm_sentiment.pipeline.fast_tokenizer import TOKEN

try:
    from spacy_lstm_sentiment.pipeline import _split
except ImportError:  # no compiler: the regular expression does all of it
    _split = None  # type: ignore[assignment]

Ints = npt.NDArray[numpy.int64]


class NumberedTokens(NamedTuple):
    """Texts, split.

    tokens: The number of each token. *Shape:* (tokens,)
    lengths: Of each text, in tokens. *Shape:* (texts,)
    distinct: Tokens by their numbers, each with the space that belongs to it. With the compiled
        pass, one may be there twice.
    """

    tokens: Ints
    lengths: Ints
    distinct: list[str]


def number_tokens(texts: list[str]) -> NumberedTokens:
    """Split texts, in one compiled pass over each where that was built."""
    if _split is None:
        return number_in_python(texts)
    return NumberedTokens(*_split.number_tokens(texts, TOKEN.findall))


def number_in_python(texts: list[str]) -> NumberedTokens:
    """By the regular expression alone."""
    numbers = _Numbers()
    tokens = [
        numpy.fromiter(map(numbers.__getitem__, TOKEN.findall(text)), "int64") for text in texts
    ]
    lengths = numpy.array([len(found) for found in tokens], dtype="int64")
    return NumberedTokens(numpy.concatenate([lengths[:0], *tokens]), lengths, list(numbers))


class _Numbers(dict[str, int]):
    """Distinct tokens, numbered as they come."""

    def __missing__(self, token: str) -> int:
        self[token] = number = len(self)
        return number
