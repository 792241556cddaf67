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
from spacy_lstm_sentiment.models.leaves import (
    FIRST_TOKENS,
    FIRST_VECTORS,
    LINEAR,
    LOGISTIC,
    LSTM_ENCODER,
    NGRAM_BAG,
    POOL_STATES,
    READING,
    SOFTMAX,
    STATIC_VECTORS,
    is_made_of,
    leaves,
    names_of,
)
from spacy_lstm_sentiment.models.ngrams import embed_tokens
from spacy_lstm_sentiment.models.padded_batches import MAX_PADDED_TOKENS
from spacy_lstm_sentiment.models.padding import pad
from spacy_lstm_sentiment.models.tensors import to_tensor
from spacy_lstm_sentiment.models.threads import map_flushing_denormals, safe_after_fork
from spacy_lstm_sentiment.models.torch_shim import TorchShim
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.pipeline.origin import component_of

TOLERANCE = 0.01  # of the change of the logit
FIRST_POINTS = 33
MAX_POINTS = 1025
POINTS_AT_A_TIME = 8
MAX_TOKENS_IN_MEMORY = 2**16  # of all threads, at about 8 kB each; one document may have more
MIN_WIDTH = 2.0**-18  # of an interval of the path: a leap this steep has no gradient to follow

OUTPUTS = ((SOFTMAX,), (LINEAR, LOGISTIC))
WITH_NGRAMS = (FIRST_TOKENS, NGRAM_BAG)

# Batches of sequences of vectors (batch, time, width), all alike in length, to logits (batch,).
LogitFunction = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Explanation:
    """How far each token moved the logit of a label.

    label (str): The label.
    tokens (tuple[str, ...]): The tokens' texts.
    spaces (tuple[str, ...]): The white space after each token, if any.
    contributions (tuple[float, ...]): One a token; above 0 speaks for the label. Their sum is
        `logit - baseline_logit` within 1%; see `unattributed`.
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
        """The label's probability, without the rounding of mixed precision."""
        return (1.0 + math.tanh(self.logit / 2)) / 2

    @property
    def unattributed(self) -> float:
        """What the contributions lack of the change of the logit: next to nothing, unless a long
        document tips the model so suddenly that no gradient shows it."""
        return self.logit - self.baseline_logit - sum(self.contributions)


