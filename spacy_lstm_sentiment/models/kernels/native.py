"""The compiled kernel: each word is projected once, and documents are never padded.

Three quarters of an LSTM's arithmetic is W x + b, which depends on the word alone where its vector
is static. Those rows are kept by words.py; their projection, the recurrence over them and its
pooling are in lstm.hh. All of it is arrays: it needs no torch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy

from spacy_lstm_sentiment.models.kernels import _lstm
from spacy_lstm_sentiment.models.kernels.packing import PackedLayer, pack
from spacy_lstm_sentiment.models.kernels.weights import LSTM
from spacy_lstm_sentiment.models.kernels.words import Floats, Ints, Words

DOCUMENTS_A_THREAD = 32  # fewer are not worth one
STACKED_TOKENS = 16_384  # whose states are in memory at once where there are several layers


@dataclass(frozen=True)
class NativeKernel:
    """LSTMs of any width and depth, read one way or both, pooled by all but attention.

    isa (str): The instruction set, one of those that are supported.
    """

    isa: str

    @staticmethod
    def supported() -> list[str]:
        """Instruction sets that this processor has, the fastest last."""
        return _lstm.supported()

    @property
    def name(self) -> str:
        return f"native {self.isa}"

    def supports(self, lstm: LSTM, poolings: tuple[str, ...]) -> bool:
        return "attention" not in poolings

    def split(self, lengths: Ints, n_threads: int) -> list[Ints]:
        """The longest first, so that a batch ends with documents that end together."""
        order = (-lengths).argsort(kind="stable")
        order = order[: numpy.count_nonzero(lengths)]
        n_batches = min(n_threads, -(-len(order) // DOCUMENTS_A_THREAD))
        return [order[first::n_batches] for first in range(n_batches)]

    def prepare(
        self, lstm: LSTM, poolings: tuple[str, ...], words: Words
    ) -> Callable[[Ints, Ints], Floats]:
        packed = pack(lstm, self.isa)
        layers = packed.layers
        projected, places = packed.words.find(words)
        tokens = places[words.tokens]

        def read(starts: Ints, lengths: Ints) -> Floats:
            if len(layers) == 1:
                return self._pool(layers[0], poolings, projected, tokens, starts, lengths)
            pooled = [
                self._read_stacked(layers, poolings, projected, tokens, starts[part], lengths[part])
                for part in batch_by_tokens(lengths)
            ]
            return numpy.concatenate(pooled)

        return read

    def _read_stacked(
        self,
        layers: list[PackedLayer],
        poolings: tuple[str, ...],
        projected: Floats,
        tokens: Ints,
        starts: Ints,
        lengths: Ints,
    ) -> Floats:
        """Layer on layer: each token's state is a word of the next one's."""
        own_starts = lengths.cumsum() - lengths
        n_tokens = int(lengths.sum())
        tokens = tokens[numpy.arange(n_tokens) + (starts - own_starts).repeat(lengths)]
        for layer, above in pairwise(layers):
            states = numpy.empty((n_tokens, layer.width), "float32")
            self._pool(layer, (), projected, tokens, own_starts, lengths, states)
            projected, tokens = above.project(states), numpy.arange(n_tokens)
        return self._pool(layers[-1], poolings, projected, tokens, own_starts, lengths)

    def _pool(
        self,
        layer: PackedLayer,
        poolings: tuple[str, ...],
        projected: Floats,
        tokens: Ints,
        starts: Ints,
        lengths: Ints,
        states: Floats | None = None,
    ) -> Floats:
        width = layer.width
        pooled = numpy.zeros((len(lengths), width * max(len(poolings), 1)), "float32")
        _lstm.read(
            self.isa,
            projected,
            layer.recurrent,
            layer.units,
            tokens,
            numpy.ascontiguousarray(starts),
            numpy.ascontiguousarray(lengths),
            numpy.flatnonzero(lengths),
            pooled,
            {name: number * width for number, name in enumerate(poolings)},
            states,
        )
        return pooled


def batch_by_tokens(lengths: Ints) -> Iterator[slice]:
    """Documents in their order, in batches of at most STACKED_TOKENS, or of one."""
    start = n_tokens = 0
    for number, length in enumerate(lengths.tolist()):
        if number > start and n_tokens + length > STACKED_TOKENS:
            yield slice(start, number)
            start, n_tokens = number, 0
        n_tokens += length
    yield slice(start, len(lengths))
