"""The compiled kernel: each word is projected once a batch, and documents are never padded.

Three quarters of an LSTM's arithmetic is W x + b, which depends on the word alone where its vector
is static. Those rows are computed here; the recurrence over them, and its pooling, is in lstm.hh.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy
import numpy.typing as npt
import torch
from thinc.types import Floats2d
from torch import Tensor, nn
from torch.nn.functional import pad

from spacy_lstm_sentiment.models.kernels import _lstm
from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM

Ints = npt.NDArray[numpy.int64]

# What lstm.hh wants its gates scaled by: sigmoids of input, forget and output gates become
# 1 / (1 + 2^x), and the tanh of the cell's gate a sigmoid of twice its size.
SCALES = torch.tensor([-1.0, -1.0, -2.0, -1.0])[:, None, None] / math.log(2)

DOCUMENTS_A_THREAD = 32  # fewer are not worth one
STACKED_TOKENS = 16_384  # whose states are in memory at once where there are several layers


@dataclass(frozen=True)
class PackedLayer:
    """A layer's weights as lstm.hh reads them, both directions in one."""

    units: int
    projection: Tensor  # (input width, directions * gates)
    bias: Tensor  # (directions * gates,)
    recurrent: Tensor  # (directions, units * gates)


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

    def supports(self, lstm: PaddedLSTM, poolings: tuple[str, ...]) -> bool:
        return "attention" not in poolings

    def split(self, lengths: Ints, n_threads: int) -> list[Ints]:
        """The longest first, so that a batch ends with documents that end together."""
        order = (-lengths).argsort(kind="stable")
        order = order[: numpy.count_nonzero(lengths)]
        n_batches = min(n_threads, -(-len(order) // DOCUMENTS_A_THREAD))
        return [order[first::n_batches] for first in range(n_batches)]

    @torch.inference_mode()
    def prepare(
        self, lstm: PaddedLSTM, poolings: tuple[str, ...], vectors: Floats2d, words: Ints
    ) -> Callable[[Ints, Ints], Tensor]:
        layers = [pack(cast(nn.LSTM, layer), _lstm.lanes(self.isa)) for layer in lstm.layers]
        projected = project(torch.from_numpy(cast(Any, vectors)), layers[0])
        words = numpy.ascontiguousarray(words, dtype=numpy.int64)

        def read(starts: Ints, lengths: Ints) -> Tensor:
            if len(layers) == 1:
                return self._pool(layers[0], poolings, projected, words, starts, lengths)
            pooled = [
                self._read_stacked(layers, poolings, projected, words, starts[part], lengths[part])
                for part in batch_by_tokens(lengths)
            ]
            return torch.cat(pooled)

        return read

    @torch.inference_mode()
    def _read_stacked(
        self,
        layers: list[PackedLayer],
        poolings: tuple[str, ...],
        projected: Tensor,
        words: Ints,
        starts: Ints,
        lengths: Ints,
    ) -> Tensor:
        """Layer on layer: each one's states are the next one's words."""
        own_starts = lengths.cumsum() - lengths
        n_tokens = int(lengths.sum())
        words = words[numpy.arange(n_tokens) + (starts - own_starts).repeat(lengths)]
        for layer, above in pairwise(layers):
            states = torch.empty(n_tokens, len(layer.recurrent) * layer.units)
            self._pool(layer, (), projected, words, own_starts, lengths, states.numpy())
            projected, words = project(states, above), numpy.arange(n_tokens)
        return self._pool(layers[-1], poolings, projected, words, own_starts, lengths)

    def _pool(
        self,
        layer: PackedLayer,
        poolings: tuple[str, ...],
        projected: Tensor,
        words: Ints,
        starts: Ints,
        lengths: Ints,
        states: Any = None,
    ) -> Tensor:
        width = len(layer.recurrent) * layer.units
        pooled = torch.zeros(len(lengths), width * max(len(poolings), 1))
        _lstm.read(
            self.isa,
            projected.numpy(),
            layer.recurrent.numpy(),
            layer.units,
            words,
            numpy.ascontiguousarray(starts),
            numpy.ascontiguousarray(lengths),
            numpy.flatnonzero(lengths),
            pooled.numpy(),
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


def project(inputs: Tensor, layer: PackedLayer) -> Tensor:
    return torch.addmm(layer.bias, inputs, layer.projection)


def pack(layer: nn.LSTM, lanes: int) -> PackedLayer:
    """Gates in groups of as many units as a vector has lanes, the last one filled up with zeros."""
    units = layer.hidden_size
    groups = -(-units // lanes)

    def regroup(weight: Tensor) -> Tensor:
        """(4 * units, columns) to (groups, 4, lanes, columns)"""
        gates = weight.view(4, units, -1) * SCALES
        padded = pad(gates, (0, 0, 0, groups * lanes - units))
        return padded.view(4, groups, lanes, -1).transpose(0, 1)

    directions = cast(Any, layer).all_weights
    projections = [regroup(weight).flatten(0, 2) for weight, _, _, _ in directions]
    biases = [regroup(first + second).flatten() for _, _, first, second in directions]
    recurrent = [regroup(weight).permute(0, 3, 1, 2).flatten() for _, weight, _, _ in directions]
    return PackedLayer(
        units, torch.cat(projections).t().contiguous(), torch.cat(biases), torch.stack(recurrent)
    )
