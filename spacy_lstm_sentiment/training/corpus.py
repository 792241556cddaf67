"""Labelled reviews out of any source, and the corpus reader that feeds them to `spacy train`."""

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

from spacy import Language
from spacy.training import Example

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record, reject, text_of
from spacy_lstm_sentiment.settings import require_count
from spacy_lstm_sentiment.training.imdb import is_imdb, read_imdb
from spacy_lstm_sentiment.training.labels import (
    LabelCoding,
    ParseLabel,
    label_set,
    make_cats,
    make_coding,
)
from spacy_lstm_sentiment.training.reviews import Review, split_by_group

# What `nlp.make_doc` takes by default (`Language.max_length`).
MAX_CHARACTERS = 1_000_000


def raise_bad_record(bad: BadRecord) -> None:
    """Stop at a record that cannot be read: InputError, `file:line: reason`."""
    raise InputError(f"{bad.source}:{bad.line}: {bad.reason}")


def read_reviews(
    path: str | Path,
    *,
    split: str = "train",
    text_field: str = "text",
    label_field: str = "label",
    coding: LabelCoding = LabelCoding(),  # noqa: B008  # it cannot be changed
    dialect: Dialect = Dialect(),  # noqa: B008
    on_bad: Callable[[BadRecord], None] = raise_bad_record,
) -> Iterator[Review]:
    """Read reviews from the IMDB data set, or from a JSONL, CSV or TSV table.

    `split` ("train", "test" or "unsup") is a part of IMDB; a table is read whole, and its two
    fields are named by `text_field` and `label_field`; `coding` says what its labels mean,
    `dialect` how it is written. Records that cannot be read go to `on_bad`, and reading goes on if
    that returns. Raises InputError for a source that is not there, or labels that may mean several
    things.
    """
    if not Path(path).exists():
        raise InputError(f"{path}: no such file or folder")
    if is_imdb(path):
        items = read_imdb(path, split)
    elif split == "train":
        items = _read_table(path, text_field, label_field, coding, dialect)
    else:
        raise InputError(f'{path}: a table has no split "{split}"; only the IMDB data set has it')
    for item in items:
        if isinstance(item, BadRecord):
            on_bad(item)
        else:
            yield item


def _read_table(
    path: str | Path, text_field: str, label_field: str, coding: LabelCoding, dialect: Dialect
) -> Iterator[Review | BadRecord]:
    records = list(read_records(str(path), dialect))
    column = (r.fields.get(label_field) for r in records if isinstance(r, Record))
    parse = coding.parser(column, f'{path}, field "{label_field}"')
    for record in records:
        if isinstance(record, BadRecord):
            yield record
        else:
            yield _make_review(record, text_field, label_field, parse)


def _make_review(
    record: Record, text_field: str, label_field: str, parse: ParseLabel
) -> Review | BadRecord:
    text = text_of(record, text_field)
    if isinstance(text, BadRecord):
        return text
    if len(text) > MAX_CHARACTERS:
        return reject(record, f"a text of {len(text):,} characters; spaCy takes {MAX_CHARACTERS:,}")
    if label_field not in record.fields:
        columns = ", ".join(record.fields)
        return reject(
            record, f'no field "{label_field}": name the one with the label, of {columns}'
        )
    try:
        return Review(text, parse(record.fields[label_field]))
    except ValueError as error:
        return reject(record, str(error))


class ReviewCorpus:
    """Reads labelled reviews as `Example`s, for a config's `[corpora]`, with nothing to convert.

    The texts are read once and kept. Raises InputError when called on a source that is not there
    or holds a record that cannot be read; at once where a number is out of its range.

    path (str | Path): The IMDB data set (`aclImdb_v1.tar.gz` or its folder), or a JSONL, CSV or TSV
        table, also gzipped.
    split (Literal['train', 'dev', 'test', 'all']): `train` and `dev`: the two sides of a split of a
        table, or of IMDB's train folder. `all`: both together. `test`: IMDB's test folder; a table
        has none.
    dev_size (int): Reviews on the dev side, or a few more: films stay whole, and equal texts stay
        together.
    text_field (str): A table's field with the text.
    label_field (str): A table's field with the label; spellings as for convert.
    labels (str | None): What the labels mean, as in `"1=NEGATIVE,2=POSITIVE"`; see convert.
    stars (str | None): The labels are stars, as in `"5"` or `"5:2,4"`.
    encoding (str): The encoding of a table without a byte order mark.
    delimiter (str | None): How a table is written, as the options of convert say.
    quoting (str | None): How a table is written, as the options of convert say.
    escape (str | None): How a table is written, as the options of convert say.
    limit (int): Stop after so many examples; 0 reads all.
    seed (int): Chooses the reviews of the dev side; the same for `train` and `dev`.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        split: Literal["train", "dev", "test", "all"] = "all",
        dev_size: int = 0,
        text_field: str = "text",
        label_field: str = "label",
        labels: str | None = None,
        stars: str | None = None,
        encoding: str = "utf-8",
        delimiter: str | None = None,
        quoting: str | None = None,
        escape: str | None = None,
        limit: int = 0,
        seed: int = 0,
    ) -> None:
        for name, number in (("dev_size", dev_size), ("limit", limit), ("seed", seed)):
            require_count(f"ReviewCorpus: {name}", number, least=0)
        self.path = path
        self.split = split
        self.dev_size = dev_size
        self.text_field = text_field
        self.label_field = label_field
        self.coding = make_coding(labels, stars)
        self.dialect = Dialect(encoding, delimiter, quoting, escape)
        self.limit = limit
        self.seed = seed

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """Yield an Example a review: its cats have the same keys throughout the corpus."""
        reviews, labels = self._data
        for review in islice(reviews, self.limit or None):
            cats = make_cats(review.label, labels)
            yield Example.from_dict(nlp.make_doc(review.text), {"cats": cats})

    @cached_property
    def _data(self) -> tuple[list[Review], tuple[str, ...]]:
        """The reviews of this split, and the labels of the whole source."""
        if self.split == "dev" and self.dev_size <= 0:
            raise InputError(f'{self.path}: split "dev" needs a dev_size above 0')
        reviews = list(
            read_reviews(
                self.path,
                split="test" if self.split == "test" else "train",
                text_field=self.text_field,
                label_field=self.label_field,
                coding=self.coding,
                dialect=self.dialect,
            )
        )
        if not reviews:
            raise InputError(f"{self.path}: no reviews in it")
        labels = label_set(review.label for review in reviews)
        if self.split in ("train", "dev"):
            train, dev = split_by_group(reviews, self.dev_size, self.seed)
            reviews = train if self.split == "train" else dev
        return reviews, labels
