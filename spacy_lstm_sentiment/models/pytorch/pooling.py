"""Padded sequences of hidden states to one vector each."""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout


class Pooling(nn.Module):
    """One or several poolings of a sequence, concatenated. An empty sequence gives zeros.

    last: the final state; of a bidirectional encoder, the final state of each direction.
    max, mean: over the sequence, unit by unit.
    attention: a weighted mean, the weights a softmax over a learnt linear score of each state.
    """

    def __init__(self, input_width: int, poolings: tuple[str, ...], bidirectional: bool):
        super().__init__()
        self.poolings = poolings
        self.bidirectional = bidirectional
        self.dropout = 0.0
        if "attention" in poolings:
            self.attention = nn.Linear(input_width, 1)

    def forward(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """Pool a batch.

        inputs: *Shape:* (batch, time, width); what lies past a length is ignored.
        lengths: *Shape:* (batch,), int64, each from 0 to time.
        RETURNS: *Shape:* (batch, width * number of poolings).
        """
        lengths = lengths.to(inputs.device)
        steps = torch.arange(inputs.shape[1], device=inputs.device)
        outside = (steps >= lengths[:, None])[:, :, None]
        pooled = [getattr(self, f"_{name}")(inputs, lengths, outside) for name in self.poolings]
        vectors = torch.cat(pooled, dim=1).masked_fill((lengths == 0)[:, None], 0.0)
        return dropout(vectors, self.dropout, self.training)

    def _last(self, inputs: Tensor, lengths: Tensor, outside: Tensor) -> Tensor:
        final = (lengths - 1).clamp(min=0)[:, None, None].expand(-1, 1, inputs.shape[2])
        states = inputs.gather(1, final)[:, 0]
        if not self.bidirectional:
            return states
        units = inputs.shape[2] // 2
        return torch.cat([states[:, :units], inputs[:, 0, units:]], dim=1)

    def _max(self, inputs: Tensor, lengths: Tensor, outside: Tensor) -> Tensor:
        return inputs.masked_fill(outside, -torch.inf).amax(dim=1)

    def _mean(self, inputs: Tensor, lengths: Tensor, outside: Tensor) -> Tensor:
        return inputs.masked_fill(outside, 0.0).sum(dim=1) / lengths.clamp(min=1)[:, None]

    def _attention(self, inputs: Tensor, lengths: Tensor, outside: Tensor) -> Tensor:
        scores = self.attention(inputs).masked_fill(outside, torch.finfo(inputs.dtype).min)
        return (scores.softmax(dim=1) * inputs.masked_fill(outside, 0.0)).sum(dim=1)
