"""What teachers say of unlabelled documents, for a student to learn (Hinton et al., 2015)."""

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
import numpy.typing as npt
from spacy import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
from spacy_lstm_sentiment.training.ngram_teacher import NgramTeacher

# The probability nearest to 0 that a teacher is believed.
CERTAINTY = 1e-6

SENTENCE_ENDS = frozenset(".!?\n…")


def label_documents(
    docs: Sequence[Doc],
    teachers: Sequence[Language],
    ngram_teacher: NgramTeacher | None = None,
    *,
    batch_size: int = 1000,
) -> None:
    """Set each document's cats to what the teachers say together: the mean of their log-odds.

    A document is read by each teacher's own tokenizer.
    RAISES InputError: A teacher does not give the labels POSITIVE and NEGATIVE, and no others.
    """
    n_teachers = len(teachers) + (ngram_teacher is not None)
    if not n_teachers:
        raise InputError("There is no teacher to learn from: name one or more")
    progress = tqdm(total=len(docs), desc="labelling", unit=" documents", disable=None)
    with progress:
        for batch in minibatch(docs, batch_size):
            total = np.zeros(len(batch))
            for nlp in teachers:
                texts = (doc.text for doc in batch)
                total += log_odds([_positive(nlp, doc) for doc in nlp.pipe(texts)])
            if ngram_teacher is not None:
                total += log_odds(ngram_teacher.predict(batch))
            probabilities = 1.0 / (1.0 + np.exp(-total / n_teachers))
            for doc, positive in zip(batch, probabilities.tolist(), strict=True):
                doc.cats = {POSITIVE: positive, NEGATIVE: 1.0 - positive}
            progress.update(len(batch))


def log_odds(probabilities: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The logarithm of the odds of each probability; certainty is finite, too."""
    some = np.clip(np.asarray(probabilities, dtype="float64"), CERTAINTY, 1.0 - CERTAINTY)
    return np.log(some / (1.0 - some))


def _positive(nlp: Language, doc: Doc) -> float:
    if doc.cats.keys() != {POSITIVE, NEGATIVE}:
        raise InputError(
            f"The teacher {nlp.meta['name'] or 'pipeline'} gives the labels "
            f"{', '.join(doc.cats) or 'none'}; it has to give {POSITIVE} and {NEGATIVE}"
        )
    return doc.cats[POSITIVE]


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
