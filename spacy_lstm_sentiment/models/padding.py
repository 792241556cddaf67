"""Torch modules over padded batches as Thinc layers over lists of sequences."""

from collections.abc import Callable
from typing import Any, cast

import torch
from thinc.api import Model
from thinc.types import Floats2d, Floats3d
from torch import Tensor
from torch.nn.functional import pad as pad_end
from torch.nn.utils.rnn import pad_sequence

from spacy_lstm_sentiment.models.tensors import to_array, to_tensor
from spacy_lstm_sentiment.models.threads import safe_after_fork
from spacy_lstm_sentiment.models.torch_shim import TorchShim


@safe_after_fork
def run_padded(
    model: Model[list[Floats2d], Any], sequences: list[Floats2d], is_train: bool
) -> tuple[Tensor, Callable[[Tensor], list[Floats2d]]]:
    """Run a layer's torch module, which takes a padded batch and its lengths.

    model (Model): Has a TorchShim, whose module has an attribute `dropout`, and dropout_attrs. If
        its attribute `first` is true, nothing before it learns, so that it needs no gradient of
        its inputs.
    sequences (list[Floats2d]): Each (length, width); lengths may be 0.
    RETURNS (tuple[Tensor, Callable]): The module's output, and a callback from the output's
        gradient to the sequences' gradients, or to an empty list where the layer is the first.
    """
    shim = cast(TorchShim, model.shims[0])
    if is_train:  # several threads may predict
        rate = model.attrs.get("fixed_dropout_rate", model.attrs.get("dropout_rate"))
        cast(Any, shim.module).dropout = rate
    lengths = [len(sequence) for sequence in sequences]
    inputs = pad(sequences).requires_grad_(is_train and not model.attrs.get("first", False))
    outputs, backprop_module = shim((inputs, torch.tensor(lengths)), is_train)

    @safe_after_fork
    def backprop(d_outputs: Tensor) -> list[Floats2d]:
        d_inputs = backprop_module(d_outputs)
        return [] if d_inputs is None else unpad(d_inputs, lengths)

    return outputs.detach(), backprop


def pad(sequences: list[Floats2d]) -> Tensor:
    """One tensor (batch, longest length but at least 1, width), zeros past each length."""
    padded = pad_sequence([to_tensor(sequence) for sequence in sequences], batch_first=True)
    return padded if padded.shape[1] else pad_end(padded, (0, 0, 0, 1))


def unpad(padded: Tensor, lengths: list[int]) -> list[Floats2d]:
    """Views of the rows, each cut to its length."""
    return [
        row[:length] for row, length in zip(cast(Floats3d, to_array(padded)), lengths, strict=True)
    ]
