"""Weights as lstm.hh reads them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy
import numpy.typing as npt

from spacy_lstm_sentiment.models.kernels import _lstm
from spacy_lstm_sentiment.models.kernels.weights import LSTM, Direction, layers_of
from spacy_lstm_sentiment.models.kernels.words import ProjectedWords

Floats = npt.NDArray[numpy.float32]

# What lstm.hh wants its gates scaled by: sigmoids of input, forget and output gates become
# 1 / (1 + 2^x), and the tanh of the cell's gate a sigmoid of twice its size.
SCALES = numpy.array([-1.0, -1.0, -2.0, -1.0], "float32")[:, None, None] / math.log(2)


@dataclass(frozen=True)
class PackedLayer:
    """A layer's weights, both directions in one, for an instruction set.

    Units are in groups of as many as a vector has lanes; gates are four a unit.
    """

    isa: str
    units: int
    projection: Floats  # (directions * groups, input width, gates of a group)
    bias: Floats  # (directions * groups * gates of a group,)
    recurrent: Floats  # (directions, groups * units * gates of a group)

    @property
    def width(self) -> int:
        """Of its states."""
        return len(self.recurrent) * self.units

    def project(self, inputs: Floats) -> Floats:
        """W x + b: (rows, input width) becomes (rows, gates)."""
        projected = numpy.empty((len(inputs), len(self.bias)), "float32")
        _lstm.project(self.isa, inputs, self.projection, self.bias, projected)
        return projected


@dataclass(frozen=True)
class PackedLSTM:
    """All layers, and what the first one makes of words.

    weights: Copies of those that are packed.
    """

    weights: dict[str, npt.NDArray[Any]]
    layers: list[PackedLayer]
    words: ProjectedWords

    def is_of(self, weights: Mapping[str, npt.NDArray[Any]]) -> bool:
        """Whether the weights are still those."""
        return weights.keys() == self.weights.keys() and all(
            numpy.array_equal(weight, self.weights[name]) for name, weight in weights.items()
        )


_PACKED: "WeakKeyDictionary[LSTM, dict[str, PackedLSTM]]" = WeakKeyDictionary()


def pack(lstm: LSTM, isa: str) -> PackedLSTM:
    """The weights as they are now: packed anew, and words forgotten, if any has changed."""
    weights = lstm.weights()
    of_isa = _PACKED.setdefault(lstm, {})
    packed = of_isa.get(isa)
    if packed is None or not packed.is_of(weights):
        layers = [pack_layer(layer, isa) for layer in layers_of(weights)]
        words = ProjectedWords(layers[0].project, len(layers[0].bias))
        packed = PackedLSTM({name: weights[name].copy() for name in weights}, layers, words)
        of_isa[isa] = packed
    return packed


def pack_layer(layer: list[Direction], isa: str) -> PackedLayer:
    """Gates in groups of as many units as a vector has lanes, the last one filled up with zeros."""
    units, lanes = layer[0].from_state.shape[1], _lstm.lanes(isa)
    groups = -(-units // lanes)

    def regroup(weight: Floats) -> Floats:
        """(4 * units, columns) to (groups, columns, 4 * lanes)"""
        gates = numpy.zeros((4, groups * lanes, weight.shape[1]), "float32")
        gates[:, :units] = weight.reshape(4, units, -1) * SCALES
        regrouped = gates.reshape(4, groups, lanes, -1).transpose(1, 3, 0, 2)
        return numpy.ascontiguousarray(regrouped).reshape(groups, -1, 4 * lanes)

    biases = [regroup((own.input_bias + own.state_bias)[:, None]).ravel() for own in layer]
    return PackedLayer(
        isa,
        units,
        numpy.concatenate([regroup(own.from_input) for own in layer]),
        numpy.concatenate(biases),
        numpy.stack([regroup(own.from_state).ravel() for own in layer]),
    )
