"""Probabilities that can be taken at their word: temperature scaling (Guo et al., 2017).

A trained network is as a rule surer of its labels than it is right. One number, the temperature T,
mends that: softmax(logits / T). The order of the labels, and so the accuracy, stays as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import Model
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError, Untrained
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.settings import require_count

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Where these are too narrow, the best temperature is 0 or infinite.
COLDEST, HOTTEST = 1e-4, 1e4


@dataclass(frozen=True)
class Calibration:
    """What calibration has done to a pipeline.

    temperature: Divides the logits; above 1 where the model was too sure, below where too unsure.
    documents: Those with a gold label, on which all of this is measured.
    log_loss_before, log_loss_after: Mean negative log-likelihood of the gold labels, in nats.
    ece_before, ece_after: Expected calibration error, from 0 to 1.
    """

    temperature: float
    documents: int
    log_loss_before: float
    log_loss_after: float
    ece_before: float
    ece_after: float


def calibrate(nlp: Language, examples: Iterable[Example], *, batch_size: int = 1000) -> Calibration:
    """Set the temperature of the lstm_sentiment component that fits the examples best.

    It is saved with the model, and the measures in meta.json under performance.calibration. Use
    examples that the model was not trained on. Where the component has a `neutral_band`, more or
    fewer documents may come to lie in it.

    RAISES InputError: There is no such component, or it is not trained, or its classes are not
        exclusive; or the examples have fewer than two labels, or don't determine a temperature; or
        batch_size is below 1.
    """
    require_count("calibrate: batch_size", batch_size)
    name, component = _find_component(nlp)
    output = _find_softmax(name, component)
    docs, gold = _with_gold_labels(examples, component.labels)
    logits = _predict_logits(nlp, name, component, docs, batch_size)
    before = output.attrs["softmax_temperature"]
    after = fit_temperature(logits, gold)
    output.attrs["softmax_temperature"] = after
    calibration = Calibration(
        temperature=after,
        documents=len(gold),
        log_loss_before=_log_loss(logits / before, gold),
        log_loss_after=_log_loss(logits / after, gold),
        ece_before=expected_calibration_error(_softmax(logits / before), gold),
        ece_after=expected_calibration_error(_softmax(logits / after), gold),
    )
    nlp.meta.setdefault("performance", {})["calibration"] = {
        "temperature": calibration.temperature,
        "documents": calibration.documents,
        "ece_before": calibration.ece_before,
        "ece_after": calibration.ece_after,
    }
    return calibration


def fit_temperature(logits: Floats, gold: Ints) -> float:
    """The temperature T at which softmax(logits / T) has the least log loss.

    logits: *Shape:* (n_documents, n_labels)
    gold: The column of each document's label. *Shape:* (n_documents,)

    RAISES InputError: There is none: the labels are all predicted right, or no better than chance.
    """
    leads = logits - logits[np.arange(len(gold)), gold, None]  # over the gold label

    def slope(log_temperature: float) -> float:
        """The derivative of the log loss by 1/T. The loss is convex in 1/T: this falls with T."""
        return float((_softmax(leads / exp(log_temperature)) * leads).sum(axis=1).mean())

    low, high = log(COLDEST), log(HOTTEST)
    if not slope(high) < 0:
        raise InputError(
            f"No temperature fits: on these {len(gold)} documents the model is no better than "
            "chance; train it, or look whether their labels are right"
        )
    if not slope(low) > 0:
        raise InputError(
            f"No temperature fits: the model labels all of these {len(gold)} documents right; "
            "calibrate on more, and on none that it was trained on"
        )
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return exp(low)


def expected_calibration_error(probabilities: Floats, gold: Ints, n_bins: int = 15) -> float:
    """How far confidence and accuracy are apart, from 0 to 1, in bins of equal width.

    Confidence is the probability of the predicted label. The distances of the bins are averaged,
    weighted by their documents.

    probabilities: *Shape:* (n_documents, n_labels)
    gold: The column of each document's label. *Shape:* (n_documents,)
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == gold
    bins = np.ceil(confidence * n_bins).astype(int)  # (0, 1/n] is bin 1, as in the paper
    return float(np.abs(np.bincount(bins, weights=right - confidence)).sum() / len(gold))


def _find_component(nlp: Language) -> tuple[str, LSTMSentiment]:
    for name, component in nlp.pipeline:
        if isinstance(component, LSTMSentiment):
            return name, component
    raise InputError(
        "The pipeline has no lstm_sentiment component to calibrate; it has "
        f"{', '.join(nlp.pipe_names) or 'none at all'}"
    )


def _find_softmax(name: str, component: LSTMSentiment) -> Model[Any, Any]:
    output = component.model.maybe_get_ref("output_layer")
    if output is None or "softmax_temperature" not in output.attrs:
        raise InputError(
            f"[{name}] has no softmax with a temperature: train it with an architecture of this "
            "package and exclusive_classes = true"
        )
    if not output.has_param("W"):
        raise Untrained(f"[{name}] is not trained yet: train it with `spacy train`")
    return output


def _with_gold_labels(
    examples: Iterable[Example], labels: tuple[str, ...]
) -> tuple[list[Doc], Ints]:
    """The examples' documents that have a gold label, and the label's column."""
    docs, gold = [], []
    for example in examples:
        cats = example.reference.cats
        column = next((i for i, label in enumerate(labels) if cats.get(label) == 1.0), None)
        if column is not None:
            docs.append(example.predicted)
            gold.append(column)
    if len(set(gold)) < 2:
        found = f"only {labels[gold[0]]}" if gold else "none"
        raise InputError(
            f"Calibration needs documents with two gold labels at least of {', '.join(labels)}; "
            f"these have {found}"
        )
    return docs, np.array(gold)


def _predict_logits(
    nlp: Language, name: str, component: LSTMSentiment, docs: list[Doc], batch_size: int
) -> Floats:
    """The logits before they are divided by a temperature. *Shape:* (n_documents, n_labels)"""
    # Not the logarithms of probabilities: in float32, those that are almost 0 or 1 are exactly so.
    output = component.model.get_ref("output_layer")
    normalize = output.attrs["softmax_normalize"]
    output.attrs["softmax_normalize"] = False
    later = nlp.pipe_names[nlp.pipe_names.index(name) + 1 :]
    copies = (doc.copy() for doc in docs)  # the logits go to their cats
    try:
        with nlp.select_pipes(disable=later):
            scored = nlp.pipe(copies, batch_size=batch_size)
            progress = tqdm(scored, "scoring", len(docs), unit=" documents", disable=None)
            return np.array([[doc.cats[label] for label in component.labels] for doc in progress])
    finally:
        output.attrs["softmax_normalize"] = normalize


def _log_loss(logits: Floats, gold: Ints) -> float:
    return float(-_log_softmax(logits)[np.arange(len(gold)), gold].mean())


def _softmax(logits: Floats) -> Floats:
    return np.exp(_log_softmax(logits))


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
