"""From documents to pooled states on a CPU: the numbers that the layers give, without their copies.

Layer by layer, the vector of every token is looked up in single precision, padded, mirrored,
converted and masked, which takes longer than the LSTM itself. Here each distinct word of a batch is
looked up and converted once, and the LSTM reads its padded batches straight out of that table.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import numpy
import numpy.typing as npt
import torch
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps
from thinc.types import Floats2d
from torch import Tensor, nn
from torch.nn.functional import embedding

from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM, run_direction
from spacy_lstm_sentiment.models.pytorch.pooling import Pooling
from spacy_lstm_sentiment.models.static_vectors import distinct_vectors
from spacy_lstm_sentiment.models.torch_shim import TorchShim, to_array

LAYERS = {"first_tokens", "static_vectors", "lstm_encoder", "first_vectors", "pool_states"}
Ints = npt.NDArray[numpy.int64]

# oneDNN is fastest where a batch fits into the caches, and prepares itself for a millisecond for
# each new shape. So batches have one of these numbers of sequences, if they have as many.
BATCH_SIZES = (256, 192, 128, 96, 64, 48, 32, 24, 16, 8)
PADDED_TOKENS = 16_384


def find_fused_reader(layer: Model[list[Doc], Floats2d], max_length: int) -> "FusedReader | None":
    """The fused reader for a composition of layers, or None where it has to run layer by layer."""
    layers = {node.name: node for node in layer.walk() if not node.layers}
    if layers.keys() != LAYERS or not isinstance(layer.ops, NumpyOps):
        return None
    lstm = cast(PaddedLSTM, cast(TorchShim, layers["lstm_encoder"].shims[0]).module.eval())
    pooling = cast(Pooling, cast(TorchShim, layers["pool_states"].shims[0]).module)
    if len(lstm.layers) > 1 or not {"max", "mean"}.issuperset(pooling.poolings):
        return None
    width = layers["pool_states"].get_dim("nO")
    return FusedReader(layers["static_vectors"], lstm, pooling.poolings, width, max_length)


@dataclass(frozen=True)
class FusedReader:
    """StaticVectors, an LSTM of one layer, and pooling by maximum and mean, in one.

    width (int): Of the pooled states.
    max_length (int): Read only a document's first so many tokens; 0 reads them all.
    """

    embed: Model[list[Doc], list[Floats2d]]
    lstm: PaddedLSTM
    poolings: tuple[str, ...]
    width: int
    max_length: int

    def __call__(self, docs: list[Doc]) -> Floats2d:
        """The documents' pooled states, (documents, width)."""
        table, words = cast(tuple[Any, Ints], distinct_vectors(self.embed, docs))
        dtype = torch.bfloat16 if self.lstm.computes_in_bfloat16("cpu") else torch.float32
        vectors = torch.from_numpy(table).to(dtype)
        lengths = numpy.array([len(doc) for doc in docs])
        starts = lengths.cumsum() - lengths
        if self.max_length:
            lengths = lengths.clip(max=self.max_length)
        pooled = torch.zeros(len(docs), self.width)

        def read(batch: Ints) -> None:
            if lengths[batch[-1]]:
                pooled[batch] = self._read(vectors, words, starts[batch], lengths[batch])

        run_in_threads(read, list(batch_by_shape(lengths)))
        return cast(Floats2d, to_array(pooled))

    @torch.inference_mode()
    def _read(self, vectors: Tensor, words: Ints, starts: Ints, lengths: Ints) -> Tensor:
        """Read and pool sequences whose lengths ascend. *Shape:* (sequences, width)"""
        steps = numpy.arange(round_up(int(lengths[-1])))[:, None]
        inside = steps < lengths
        outside = torch.from_numpy(~inside[lengths[0] :])[:, :, None]
        n_states = torch.from_numpy(lengths.clip(min=1))[:, None]
        layer = cast(nn.LSTM, self.lstm.layers[0])
        directions = [steps, lengths - 1 - steps]
        pooled: dict[str, list[Tensor]] = {name: [] for name in self.poolings}
        for positions, weights in zip(directions, cast(Any, layer).all_weights, strict=False):
            read = torch.from_numpy(words[numpy.where(inside, starts + positions, 0)])
            states = run_direction(layer, embedding(read, vectors), weights)
            tail = states[lengths[0] :]  # up to there, every sequence has a state
            if "mean" in pooled:
                tail.masked_fill_(outside, 0.0)
                pooled["mean"].append(states.sum(dim=0, dtype=torch.float32) / n_states)
            if "max" in pooled:
                tail.masked_fill_(outside, -torch.inf)
                pooled["max"].append(states.amax(dim=0).float())
        rows = torch.cat([half for name in self.poolings for half in pooled[name]], dim=1)
        return rows.masked_fill_(torch.from_numpy(lengths == 0)[:, None], 0.0)


def run_in_threads(function: Callable[[Ints], None], batches: list[Ints]) -> None:
    """Call a function on each batch, in as many threads as torch has, the last batches first.

    Each thread has one of torch's own: the LSTM's steps are too short to be shared out.
    """
    n_threads = min(torch.get_num_threads(), len(batches))
    if n_threads <= 1:
        for batch in batches:
            function(batch)
        return
    with ThreadPoolExecutor(n_threads, "lstm", torch.set_num_threads, (1,)) as executor:
        for _ in executor.map(function, reversed(batches)):
            pass  # what a thread raises is raised here


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
