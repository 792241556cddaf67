"""From documents to pooled states on a CPU: the numbers that the layers give, without their copies.

Layer by layer, the vector of every token is looked up in single precision, padded, mirrored,
converted and masked, which takes longer than the LSTM itself. Here each distinct word of a batch is
looked up and converted once, and a kernel reads the documents straight out of that table.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy
from spacy.attrs import ORTH
from spacy.tokens import Doc
from thinc.api import Model, NumpyOps
from thinc.types import Floats2d

from spacy_lstm_sentiment.models.kernels.choice import Kernel, find_kernel
from spacy_lstm_sentiment.models.kernels.weights import LSTM
from spacy_lstm_sentiment.models.kernels.words import Floats, Ints, Words
from spacy_lstm_sentiment.models.leaves import (
    LINEAR,
    LOGISTIC,
    LSTM_ENCODER,
    NGRAM_BAG,
    POOL_STATES,
    READING,
    SOFTMAX,
    STATIC_VECTORS,
    is_made_of,
    leaves,
    names_of,
)
from spacy_lstm_sentiment.models.pooling import PoolingArchitecture
from spacy_lstm_sentiment.models.static_vectors import distinct_vectors, distinct_words
from spacy_lstm_sentiment.models.table_shim import TableShim
from spacy_lstm_sentiment.models.threads import (
    number_of_threads,
    run_in_threads,
    safe_after_fork,
)
from spacy_lstm_sentiment.models.token_batch import Documents, TokenBatch, lengths_of
from spacy_lstm_sentiment.models.torch_shim import TorchShim

CLASSIFIER = {*READING, NGRAM_BAG, SOFTMAX, LINEAR, LOGISTIC}

# Distinct words of so many documents are in memory at once, as the kernel reads them.
MAX_DOCUMENTS = 1024


def find_fused_reader(layer: Model[list[Doc], Floats2d], max_length: int) -> "FusedReader | None":
    """The fused reader for a composition of layers, or None where it has to run layer by layer."""
    if not is_made_of(layer, READING) or not isinstance(layer.ops, NumpyOps):
        return None
    layers = leaves(layer)
    lstm = cast(TorchShim, layers[LSTM_ENCODER].shims[0])
    lstm.require_weights()
    pooling = cast(TorchShim, layers[POOL_STATES].shims[0])
    poolings = cast(PoolingArchitecture, pooling.architecture).poolings
    kernel = find_kernel(lstm, poolings)
    if kernel is None:
        return None
    width = layers[POOL_STATES].get_dim("nO")
    return FusedReader(layers[STATIC_VECTORS], lstm, poolings, width, max_length, kernel)


def find_table(model: Model[list[Doc], Floats2d]) -> TableShim | None:
    """The table of words of a trained classifier that can predict a TokenBatch, whose rows and keys
    are by the words' texts; None where it needs Docs."""
    reading = [node for node in model.walk() if "max_padded_tokens" in node.attrs]
    if len(reading) != 1 or not set(names_of(model)) <= CLASSIFIER:
        return None
    if not is_made_of(reading[0], READING):
        return None
    embed = leaves(reading[0])[STATIC_VECTORS]
    if not embed.shims or not embed.has_dim("nO"):
        return None
    table = cast(TableShim, embed.shims[0])
    can_read = table.attr == ORTH and find_fused_reader(reading[0].layers[0], 0) is not None
    return table if can_read else None


@dataclass(frozen=True)
class FusedReader:
    """StaticVectors, an LSTM and pooling in one.

    width (int): Of the pooled states.
    max_length (int): Read only a document's first so many tokens; 0 reads them all.
    """

    embed: Model[list[Doc], list[Floats2d]]
    lstm: LSTM
    poolings: tuple[str, ...]
    width: int
    max_length: int
    kernel: Kernel

    @safe_after_fork
    def __call__(self, docs: Documents) -> Floats2d:
        """The documents' pooled states, (documents, width)."""
        pooled = numpy.zeros((len(docs), self.width), "float32")
        for start in range(0, len(docs), MAX_DOCUMENTS):
            part = slice(start, start + MAX_DOCUMENTS)
            self._read(docs[part], pooled[part])
        return cast(Floats2d, pooled)

    def _read(self, docs: Documents, pooled: Floats) -> None:
        lengths = lengths_of(docs)
        starts = lengths.cumsum() - lengths
        if self.max_length:
            lengths = lengths.clip(max=self.max_length)
        read = self.kernel.prepare(self.lstm, self.poolings, find_words(self.embed, docs))

        def read_batch(batch: Ints) -> None:
            pooled[batch] = read(starts[batch], lengths[batch])

        run_in_threads(read_batch, self.kernel.split(lengths, number_of_threads()))


def find_words(embed: Model[list[Doc], list[Floats2d]], docs: Documents) -> Words:
    """The words of documents; of a table that the model owns, as rows of it."""
    if not embed.shims:
        vectors, tokens = cast(Any, distinct_vectors(embed, cast(list[Doc], docs)))
        return Words(vectors, numpy.arange(len(vectors)), False, tokens)
    table = cast(TableShim, embed.shims[0])
    if isinstance(docs, TokenBatch):
        return Words(table.vectors, docs.rows, True, docs.tokens)
    keys, tokens = distinct_words(docs, table.attr)
    rows = table.find(keys.tolist(), docs[0].vocab.strings)
    return Words(table.vectors, rows, True, tokens)
