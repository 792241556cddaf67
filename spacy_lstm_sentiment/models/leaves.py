"""Layers by name: what those that others look for are called, and how they are found.

Only leaves are looked for, the layers that have no layers of their own.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from thinc.api import Model

from spacy_lstm_sentiment.errors import InputError

STATIC_VECTORS = "static_vectors"  # a WordTable's, too
LSTM_ENCODER = "lstm_encoder"
POOL_STATES = "pool_states"
NGRAM_BAG = "ngram_bag"
FIRST_TOKENS = "first_tokens"
FIRST_VECTORS = "first_vectors"
SOFTMAX, LINEAR, LOGISTIC = "softmax", "linear", "logistic"  # Thinc's

TOK2VEC = (STATIC_VECTORS, LSTM_ENCODER)
READING = (FIRST_TOKENS, *TOK2VEC, FIRST_VECTORS, POOL_STATES)  # from documents to pooled states


def names_of(model: Model[Any, Any]) -> list[str]:
    """The names of a model's leaves, in their order; of two that are alike, both."""
    return [node.name for node in model.walk() if not node.layers]


def is_made_of(model: Model[Any, Any], names: Iterable[str]) -> bool:
    """Whether a model has leaves of these names and no others, each as often as it is named."""
    return Counter(names_of(model)) == Counter(names)


def leaves(model: Model[Any, Any]) -> dict[str, Model[Any, Any]]:
    """The leaves of a model by name.

    Of what cuts documents, which n-grams beside an encoder have for themselves, alike, the first.

    RAISES InputError: Another name is that of several, and would mean one or the other.
    """
    found: dict[str, Model[Any, Any]] = {}
    for node in model.walk():
        if node.layers:
            continue
        if node.name in found and node.name != FIRST_TOKENS:
            raise InputError(
                f"a model has several layers called {node.name}, of which one was asked for: it is "
                f"made of {', '.join(names_of(model))}"
            )
        found.setdefault(node.name, node)
    return found


def has_listener(model: Model[Any, Any]) -> bool:
    """Whether a model reads a tok2vec, or a transformer, that is a component of its own."""
    return any(node.name.endswith("listener") for node in model.walk())
