"""Bounded memory for batches of documents of any lengths."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d

MAX_PADDED_TOKENS = 16_384


Layer = Model[list[Doc], Floats2d]
Shortcut = Callable[[list[Doc]], Floats2d]


def with_padded_batches(
    layer: Layer,
    max_padded_tokens: int | None = MAX_PADDED_TOKENS,
    find_shortcut: Callable[[Layer], Shortcut | None] | None = None,
) -> Model[list[Doc], Floats2d]:
    """Run a layer over sub-batches of documents of similar lengths.

    Documents are sorted by length and cut into sub-batches whose padded size (documents times
    the longest one's tokens) stays within a bound, which a single longer document may exceed.
    Rows of the result are in the documents' order. Without a bound the batch stays whole.

    find_shortcut (Callable): Gives what predicts the same as the layer in less time, if anything.
    """
    return Model(
        f"with_padded_batches({layer.name})",
        partial(forward, find_shortcut),
        init=init,
        layers=[layer],
        attrs={"max_padded_tokens": max_padded_tokens},
        dims={"nO": None},
    )


def init(model: Model[list[Doc], Floats2d], X: list[Doc] | None = None, Y: Any = None) -> None:
    layer = model.layers[0]
    layer.initialize(X)
    if layer.has_dim("nO"):
        model.set_dim("nO", layer.get_dim("nO"))


def forward(
    find_shortcut: Callable[[Layer], Shortcut | None] | None,
    model: Model[list[Doc], Floats2d],
    docs: list[Doc],
    is_train: bool,
) -> tuple[Floats2d, Callable[[Floats2d], list[Doc]]]:
    layer = model.layers[0]
    shortcut = find_shortcut(layer) if find_shortcut and not is_train else None
    if shortcut is not None:
        return shortcut(docs), lambda d_outputs: []
    max_padded_tokens = model.attrs["max_padded_tokens"]
    if max_padded_tokens is None:
        return layer(docs, is_train)
    batches = pack_by_length([len(doc) for doc in docs], max_padded_tokens)
    outputs = model.ops.alloc2f(len(docs), layer.get_dim("nO"))
    callbacks = []
    for batch in batches:
        outputs[batch], backprop_batch = layer([docs[i] for i in batch], is_train)
        callbacks.append(backprop_batch)

    def backprop(d_outputs: Floats2d) -> list[Doc]:
        for batch, backprop_batch in zip(batches, callbacks, strict=True):
            backprop_batch(d_outputs[batch])
        return []

    return outputs, backprop


def pack_by_length(lengths: list[int], max_padded_tokens: int) -> list[list[int]]:
    """Indices of sequences, shortest first, in batches of at most so many padded tokens."""
    batches: list[list[int]] = []
    for index in numpy.argsort(lengths, kind="stable").tolist():
        if batches and (len(batches[-1]) + 1) * lengths[index] <= max_padded_tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
