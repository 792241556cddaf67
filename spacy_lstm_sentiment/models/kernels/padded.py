"""torch's LSTM over padded batches of few shapes, which oneDNN reads fastest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from spacy_lstm_sentiment.models.kernels.weights import LSTM, layers_of
from spacy_lstm_sentiment.models.kernels.words import Floats, Ints, Words
from spacy_lstm_sentiment.models.pytorch.lstm import run_direction

# oneDNN is fastest where a batch fits into the caches, and prepares itself for a millisecond for
# each new shape. So batches have one of these numbers of sequences, if they have as many.
BATCH_SIZES = (256, 192, 128, 96, 64, 48, 32, 24, 16, 8)
PADDED_TOKENS = 16_384


@dataclass(frozen=True)
class PaddedKernel:
    """An LSTM of one layer, pooled by maximum and mean, in bfloat16 where that is faster."""

    name = "torch"

    def supports(self, lstm: LSTM, poolings: tuple[str, ...]) -> bool:
        return len(layers_of(lstm.weights())) == 1 and {"max", "mean"}.issuperset(poolings)

    def split(self, lengths: Ints, n_threads: int) -> list[Ints]:
        return [batch for batch in batch_by_shape(lengths) if lengths[batch[-1]]]

    def prepare(
        self, lstm: LSTM, poolings: tuple[str, ...], words: Words
    ) -> Callable[[Ints, Ints], Floats]:
        module = lstm.module.eval()
        dtype = torch.bfloat16 if module.computes_in_bfloat16("cpu") else torch.float32
        vectors = torch.from_numpy(words.vectors()).to(dtype)
        layer = cast(nn.LSTM, module.layers[0])
        return lambda starts, lengths: _read(
            layer, poolings, vectors, words.tokens, starts, lengths
        )


@torch.inference_mode()
def _read(
    layer: nn.LSTM,
    poolings: tuple[str, ...],
    vectors: Tensor,
    tokens: Ints,
    starts: Ints,
    lengths: Ints,
) -> Floats:
    """Read and pool sequences whose lengths ascend. *Shape:* (sequences, width)"""
    steps = numpy.arange(round_up(int(lengths[-1])))[:, None]
    inside = steps < lengths
    outside = torch.from_numpy(~inside[lengths[0] :])[:, :, None]
    n_states = torch.from_numpy(lengths.clip(min=1))[:, None]
    directions = [steps, lengths - 1 - steps]
    pooled: dict[str, list[Tensor]] = {name: [] for name in poolings}
    for positions, weights in zip(directions, cast(Any, layer).all_weights, strict=False):
        read = torch.from_numpy(tokens[numpy.where(inside, starts + positions, 0)])
        states = run_direction(layer, embedding(read, vectors), weights)
        tail = states[lengths[0] :]  # up to there, every sequence has a state
        if "mean" in pooled:
            tail.masked_fill_(outside, 0.0)
            pooled["mean"].append(states.sum(dim=0, dtype=torch.float32) / n_states)
        if "max" in pooled:
            tail.masked_fill_(outside, -torch.inf)
            pooled["max"].append(states.amax(dim=0).float())
    rows = torch.cat([half for name in poolings for half in pooled[name]], dim=1)
    return rows.masked_fill_(torch.from_numpy(lengths == 0)[:, None], 0.0).numpy()


def batch_by_shape(lengths: Ints) -> Iterator[Ints]:
    """Indices of sequences, shortest first, in batches that have one of few shapes when padded.

    A batch has at most PADDED_TOKENS, padding included, unless it is the smallest.
    """
    order = lengths.argsort(kind="stable")
    start = 0
    while start < len(order):
        left = len(order) - start
        fitting = (
            size
            for size in BATCH_SIZES
            if size <= left
            and size * round_up(int(lengths[order[start + size - 1]])) <= PADDED_TOKENS
        )
        size = next(fitting, BATCH_SIZES[-1])
        yield order[start : start + size]
        start += size


def round_up(length: int) -> int:
    """The next of few lengths: eight from each power of two to the next, and multiples of four."""
    step = max(4, 1 << max(0, length.bit_length() - 4))
    return -(-length // step) * step
