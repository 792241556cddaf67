"""The formats of an output, by its extension."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO

from spacy_lstm_sentiment.bulk.sinks.encoders import (
    EncodedRows,
    Encoder,
    JsonEncoder,
    TableEncoder,
)
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW, import_arrow
from spacy_lstm_sentiment.records.opening import COMPRESSIONS, split_extension
from spacy_lstm_sentiment.records.record import Record
from spacy_lstm_sentiment.records.urls import is_url, shown

if TYPE_CHECKING:
    from spacy_lstm_sentiment.bulk.sinks.arrow import ArrowFormat

STANDARD_OUTPUT = "-"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


@dataclass(frozen=True)
class Format:
    """How rows are written: the format's extension, and the columns of records and results.

    columns: none for lines of JSON, whose rows need not be alike. prefix: goes before the names of
    the results. schema: the types of the columns, serialised, for Parquet and Arrow. is_safe: cells
    of CSV and TSV are no formulas to a spreadsheet.
    """

    extension: str
    columns: Sequence[str]
    results: Sequence[str]
    prefix: str = ""
    schema: bytes = b""
    is_safe: bool = False

    @property
    def result_columns(self) -> list[str]:
        """The names of the results in the output."""
        return [self.prefix + name for name in self.results]

    @property
    def is_table(self) -> bool:
        """Whether all rows have the same columns."""
        return self.extension != ".jsonl"

    def of(self, first: Record, paths: Sequence[str] = ()) -> "Format":
        """The format with the columns of the first record, and the types of all inputs.

        Raises InputError where a name of a column, or a type, cannot be written.
        """
        schema = self._arrow().infer(first, paths) if self.extension in ARROW else b""
        format = replace(self, columns=tuple(first.fields), schema=schema)
        if self.extension in DELIMITERS:
            try:
                format._table().header()
            except ValueError as error:
                where = f"{first.source}: the names of its columns"
                raise InputError(f"{where}: {error}") from None
        return format

    def encoder(self) -> Encoder:
        """An encoder for the rows of a part."""
        if self.extension in ARROW:
            return self._arrow().encoder()
        return self._table() if self.is_table else JsonEncoder(self.result_columns)

    def join(self, parts: Iterable[EncodedRows], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        if self.extension in ARROW:
            self._arrow().join(parts, target)
            return
        if self.is_table and self.columns:
            target.write(self._table().header())
        for part in parts:
            part.copy_rows(target)

    def _arrow(self) -> "ArrowFormat":
        from spacy_lstm_sentiment.bulk.sinks.arrow import ArrowFormat

        return ArrowFormat(self.extension, self.schema, self.results, self.prefix)

    def _table(self) -> TableEncoder:
        delimiter = DELIMITERS[self.extension]
        return TableEncoder(self.columns, self.result_columns, delimiter, self.is_safe)


def choose_format(output: str, safe_csv: bool = False) -> str:
    """The extension of an output's format; standard output is JSONL.

    Raises InputError for an extension that cannot be written, or is none of those of `safe_csv`.
    """
    extension = _known_extension(output)
    if safe_csv and extension not in DELIMITERS:
        raise InputError(
            f"{output}: not CSV or TSV, which --safe-csv is for: leave it out, or name it .csv or"
            " .tsv"
        )
    return extension


def _known_extension(output: str) -> str:
    if output == STANDARD_OUTPUT:
        return ".jsonl"
    if is_url(output):
        raise InputError(f"{shown(output)}: a URL: name a file, and upload that")
    extension, compression = split_extension(output)
    if extension in ARROW and not compression:
        import_arrow(output)
        return extension
    if extension in (".jsonl", *DELIMITERS):
        return extension
    raise InputError(
        f"{output}: no known extension: name it .jsonl, .csv, .tsv, each also with"
        f" {', '.join(COMPRESSIONS)}; {', '.join(ARROW)}; or - for JSONL on standard output"
    )
