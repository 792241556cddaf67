"""What each token contributes to a document's score."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import torch
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d
from torch import Tensor, nn
from torch.nn.functional import linear

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.padded_batches import MAX_PADDED_TOKENS
from spacy_lstm_sentiment.models.padding import pad
from spacy_lstm_sentiment.models.torch_shim import TorchShim, to_tensor
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment, component_of

FIRST_STEPS = 32
MAX_STEPS = 1024
TOLERANCE = 0.01

READ = {"first_tokens", "static_vectors", "lstm_encoder", "first_vectors", "pool_states"}
OUTPUTS = ({"softmax"}, {"linear", "logistic"})

# Batches of sequences of vectors (batch, time, width), all alike in length, to logits (batch,).
LogitFunction = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Explanation:
    """How far each token moved the logit of a label.

    label (str): The label.
    tokens (tuple[str, ...]): The tokens' texts.
    spaces (tuple[str, ...]): The white space after each token, if any.
    contributions (tuple[float, ...]): One a token; above 0 speaks for the label. Their sum is
        `logit - baseline_logit`, but for an error that is 1% as a rule.
    logit (float): ln(p / (1 - p)) of the label's probability p.
    baseline_logit (float): The logit if all words were unknown.
    """

    label: str
    tokens: tuple[str, ...]
    spaces: tuple[str, ...]
    contributions: tuple[float, ...]
    logit: float
    baseline_logit: float

    @property
    def probability(self) -> float:
        """The label's probability, computed in single precision."""
        return (1.0 + math.tanh(self.logit / 2)) / 2


def explain(doc: Doc, label: str = "POSITIVE") -> Explanation:
    """Attribute a label's logit to the tokens by integrated gradients (Sundararajan et al., 2017).

    The path leads from a document of the same length whose words are all unknown, which have the
    zero vector, to the document. The logit is that of the label's probability p, ln(p / (1 - p)):
    with exclusive classes, the label's output minus the logsumexp of the others'. Words that are
    unknown and tokens past the model's max_length contribute 0.

    RAISES InputError: The document was made by a pipeline without lstm_sentiment, the component
        has no such label, or its model is not made of StaticVectors, LSTMEncoder and pooling.
    """
    component = component_of(doc)
    if label not in component.labels:
        raise InputError(
            f"[{component.name}] has no label {label!r}: choose one of "
            f"{', '.join(component.labels) or 'those it is trained on, once it is trained'}"
        )
    layers = _layers(component)
    vectors = layers["static_vectors"].predict([doc])[0]
    vectors = vectors[: layers["first_tokens"].attrs["max_length"] or None]
    logit_of = _logit_function(layers, len(vectors), component.labels.index(label))
    contributions, logit, baseline = integrate_gradients(logit_of, pad([vectors])[0])
    read = contributions[: len(vectors)]
    return Explanation(
        label,
        tokens=tuple(token.text for token in doc),
        spaces=tuple(token.whitespace_ for token in doc),
        contributions=(*read, *[0.0] * (len(doc) - len(read))),
        logit=logit,
        baseline_logit=baseline,
    )


def integrate_gradients(
    logit_of: LogitFunction, vectors: Tensor
) -> tuple[list[float], float, float]:
    """Integrated gradients from zeros to `vectors` (time, width).

    The integral is the trapezoidal rule's, whose steps are halved until the contributions' sum is
    within TOLERANCE of the difference that it should be, or the steps are MAX_STEPS.

    RETURNS (tuple[list[float], float, float]): The contribution of each time step, the logit of
        `vectors` and that of zeros.
    """
    with torch.no_grad():
        baseline, logit = logit_of(torch.stack([torch.zeros_like(vectors), vectors])).tolist()
    steps = FIRST_STEPS
    shares = torch.full((steps + 1,), 1.0 / steps)
    shares[[0, -1]] /= 2
    gradient = _weighted_gradient(logit_of, vectors, torch.linspace(0.0, 1.0, steps + 1), shares)
    while True:
        contributions = (vectors * gradient).sum(dim=1)
        gap = abs(contributions.sum().item() - (logit - baseline))
        if gap <= TOLERANCE * abs(logit - baseline) or steps >= MAX_STEPS:
            return contributions.tolist(), logit, baseline
        midpoints = (torch.arange(steps) + 0.5) / steps
        halfway = _weighted_gradient(
            logit_of, vectors, midpoints, torch.full((steps,), 1.0 / steps)
        )
        gradient = (gradient + halfway) / 2
        steps *= 2


def _weighted_gradient(
    logit_of: LogitFunction, vectors: Tensor, scales: Tensor, weights: Tensor
) -> Tensor:
    """The weighted sum of the logit's gradients at scaled vectors, (time, width)."""
    batch_size = max(1, MAX_PADDED_TOKENS // len(vectors))
    total = torch.zeros_like(vectors)
    for scale, weight in zip(scales.split(batch_size), weights.split(batch_size), strict=True):
        scaled = (scale.to(vectors)[:, None, None] * vectors).requires_grad_()
        (gradients,) = torch.autograd.grad(logit_of(scaled).sum(), scaled)
        total += torch.tensordot(weight.to(vectors), gradients, dims=1)
    return total


def _layers(component: LSTMSentiment) -> dict[str, Model[Any, Any]]:
    """The model's layers by name, none of which but the known ones take part in the score."""
    nodes = [node for node in component.model.walk() if not node.layers]
    layers = {node.name: node for node in nodes}
    if len(layers) < len(nodes) or not any(layers.keys() == READ | names for names in OUTPUTS):
        raise InputError(
            f"[{component.name}] cannot be explained: explanations need a model that embeds by "
            "StaticVectors and encodes by LSTMEncoder, without a shared tok2vec; this one is made "
            f"of {', '.join(node.name for node in nodes)}"
        )
    return layers


def _logit_function(layers: dict[str, Model[Any, Any]], length: int, column: int) -> LogitFunction:
    """The logit of one label as a differentiable function of sequences of a length."""
    encode, pool = _exact(layers["lstm_encoder"]), _exact(layers["pool_states"])
    output = layers["softmax"] if "softmax" in layers else layers["linear"]
    weight, bias = (to_tensor(cast(Floats2d, output.get_param(name))) for name in ("W", "b"))
    temperature = output.attrs.get("softmax_temperature", 1.0)
    n_pooled = min(length, layers["first_vectors"].attrs["max_length"] or length)

    def logit_of(sequences: Tensor) -> Tensor:
        states = encode(sequences, torch.full((len(sequences),), length))
        pooled = pool(states, torch.full((len(sequences),), n_pooled))
        outputs = linear(pooled, weight, bias) / temperature
        if output.name == "linear":  # independent labels
            return outputs[:, column]
        others = [other for other in range(outputs.shape[1]) if other != column]
        return outputs[:, column] - outputs[:, others].logsumexp(dim=1)

    return logit_of


def _exact(layer: Model[Any, Any]) -> nn.Module:
    """A copy of a layer's module that computes in single precision, without dropout.

    It stays in training mode, since cuDNN and oneDNN have gradients in no other.
    """
    module = cast(Any, copy.deepcopy(cast(TorchShim, layer.shims[0]).module))
    module.dropout = 0.0
    if hasattr(module, "mixed_precision"):
        module.mixed_precision = False
    return module.train().requires_grad_(False)
