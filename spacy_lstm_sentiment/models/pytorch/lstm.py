"""An LSTM over padded sequences whose results never depend on the padding."""

import platform
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

STEPS_AT_A_TIME = 8192  # what the kernels allocate for a step is several times its result


class PaddedLSTM(nn.Module):
    """Stacked LSTM layers, read forwards or both ways.

    On a GPU each layer runs cuDNN's packed kernel. On a CPU packing is about four times slower
    than oneDNN's padded kernel, so there each direction runs on its own over sequences that
    start at position 0: the backward direction reads a copy that is reversed up to its length,
    and padding comes last for both.

    The weights are those of `torch.nn.LSTM`, one per layer, whatever the device.
    """

    def __init__(
        self, input_width: int, width: int, depth: int, bidirectional: bool, mixed_precision: bool
    ):
        """`width` is the output's width; a bidirectional layer gives half to each direction."""
        super().__init__()
        units = width // 2 if bidirectional else width
        self.layers = nn.ModuleList(
            nn.LSTM(
                input_width if layer == 0 else width,
                units,
                batch_first=True,
                bidirectional=bidirectional,
            )
            for layer in range(depth)
        )
        self.mixed_precision = mixed_precision
        self.dropout = 0.0

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Encode a batch.

        inputs: *Shape:* (batch, time, input_width); what lies past a length is ignored.
        lengths: *Shape:* (batch,), int64, on the CPU, each from 0 to time.
        RETURNS: *Shape:* (batch, time, width), of the inputs' type; past a length it means nothing.
        """
        device = inputs.device.type
        lengths = lengths.clamp(min=1)  # no kernel reads empty sequences: these read padding
        dtype = torch.bfloat16 if self.computes_in_bfloat16(device) else inputs.dtype
        if device == "cuda":
            hidden = inputs
            with torch.autocast(device, dtype, enabled=dtype != inputs.dtype):
                for layer in self.layers:
                    hidden = self._drop_units(_run_packed(cast(nn.LSTM, layer), hidden, lengths), 1)
            return hidden.to(inputs.dtype)
        # Time comes first, and types are chosen by hand: oneDNN is twice as fast then as it is
        # with torch's autocast.
        hidden = inputs.transpose(0, 1).to(dtype)
        for layer in self.layers:
            hidden = self._drop_units(_run_padded(cast(nn.LSTM, layer), hidden, lengths), 0)
        return hidden.transpose(0, 1).to(inputs.dtype)

    def _drop_units(self, hidden: Tensor, time: int) -> Tensor:
        """Drop the same units at every step of a sequence (Gal & Ghahramani, 2016)."""
        if not self.training or self.dropout == 0.0:
            return hidden
        ones = torch.ones_like(hidden.narrow(time, 0, 1))
        return hidden * dropout(ones, self.dropout, training=True)

    def computes_in_bfloat16(self, device: str) -> bool:
        """Whether mixed precision is wanted, and the device, "cpu" or "cuda", computes in it."""
        if not self.mixed_precision:
            return False
        if device == "cuda":
            return torch.cuda.is_bf16_supported(including_emulation=False)
        return cpu_has_bfloat16()


def cpu_has_bfloat16() -> bool:
    """Whether the processor has instructions for it: oneDNN alone says so of any with AVX-512."""
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return True
    # Older versions of torch lack the first or the second question: no answer is no.
    asked = [
        getattr(torch.cpu, f"_is_{name}_supported", None) for name in ("avx512_bf16", "amx_tile")
    ]
    return any(ask() for ask in asked if ask is not None)


def _run_packed(layer: nn.LSTM, inputs: Tensor, lengths: Tensor) -> Tensor:
    layer.flatten_parameters()  # Thinc replaces the data of each parameter at every update
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    outputs, _ = layer(packed)
    return pad_packed_sequence(outputs, batch_first=True, total_length=inputs.shape[1])[0]


def _run_padded(layer: nn.LSTM, inputs: Tensor, lengths: Tensor) -> Tensor:
    """Read sequences (time, batch, width) into states (time, batch, units of all directions)."""
    forward_weights, *backward_weights = layer.all_weights
    forwards = run_direction(layer, inputs, forward_weights)
    if not backward_weights:
        return forwards
    # Position t of a sequence of length n trades places with n - 1 - t; padding reads position 0.
    steps = torch.arange(inputs.shape[0])[:, None]
    mirror = (lengths - 1 - steps).clamp_(min=0)[:, :, None]
    mirrored = inputs.gather(0, mirror.expand_as(inputs))
    backwards = run_direction(layer, mirrored, backward_weights[0])
    return torch.cat([forwards, backwards.gather(0, mirror.expand_as(backwards))], dim=2)


def run_direction(layer: nn.LSTM, inputs: Tensor, weights: list[nn.Parameter]) -> Tensor:
    """Read padded sequences with one direction's weights, in the inputs' type.

    inputs: *Shape:* (time, batch, width).
    RETURNS: *Shape:* (time, batch, units).
    """
    hidden = cell = inputs.new_zeros(1, inputs.shape[1], layer.hidden_size)
    typed_weights = [weight.to(inputs.dtype) for weight in weights]
    outputs = []
    for steps in inputs.split(STEPS_AT_A_TIME):
        states, hidden, cell = torch.lstm(
            steps,
            (hidden, cell),
            typed_weights,
            has_biases=True,
            num_layers=1,
            dropout=0.0,
            train=layer.training,
            bidirectional=False,
            batch_first=False,
        )
        outputs.append(states)
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs)
