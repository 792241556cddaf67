"""Labelled documents out of any file, as examples for a pipeline that is trained."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from spacy import Language
from spacy.training import Example

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.training.corpus import ReviewCorpus
from spacy_lstm_sentiment.training.vectors import read_docs


def read_examples(
    path: Path,
    nlp: Language,
    *,
    text_field: str = "text",
    label_field: str = "label",
    labels: str | None = None,
    stars: str | None = None,
    dialect: Dialect = Dialect(),  # noqa: B008  # it cannot be changed
) -> Iterator[Example]:
    """Examples with gold cats, tokenized as the pipeline does, from any source of reviews.

    A .spacy file, or a folder of them, has its cats; anything else is read by ReviewCorpus, in
    which `text_field` and `label_field` name the fields of a table, `labels` or `stars` what its
    labels mean, `dialect` how it is written. Raises InputError where that cannot be read.
    """
    inside = sorted(path.glob("*.spacy")) if path.is_dir() else []
    if inside:
        for file in inside:
            yield from read_examples(file, nlp)
        return
    if path.suffix != ".spacy":
        corpus = ReviewCorpus(
            path,
            text_field=text_field,
            label_field=label_field,
            labels=labels,
            stars=stars,
            **asdict(dialect),
        )
        yield from corpus(nlp)
        return
    for number, gold in enumerate(read_docs(path, nlp.vocab), start=1):
        text = gold.text
        if len(text) > nlp.max_length:
            raise InputError(
                f"{path}: document {number} has {len(text):,} characters; the pipeline takes "
                f"{nlp.max_length:,}"
            )
        yield Example(nlp.make_doc(text), gold)
