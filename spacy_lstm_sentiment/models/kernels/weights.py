"""An LSTM as kernels get it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy
import numpy.typing as npt

if TYPE_CHECKING:
    from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM

Floats = npt.NDArray[numpy.float32]

# Of a layer, in torch's order, and of its second direction.
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
DIRECTIONS = ("", "_reverse")


class LSTM(Protocol):
    """An LSTM's weights, as arrays, and the module that has them, where a kernel wants that.

    A PaddedLSTM's TorchShim is one: it makes the module when that is asked for.
    """

    def weights(self) -> Mapping[str, npt.NDArray[Any]]:
        """By torch's names, on the CPU. Whoever reads them must not change them."""

    @property
    def module(self) -> "PaddedLSTM":
        """The module."""


class Direction(NamedTuple):
    """What one direction of a layer reads with, as torch has it: gates input, forget, cell, output.

    *Shapes:* (4 * units, input width), (4 * units, units), (4 * units,), (4 * units,)
    """

    from_input: Floats
    from_state: Floats
    input_bias: Floats
    state_bias: Floats


def names_of(layer: int, direction: str) -> list[str]:
    """Torch's names of a Direction's weights."""
    return [f"layers.{layer}.{kind}_l0{direction}" for kind in KINDS]


def layers_of(weights: Mapping[str, Any]) -> list[list[Direction]]:
    """An LSTM's layers, each with its directions."""
    layers: list[list[Direction]] = []
    while names_of(len(layers), "")[0] in weights:
        names = [names_of(len(layers), direction) for direction in DIRECTIONS]
        layers.append(
            [Direction(*map(weights.__getitem__, own)) for own in names if own[0] in weights]
        )
    return layers
