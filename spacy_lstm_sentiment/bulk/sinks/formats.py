"""The formats of an output, by its extension."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from spacy_lstm_sentiment.bulk.parts import Part
from spacy_lstm_sentiment.bulk.sinks.encoders import Encoder, JsonEncoder, TableEncoder
from spacy_lstm_sentiment.bulk.sources.opening import COMPRESSIONS, is_url, split_extension
from spacy_lstm_sentiment.errors import InputError

STANDARD_OUTPUT = "-"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class Format:
    """How rows are written: the format's extension, and the columns of records and results.

    Lines of JSON have no columns of records that all rows would share.
    """

    extension: str
    columns: Sequence[str]
    result_columns: Sequence[str]

    @property
    def is_table(self) -> bool:
        """Whether all rows have the same columns."""
        return self.extension != ".jsonl"

    def encoder(self) -> Encoder:
        """An encoder for the rows of a part."""
        return self._table() if self.is_table else JsonEncoder(self.result_columns)

    def join(self, parts: Iterable[Part], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        if self.is_table and self.columns:
            target.write(self._table().header())
        for part in parts:
            part.copy_rows(target)

    def _table(self) -> TableEncoder:
        return TableEncoder(self.columns, self.result_columns, DELIMITERS[self.extension])


def choose_format(output: str) -> str:
    """The extension of an output's format; standard output is JSONL.

    Raises InputError for an extension that cannot be written.
    """
    if output == STANDARD_OUTPUT:
        return ".jsonl"
    if is_url(output):
        raise InputError(f"{output}: a URL: name a file, and upload that")
    extension, _ = split_extension(output)
    if extension in (".jsonl", *DELIMITERS):
        return extension
    raise InputError(
        f"{output}: no known extension: name it .jsonl, .csv, .tsv, each also with"
        f" {', '.join(COMPRESSIONS)}, or - for JSONL on standard output"
    )
