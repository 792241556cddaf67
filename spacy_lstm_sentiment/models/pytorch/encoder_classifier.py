"""A pretrained transformer encoder with a linear layer over the mean of its states."""

from typing import Any, cast

import torch
from torch import Tensor, nn

from spacy_lstm_sentiment.models.pytorch.lstm import cpu_has_bfloat16


class EncoderClassifier(nn.Module):
    """Classifies token sequences by the mean of an encoder's states, padding left out.

    encoder (nn.Module): Of the kind of transformers' models: takes `input_ids` and
        `attention_mask`, gives a `last_hidden_state`.
    width (int): Of its states.
    """

    def __init__(self, encoder: Any, width: int, n_labels: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width, n_labels)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """ids, mask: (documents, tokens); the mask is 1 inside a document. Logits come back,
        (documents, labels), in single precision."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        inside = mask[..., None].to(states.dtype)
        means = (states * inside).sum(dim=1) / inside.sum(dim=1)
        return cast(Tensor, self.head(means).float())


def computes_fast_in_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for it."""
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else cpu_has_bfloat16()
