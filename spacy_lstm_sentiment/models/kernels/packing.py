"""Weights as lstm.hh reads them."""

import math
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from spacy_lstm_sentiment.models.kernels.words import ProjectedWords, project
from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM

# What lstm.hh wants its gates scaled by: sigmoids of input, forget and output gates become
# 1 / (1 + 2^x), and the tanh of the cell's gate a sigmoid of twice its size.
SCALES = torch.tensor([-1.0, -1.0, -2.0, -1.0])[:, None, None] / math.log(2)


@dataclass(frozen=True)
class PackedLayer:
    """A layer's weights, both directions in one."""

    units: int
    projection: Tensor  # (input width, directions * gates)
    bias: Tensor  # (directions * gates,)
    recurrent: Tensor  # (directions, units * gates)

    @property
    def width(self) -> int:
        """Of its states."""
        return len(self.recurrent) * self.units

    def project(self, states: Tensor) -> Tensor:
        return project(states, self.projection, self.bias)


@dataclass(frozen=True)
class PackedLSTM:
    """All layers, and what the first one makes of words.

    weights (list[Tensor]): Copies of those that are packed.
    """

    weights: list[Tensor]
    layers: list[PackedLayer]
    words: ProjectedWords


_PACKED: "WeakKeyDictionary[PaddedLSTM, dict[int, PackedLSTM]]" = WeakKeyDictionary()


def pack(lstm: PaddedLSTM, lanes: int) -> PackedLSTM:
    """The weights as they are now: packed anew, and words forgotten, if any has changed."""
    weights = [parameter.detach() for parameter in lstm.parameters()]
    of_lanes = _PACKED.setdefault(lstm, {})
    packed = of_lanes.get(lanes)
    if packed is None or not all(map(torch.equal, weights, packed.weights)):
        layers = [pack_layer(cast(nn.LSTM, layer), lanes) for layer in lstm.layers]
        words = ProjectedWords(layers[0].projection, layers[0].bias)
        packed = PackedLSTM([weight.clone() for weight in weights], layers, words)
        of_lanes[lanes] = packed
    return packed


def pack_layer(layer: nn.LSTM, lanes: int) -> PackedLayer:
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
