"""Texts to report on, out of any file: with their labels and columns where they have some."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy import Language
from spacy.vocab import Vocab

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.notices import Note, say
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record, has_no_text, reject, text_of
from spacy_lstm_sentiment.training.imdb import is_imdb, read_imdb
from spacy_lstm_sentiment.training.labels import LabelCoding, ParseLabel
from spacy_lstm_sentiment.training.vectors import read_docs


@dataclass(frozen=True)
class Text:
    """A text; `label` is None where it has none.

    columns: A table's other fields; of an IMDB review its `rating` and its `film`.
    """

    text: str
    label: str | None
    columns: Mapping[str, Any] = field(default_factory=dict)


def read_texts(
    path: Path,
    *,
    split: str = "train",
    text_field: str = "text",
    label_field: str = "label",
    coding: LabelCoding = LabelCoding(),  # noqa: B008  # it cannot be changed
    dialect: Dialect = Dialect(),  # noqa: B008
    note: Note = say,
) -> list[Text]:
    """The texts of a .spacy file, of a part of the IMDB data set, or of a table or text file.

    note: Is told what has to be guessed at.

    RAISES InputError: The file is not there, or has no texts, or one that cannot be read.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.suffix == ".spacy":
        texts = list(_read_docbin(path))
    elif is_imdb(path):
        texts = list(_read_imdb(path, split))
    else:
        texts = list(_read_table(path, text_field, label_field, coding, dialect, note))
    if not texts:
        raise InputError(f"{path}: no texts in it")
    return texts


def require_readable(nlp: Language, texts: Iterable[str]) -> None:
    """RAISES InputError: A text is longer than the pipeline takes."""
    longest = max(map(len, texts), default=0)
    if longest > nlp.max_length:
        raise InputError(
            f"a text has {longest:,} characters, the pipeline takes {nlp.max_length:,}: split it"
        )


def _read_docbin(path: Path) -> Iterator[Text]:
    for doc in read_docs(path, Vocab()):
        certain = (label for label, value in doc.cats.items() if value == 1.0)
        yield Text(doc.text, next(certain, None))


def _read_imdb(path: Path, split: str) -> Iterator[Text]:
    for review in read_imdb(path, split):
        if isinstance(review, BadRecord):
            raise InputError(f"{review.source}: {review.reason}")
        yield Text(review.text, review.label, {"rating": review.rating, "film": review.group})


def _read_table(
    path: Path,
    text_field: str,
    label_field: str,
    coding: LabelCoding,
    dialect: Dialect,
    note: Note,
) -> Iterator[Text]:
    records = list(read_records(str(path), dialect, note=note))
    column = (r.fields.get(label_field) for r in records if isinstance(r, Record))
    parse = coding.parser(column, f'{path}, field "{label_field}"')
    empty = [r for r in records if isinstance(r, Record) and has_no_text(r, text_field)]
    if empty:
        say(f"{path}: {len(empty):,} without a text left out, the first in line {empty[0].line}")
    for record in records:
        if isinstance(record, Record) and has_no_text(record, text_field):
            continue
        text = _make_text(record, text_field, label_field, parse)
        if isinstance(text, BadRecord):
            raise InputError(f"{text.source}:{text.line}: {text.reason}")
        yield text


def _make_text(
    record: Record | BadRecord, text_field: str, label_field: str, parse: ParseLabel
) -> Text | BadRecord:
    if isinstance(record, BadRecord):
        return record
    text = text_of(record, text_field)
    if isinstance(text, BadRecord):
        return text
    label = record.fields.get(label_field)
    columns = {k: v for k, v in record.fields.items() if k not in (text_field, label_field)}
    try:
        return Text(text, None if label in (None, "") else parse(label), columns)
    except ValueError as error:
        return reject(record, str(error))
