"""What a pipeline makes of labelled texts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from spacy import Language
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import cats_of
from spacy_lstm_sentiment.pipeline.explain import Explanation, explain
from spacy_lstm_sentiment.reports.intervals import wilson_interval
from spacy_lstm_sentiment.reports.measures import (
    Bools,
    Estimate,
    Floats,
    Ints,
    McNemar,
    estimate,
    mcnemar,
    quantile_edges,
)
from spacy_lstm_sentiment.reports.texts import Text, require_readable

MOST_GROUPS = 12
OTHERS = "others"


@dataclass(frozen=True)
class Predictions:
    """Probabilities of texts. *Shape:* (n_texts, n_labels); `lengths` are in tokens."""

    labels: tuple[str, ...]
    probabilities: Floats
    lengths: Ints

    @property
    def predicted(self) -> list[str]:
        return [self.labels[column] for column in self.probabilities.argmax(axis=1)]


@dataclass(frozen=True)
class Group:
    """Texts that have something in common: their number, accuracy, and its 95% interval."""

    name: str
    n_texts: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Rival:
    """Another classifier on the same texts; the test's first is the pipeline."""

    name: str
    accuracy: float
    test: McNemar


@dataclass(frozen=True)
class Mistake:
    """A text whose label is wrong; `explanation`, of the predicted label, is None where the model
    cannot be explained."""

    text: str
    gold: str
    predicted: str
    confidence: float
    explanation: Explanation | None


@dataclass(frozen=True)
class Evaluation:
    """The results on the texts whose label the pipeline knows; `n_left_out` are others."""

    labels: tuple[str, ...]
    probabilities: Floats
    gold: Ints
    n_left_out: int
    measures: Mapping[str, Estimate]
    groups: Mapping[str, Sequence[Group]]
    rivals: Sequence[Rival]
    mistakes: Sequence[Mistake]

    @property
    def confusion(self) -> dict[str, dict[str, int]]:
        predicted = self.probabilities.argmax(axis=1)
        pairs = Counter(zip(self.gold.tolist(), predicted.tolist(), strict=True))
        return {
            gold: {label: pairs[i, j] for j, label in enumerate(self.labels)}
            for i, gold in enumerate(self.labels)
        }


def predict(nlp: Language, texts: Sequence[Text], batch_size: int = 1000) -> Predictions:
    """RAISES InputError: A text is too long for the pipeline, or that gives no labels."""
    require_readable(nlp, (text.text for text in texts))
    docs = nlp.pipe((text.text for text in texts), batch_size=batch_size)
    labels: tuple[str, ...] = ()
    rows, lengths = [], []
    for doc in tqdm(docs, "scoring", len(texts), unit=" texts", disable=None):
        cats = cats_of(doc)
        labels = labels or tuple(cats)
        rows.append([cats[label] for label in labels])
        lengths.append(len(doc))
    if len(labels) < 2:
        raise InputError("the pipeline gives no labels: it needs a trained lstm_sentiment")
    return Predictions(labels, np.array(rows, dtype=np.float64), np.array(lengths))


def evaluate(
    nlp: Language,
    texts: Sequence[Text],
    *,
    by: Sequence[str] = (),
    rivals: Mapping[str, Sequence[str]] | None = None,
    n_mistakes: int = 10,
) -> Evaluation:
    """Measure a pipeline on texts.

    by: Columns to group the texts by, besides their length.
    rivals: The labels that others give all of the texts, by the others' names.
    RAISES InputError: No text has a label that the pipeline knows, or a column is missing.
    """
    predictions = predict(nlp, texts)
    known = [row for row, text in enumerate(texts) if text.label in predictions.labels]
    if not known:
        raise InputError(
            f"no text has one of the pipeline's labels, {', '.join(predictions.labels)}: "
            "name the column with --label-field"
        )
    kept = [texts[row] for row in known]
    probabilities = predictions.probabilities[known]
    gold = np.array([predictions.labels.index(str(text.label)) for text in kept])
    right = probabilities.argmax(axis=1) == gold
    groups = {"length": make_groups(predictions.lengths[known].tolist(), right)}
    for column in by:
        groups[column] = make_groups(_column(kept, column), right)
    return Evaluation(
        predictions.labels,
        probabilities,
        gold,
        len(texts) - len(kept),
        estimate(probabilities, gold, predictions.labels),
        groups,
        [
            _compare(name, [labels[row] for row in known], kept, right)
            for name, labels in (rivals or {}).items()
        ],
        _mistakes(nlp, kept, predictions.labels, probabilities, gold, n_mistakes),
    )


def make_groups(values: Sequence[Any], right: Bools) -> list[Group]:
    """Accuracy by value; of many numbers by ranges, of many other values by the most frequent."""
    if all(isinstance(value, int | float) for value in values):
        names = _ranges(values)
    else:
        frequent = dict(Counter(map(str, values)).most_common(MOST_GROUPS))
        names = [str(value) if str(value) in frequent else OTHERS for value in values]
    groups = []
    for name in dict.fromkeys(sorted(names, key=_natural)):
        members = right[np.array(names) == name]
        n_right = int(members.sum())
        groups.append(
            Group(
                name, len(members), n_right / len(members), *wilson_interval(n_right, len(members))
            )
        )
    return groups


def _ranges(values: Sequence[float]) -> list[str]:
    distinct = sorted(set(values))
    if len(distinct) <= MOST_GROUPS:
        return [f"{value:g}" for value in values]
    edges = quantile_edges(values)
    starts = [distinct[0], *(min(v for v in distinct if v > edge) for edge in edges[:-1])]
    names = [
        f"{start:g} to {end:g}" if start < end else f"{end:g}"
        for start, end in zip(starts, edges, strict=True)
    ]
    return [names[int(np.searchsorted(edges, value))] for value in values]


def _natural(name: str) -> tuple[bool, float, str]:
    """Numbers by size and before names; the others last."""
    try:
        return name == OTHERS, float(name.partition(" to ")[0]), name
    except ValueError:
        return name == OTHERS, float("inf"), name


def _column(texts: Sequence[Text], column: str) -> list[Any]:
    for text in texts:
        if column not in text.columns:
            columns = ", ".join(text.columns) or "none"
            raise InputError(f'no column "{column}" to group by: the texts have {columns}')
    return [text.columns[column] for text in texts]


def _compare(name: str, labels: Sequence[str], texts: Sequence[Text], right: Bools) -> Rival:
    rival_right = np.array([label == text.label for label, text in zip(labels, texts, strict=True)])
    return Rival(name, float(rival_right.mean()), mcnemar(right, rival_right))


def _mistakes(
    nlp: Language,
    texts: Sequence[Text],
    labels: tuple[str, ...],
    probabilities: Floats,
    gold: Ints,
    n_mistakes: int,
) -> list[Mistake]:
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != gold)
    surest = wrong[np.argsort(-confidence[wrong], kind="stable")][:n_mistakes]
    return [
        Mistake(
            texts[row].text,
            labels[gold[row]],
            labels[predicted[row]],
            float(confidence[row]),
            _explain(nlp, texts[row].text, labels[predicted[row]]),
        )
        for row in surest
    ]


def _explain(nlp: Language, text: str, label: str) -> Explanation | None:
    try:
        return explain(nlp(text), label)
    except InputError:
        return None
