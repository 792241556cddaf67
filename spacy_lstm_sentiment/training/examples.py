"""Labelled documents out of any file, as examples for a pipeline that is trained."""

from collections.abc import Iterator
from pathlib import Path

from spacy import Language
from spacy.training import Example

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.corpus import ReviewCorpus
from spacy_lstm_sentiment.training.vectors import read_docs


def read_examples(
    path: Path, nlp: Language, *, text_field: str = "text", label_field: str = "label"
) -> Iterator[Example]:
    """Examples with gold cats, tokenized as the pipeline does, from any source of reviews.

    A .spacy file has its cats; anything else is read by ReviewCorpus, in which `text_field` and
    `label_field` name the fields of a table. Raises InputError where that cannot be read.
    """
    if path.suffix != ".spacy":
        yield from ReviewCorpus(path, text_field=text_field, label_field=label_field)(nlp)
        return
    for number, gold in enumerate(read_docs(path, nlp.vocab), start=1):
        text = gold.text
        if len(text) > nlp.max_length:
            raise InputError(
                f"{path}: document {number} has {len(text):,} characters; the pipeline takes "
                f"{nlp.max_length:,}"
            )
        yield Example(nlp.make_doc(text), gold)
