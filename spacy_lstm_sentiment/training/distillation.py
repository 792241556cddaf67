"""What teachers say of unlabelled documents, for a student to learn (Hinton et al., 2015)."""

from collections.abc import Iterator, Sequence
from random import Random

import numpy as np
from spacy import Language
from spacy.tokens import Doc
from spacy.util import minibatch
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
from spacy_lstm_sentiment.training.ngram_teacher import NgramTeacher

SENTENCE_ENDS = frozenset(".!?\n…")


def label_documents(
    docs: Sequence[Doc],
    teachers: Sequence[Language],
    ngram_teacher: NgramTeacher | None = None,
    *,
    batch_size: int = 1000,
) -> None:
    """Set each document's cats to the mean of the teachers' probabilities of two labels.

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
                total += [_positive(nlp, doc) for doc in nlp.pipe(doc.text for doc in batch)]
            if ngram_teacher is not None:
                total += ngram_teacher.predict(batch)
            for doc, positive in zip(batch, (total / n_teachers).tolist(), strict=True):
                doc.cats = {POSITIVE: positive, NEGATIVE: 1.0 - positive}
            progress.update(len(batch))


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
