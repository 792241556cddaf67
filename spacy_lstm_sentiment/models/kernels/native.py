"""The compiled kernel: each word of a batch is projected once, documents are read without padding.

An LSTM's input projection depends on the word alone where its vectors are static. So the kernel of
lstm.hh reads rows that are W x + b already, and has but the recurrence to compute.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy
import numpy.typing as npt
import torch
from torch import Tensor, nn

from spacy_lstm_sentiment.models.kernels import _lstm
from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM

Floats = npt.NDArray[numpy.float32]
Ints = npt.NDArray[numpy.int64]

# What lstm.hh wants its gates scaled by: sigmoids of input, forget and output gates become
# 1 / (1 + 2^x), and the tanh of the cell's gate a sigmoid of twice its size.
SCALES = torch.tensor([-1.0, -1.0, -2.0, -1.0]) / math.log(2)
TOKENS = 65_536  # whose states are in memory at once where layers are stacked


@dataclass(frozen=True)
class PackedLayer:
    """One layer's weights as lstm.hh reads them, both directions in one."""

    units: int
    projection: Tensor  # (input width, directions * gates)
    bias: Tensor  # (directions * gates,)
    recurrent: Tensor  # (directions, units * gates)

    def project(self, inputs: Tensor) -> Floats:
        return cast(Floats, torch.addmm(self.bias, inputs, self.projection).numpy())


@torch.inference_mode()
def pack(layer: nn.LSTM, lanes: int) -> PackedLayer:
    """Gates in groups of as many units as a vector has lanes, the last one filled up with zeros."""
    units = layer.hidden_size
    groups = -(-units // lanes)

    def regroup(weight: Tensor) -> Tensor:
        """(4 * units, columns) to (groups, 4, lanes, columns)"""
        gates = weight.view(4, units, -1) * SCALES[:, None, None]
        padded = nn.functional.pad(gates, (0, 0, 0, groups * lanes - units))
        return padded.view(4, groups, lanes, -1).transpose(0, 1)

    projections, biases, recurrents = [], [], []
    for w_input, w_hidden, b_input, b_hidden in layer.all_weights:
        projections.append(regroup(w_input).flatten(0, 2))
        biases.append(regroup(b_input + b_hidden).flatten())
        recurrents.append(regroup(w_hidden).permute(0, 3, 1, 2).flatten())
    return PackedLayer(
        units, torch.cat(projections).t().contiguous(), torch.cat(biases), torch.stack(recurrents)
    )
