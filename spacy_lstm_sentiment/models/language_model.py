"""What `spacy pretrain` teaches an LSTM: to predict the next word, and the one before."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy
import torch
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Linear, Model, Ops, chain, list2array
from thinc.types import Floats2d
from torch import Tensor
from torch.nn.functional import cross_entropy

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import (
    LSTM_ENCODER,
    STATIC_VECTORS,
    TOK2VEC,
    is_made_of,
    leaves,
    names_of,
)
from spacy_lstm_sentiment.models.static_vectors import distinct_vectors
from spacy_lstm_sentiment.models.tensors import to_array, to_tensor

CANDIDATES = 4096  # words that a word is told from: more cost more memory than they teach

Objective = Callable[[Ops, list[Doc], Floats2d], tuple[float, Floats2d]]


def PretrainLanguageModel() -> Callable[[Vocab, Model], Model]:
    """An objective for `[pretraining]`: a language model in each direction that an LSTM reads.

    The states of the forward direction predict the next word, those of the backward direction the
    word before. A word is told from the others of its batch by its static vector, as often as
    they are there, which stands for a softmax over all words (van den Oord et al., 2018).

    RETURNS (Callable[[Vocab, Model], Model]): Takes the vocab and the tok2vec layer to pretrain, a
        WordTable or StaticVectors, and an LSTMEncoder of one layer.
    """
    return create_objective


def create_objective(vocab: Vocab, tok2vec: Model[list[Doc], list[Floats2d]]) -> Model:
    """The tok2vec layer with predictions on top, and attrs["loss"], as `spacy pretrain` wants.

    RAISES InputError: The layer is not made of static vectors and an LSTMEncoder of one layer,
        whose states alone have not seen the word that they predict.
    """
    if not is_made_of(tok2vec, TOK2VEC):
        raise InputError(
            "PretrainLanguageModel teaches a WordTable or StaticVectors, and an LSTMEncoder; the "
            f"layer that [pretraining] names is made of {', '.join(names_of(tok2vec))}"
        )
    layers = leaves(tok2vec)
    embed, encoder = layers[STATIC_VECTORS], layers[LSTM_ENCODER]
    if encoder.attrs["depth"] > 1:
        raise InputError(
            "PretrainLanguageModel: the LSTMEncoder has to have a depth of 1; both directions "
            "feed the second layer, which would see the words that it has to predict"
        )
    directions = 2 if encoder.attrs["bidirectional"] else 1
    model: Model[list[Doc], Floats2d] = chain(
        tok2vec,
        cast(Model[list[Floats2d], Floats2d], list2array()),
        predictions(directions, encoder.get_dim("nO") // directions, embed),
    )
    model.set_ref("tok2vec", tok2vec)
    model.attrs["loss"] = partial(get_loss, embed)
    return model


def predictions(
    directions: int, units: int, embed: Model[list[Doc], list[Floats2d]]
) -> Model[Floats2d, Floats2d]:
    """Predict a vector from each direction's states: side by side, (tokens, directions * width)."""
    layers = [Linear(nI=units) for _ in range(directions)]
    init = partial(init_predictions, embed)
    return Model("predictions", forward_predictions, init=init, layers=layers)


def init_predictions(
    embed: Model[list[Doc], list[Floats2d]],
    model: Model[Floats2d, Floats2d],
    X: Any = None,
    Y: Any = None,
) -> None:
    for layer in model.layers:
        layer.set_dim("nO", embed.get_dim("nO"))
        layer.initialize()


def forward_predictions(
    model: Model[Floats2d, Floats2d], states: Floats2d, is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], Floats2d]]:
    xp = model.ops.xp
    n = len(model.layers)
    halves = [model.ops.as_contig(half) for half in xp.split(states, n, axis=1)]
    pairs = [layer(half, is_train) for layer, half in zip(model.layers, halves, strict=True)]

    def backprop(d_outputs: Floats2d) -> Floats2d:
        d_halves = [model.ops.as_contig(half) for half in xp.split(d_outputs, n, axis=1)]
        return xp.concatenate(
            [back(half) for (_, back), half in zip(pairs, d_halves, strict=True)], axis=1
        )

    return xp.concatenate([outputs for outputs, _ in pairs], axis=1), backprop


def get_loss(
    embed: Model[list[Doc], list[Floats2d]], ops: Ops, docs: list[Doc], predicted: Floats2d
) -> tuple[float, Floats2d]:
    """The mean cross-entropy of the predictions, in nats a word, and its gradient.

    predicted: *Shape:* (tokens of all documents, directions * vector width)
    """
    table, rows = distinct_vectors(embed, docs)
    vectors, words = to_tensor(table), to_tensor(rows)
    outputs = to_tensor(predicted).requires_grad_()
    neighbours = numpy.concatenate([numpy.arange(len(doc)) for doc in docs])
    # Whether a token and the one before are of one document.
    inside = torch.as_tensor(neighbours > 0, device=outputs.device)[1:]
    known = (vectors != 0).any(dim=1)[words]
    losses = []
    for direction, half in enumerate(outputs.split(vectors.shape[1], dim=1)):
        seen, target = (half[:-1], words[1:]) if direction == 0 else (half[1:], words[:-1])
        learnt = inside & (known[1:] if direction == 0 else known[:-1])
        losses.append(_cross_entropy(seen[learnt], target[learnt], vectors))
    loss = torch.stack(losses).sum()
    loss.backward()
    return loss.item(), cast(Floats2d, to_array(cast(Tensor, outputs.grad)))


def _cross_entropy(predicted: Tensor, words: Tensor, vectors: Tensor) -> Tensor:
    """The mean over words of their cross-entropy among the words of their share of the batch."""
    total = predicted.sum() * 0.0  # no word, no loss, yet a gradient
    for some, targets in zip(predicted.split(CANDIDATES), words.split(CANDIDATES), strict=True):
        candidates, answers, counts = torch.unique(targets, return_inverse=True, return_counts=True)
        # bfloat16 holds what the scores need, and its products are several times as fast.
        scores = some.bfloat16() @ vectors[candidates].bfloat16().T
        total = total + cross_entropy(scores.float() + counts.log(), answers, reduction="sum")
    return total / max(len(words), 1)
