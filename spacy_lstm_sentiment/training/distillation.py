"""What teachers say of unlabelled documents, for a student to learn (Hinton et al., 2015)."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

import numpy as np
import numpy.typing as npt
from spacy import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, NEUTRAL, POSITIVE, cats_of
from spacy_lstm_sentiment.pipeline.cleaning import clean_html
from spacy_lstm_sentiment.training.encoder_teacher import EncoderTeacher
from spacy_lstm_sentiment.training.ngram_teacher import NgramTeacher

Floats = npt.NDArray[np.float64]

# What a teacher says of documents: a row each, in the columns P(POSITIVE), P(NEGATIVE) and
# P(NEUTRAL), the last nan where it does not know that label.
Teacher = Callable[[Sequence[Doc]], Floats]

# The probability nearest to 0 that a teacher is believed.
CERTAINTY = 1e-6

SENTENCE_ENDS = frozenset(".!?\n…")


def label_documents(
    docs: Sequence[Doc], teachers: Sequence[Teacher], *, batch_size: int = 1000
) -> None:
    """Set each document's cats to what the teachers say together.

    The odds of POSITIVE against NEGATIVE are the geometric mean of all teachers' odds, those of
    NEUTRAL against the two that of the teachers who know it. If none does, there is no NEUTRAL.
    RAISES InputError: There are no teachers, or one does not give the labels that it has to.
    """
    if not teachers:
        raise InputError("There is no teacher to learn from: name one or more")
    with tqdm(total=len(docs), desc="labelling", unit=" documents", disable=None) as progress:
        for batch in minibatch(docs, batch_size):
            said = np.stack([teacher(batch) for teacher in teachers])
            for doc, cats in zip(batch, combine(said), strict=True):
                doc.cats = cats
            progress.update(len(batch))


def combine(said: Floats) -> list[dict[str, float]]:
    """The cats that teachers say together. *Shape:* (teachers, documents, 3), as of a Teacher."""
    positive, negative, neutral = np.moveaxis(said, 2, 0)
    share = _logistic(log_odds(positive / (positive + negative)).mean(axis=0))
    knowing = ~np.isnan(neutral).all(axis=1)
    if not knowing.any():
        return [{POSITIVE: p, NEGATIVE: 1.0 - p} for p in share.tolist()]
    rest = 1.0 - _logistic(log_odds(neutral[knowing]).mean(axis=0))
    return [
        {POSITIVE: p * r, NEGATIVE: (1.0 - p) * r, NEUTRAL: 1.0 - r}
        for p, r in zip(share.tolist(), rest.tolist(), strict=True)
    ]


def log_odds(probabilities: npt.ArrayLike) -> Floats:
    """The logarithm of the odds of each probability; certainty is finite, too."""
    some = np.clip(np.asarray(probabilities, dtype="float64"), CERTAINTY, 1.0 - CERTAINTY)
    return np.log(some / (1.0 - some))


def _logistic(log_odds: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-log_odds))


def pipeline_teacher(nlp: Language) -> Teacher:
    """A trained pipeline, which reads each document with a tokenizer of its own."""

    def label(docs: Sequence[Doc]) -> Floats:
        found = nlp.pipe(doc.text for doc in docs)
        return np.array([_columns(nlp.meta["name"] or "pipeline", cats_of(doc)) for doc in found])

    return label


def encoder_teacher(encoder: EncoderTeacher, name: str) -> Teacher:
    """A fine-tuned encoder, which reads each document's text, without its HTML."""

    def label(docs: Sequence[Doc]) -> Floats:
        rows = encoder.predict([clean_html(doc.text) for doc in docs]).tolist()
        cats = (dict(zip(encoder.labels, row, strict=True)) for row in rows)
        return np.array([_columns(name, found) for found in cats])

    return label


def ngram_teacher(ngrams: NgramTeacher) -> Teacher:
    """A classifier of n-grams, which reads each document's tokens."""

    def label(docs: Sequence[Doc]) -> Floats:
        positive = ngrams.predict(docs).astype("float64")
        return np.column_stack([positive, 1.0 - positive, np.full(len(docs), np.nan)])

    return label


def _columns(name: str, cats: dict[str, float]) -> list[float]:
    if cats.keys() - {NEUTRAL} != {POSITIVE, NEGATIVE}:
        raise InputError(
            f"The teacher {name} gives the labels {', '.join(cats) or 'none'}; it has to give "
            f"{POSITIVE} and {NEGATIVE}, with or without {NEUTRAL}"
        )
    return [cats[POSITIVE], cats[NEGATIVE], cats.get(NEUTRAL, np.nan)]


def sample_sentences(docs: Sequence[Doc], n_sentences: int, seed: int = 0) -> list[Doc]:
    """So many sentences out of all documents, at random, each as a document of its own.

    A sentence ends after a token of `.`, `!`, `?` or a line break. Those of fewer than three
    tokens are passed over.
    """
    spans = [
        (number, start, end)
        for number, doc in enumerate(docs)
        for start, end in _sentence_bounds(doc)
        if end - start >= 3
    ]
    chosen = Random(seed).sample(spans, min(n_sentences, len(spans)))
    return [docs[number][start:end].as_doc() for number, start, end in sorted(chosen)]


def _sentence_bounds(doc: Doc) -> Iterator[tuple[int, int]]:
    start = 0
    for token in doc:
        if token.text[0] in SENTENCE_ENDS:
            yield start, token.i + 1
            start = token.i + 1
    if start < len(doc):
        yield start, len(doc)