@safe_after_fork
def explain(
    doc: Doc,
    label: str = "POSITIVE",
    *,
    max_tokens: int = 2**19,
    on_read: Callable[[int], Any] | None = None,
) -> Explanation:
    """Attribute a label's logit to the tokens by integrated gradients (Sundararajan et al., 2017).

    The path leads from a document of the same length whose words are all unknown, which have the
    zero vector and are in no known n-gram, to the document; of an n-gram's part, each of its tokens
    gets as much. The logit is that of the label's probability p, ln(p / (1 - p)):
    with exclusive classes, the label's output minus the logsumexp of the others'. Words that are
    unknown and tokens past the model's max_length contribute 0.

    max_tokens (int): Read so many tokens at most, that is a document of n tokens at max_tokens / n
        points of the path, from 2 to 1,025. What a long one's few points miss is `unattributed`.
    on_read (Callable[[int], Any] | None): Is told of so many tokens after each batch that is read.
    RAISES InputError: The document was made by a pipeline without lstm_sentiment, the component
        has no such label, or its model is not made of static vectors, LSTMEncoder and pooling.
    """
    component = component_of(doc)
    if label not in component.labels:
        raise InputError(
            f"[{component.name}] has no label {label!r}: choose one of "
            f"{', '.join(component.labels) or 'those it is trained on, once it is trained'}"
        )
    layers = _layers(component)
    read_doc = layers[FIRST_TOKENS].predict([doc])[0]
    vectors = layers[STATIC_VECTORS].predict([read_doc])[0]
    logit_of = _logit_function(layers, vectors, component.labels.index(label))
    inputs = pad([vectors])[0]
    if NGRAM_BAG in layers:
        shares = pad([embed_tokens(layers[NGRAM_BAG], read_doc)])[0]
        inputs = torch.cat([inputs, shares], dim=1)
    max_points = min(MAX_POINTS, max(2, max_tokens // max(len(vectors), 1)))

    def read_batch(batch: Tensor) -> Tensor:
        logits = logit_of(batch)
        if on_read is not None:
            on_read(len(batch) * len(vectors))
        return logits

    contributions, logit, baseline = integrate_gradients(read_batch, inputs, max_points)
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
    logit_of: LogitFunction, vectors: Tensor, max_points: int = MAX_POINTS
) -> tuple[list[float], float, float]:
    """Integrated gradients from zeros to `vectors` (time, width).

    Each interval of the path is integrated by the trapezoidal rule. Where that misses the change
    of the logit between the interval's ends, the interval is halved, for an LSTM may tip from one
    state into another within a thousandth of the path. All intervals together miss at most
    TOLERANCE of the whole change, unless that takes more points than max_points or too narrow
    intervals: those that miss most come first.

    RETURNS (tuple[list[float], float, float]): The contribution of each time step, the logit of
        `vectors` and that of zeros.
    """
    if not vectors.any():  # then both ends are one point, which is read alike but once
        logits, _ = _follow(logit_of, vectors, torch.zeros(1))
        return [0.0] * len(vectors), logits.item(), logits.item()
    n_first = min(FIRST_POINTS, max(2, max_points // 2))
    scales = torch.linspace(0.0, 1.0, n_first, dtype=torch.float64)
    logits, slopes = _follow(logit_of, vectors, scales)
    while True:
        widths = scales.diff()
        areas = widths[:, None] * (slopes[1:] + slopes[:-1]) / 2
        missed = (areas.sum(dim=1) - logits.diff()).abs()
        allowed = TOLERANCE * (logits[-1] - logits[0]).abs()
        halved = (missed > allowed / len(missed)) & (widths > MIN_WIDTH)
        n_more = min(int(halved.sum()), max_points - len(scales))
        if missed.sum() <= allowed or not n_more:
            return areas.sum(dim=0).tolist(), logits[-1].item(), logits[0].item()
        worst = (missed * halved).topk(n_more).indices
        middles = ((scales[1:] + scales[:-1]) / 2)[worst]
        more_logits, more_slopes = _follow(logit_of, vectors, middles)
        scales, order = torch.cat([scales, middles]).sort()
        logits = torch.cat([logits, more_logits])[order]
        slopes = torch.cat([slopes, more_slopes])[order]


def _follow(logit_of: LogitFunction, vectors: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """The logit at scaled vectors, (scales,), and its derivative by the scale, as the part of
    each time step in it, (scales, time); on the CPU, in double precision.

    Points are read a few at a time, each few by a thread with one of torch's own: to share out the
    short steps of an LSTM takes torch several times as long as to compute them.
    """

    def follow(batch: Tensor) -> tuple[Tensor, Tensor]:
        scaled = (batch[:, None, None] * vectors).requires_grad_()
        outputs = logit_of(scaled)
        (gradients,) = torch.autograd.grad(outputs.sum(), scaled)
        return outputs.detach(), (gradients * vectors).sum(dim=2)

    n_points = max(1, min(POINTS_AT_A_TIME, MAX_PADDED_TOKENS // len(vectors)))
    batches = scales.to(vectors).split(n_points)
    in_memory = MAX_TOKENS_IN_MEMORY // (n_points * len(vectors))
    n_threads = 1 if vectors.is_cuda else max(1, min(torch.get_num_threads(), in_memory))
    followed = map_flushing_denormals(follow, batches, n_threads)
    logits, slopes = zip(*followed, strict=True)
    return torch.cat(logits).cpu().double(), torch.cat(slopes).cpu().double()


def _layers(component: LSTMSentiment) -> dict[str, Model[Any, Any]]:
    """The model's layers by name, none of which but the known ones take part in the score."""
    known = ((*READING, *names, *more) for names in OUTPUTS for more in ((), WITH_NGRAMS))
    if not any(is_made_of(component.model, names) for names in known):
        raise InputError(
            f"[{component.name}] cannot be explained: explanations need a model that embeds by "
            "WordTable or StaticVectors and encodes by LSTMEncoder, without a shared tok2vec; this "
            f"one is made of {', '.join(names_of(component.model))}"
        )
    return leaves(component.model)


def _logit_function(
    layers: dict[str, Model[Any, Any]], vectors: Floats2d, column: int
) -> LogitFunction:
    """The logit of one label as a differentiable function of sequences as long as `vectors`."""
    encode, pool = _exact(layers[LSTM_ENCODER]), _exact(layers[POOL_STATES])
    output = layers[SOFTMAX] if SOFTMAX in layers else layers[LINEAR]
    weight, bias = (to_tensor(cast(Floats2d, output.get_param(name))) for name in ("W", "b"))
    temperature = output.attrs.get("softmax_temperature", 1.0)
    length = len(vectors)
    n_pooled = len(layers[FIRST_VECTORS].predict([vectors])[0])

    width = vectors.shape[1]

    def logit_of(sequences: Tensor) -> Tensor:
        states = encode(sequences[:, :, :width], torch.full((len(sequences),), length))
        pooled = pool(states, torch.full((len(sequences),), n_pooled))
        ngrams = sequences[:, :, width:].sum(dim=1)
        outputs = linear(torch.cat([pooled, ngrams], dim=1), weight, bias) / temperature
        if output.name == LINEAR:  # independent labels
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
