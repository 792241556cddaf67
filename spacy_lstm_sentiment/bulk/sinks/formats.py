"""The formats of an output, by its extension."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

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

STANDARD_OUTPUT = "-"
DELIMITERS = {".csv": ",", ".tsv": "\t"}


class Format(Protocol):
    """How rows are written."""

    def encoder(self) -> Encoder:
        """An encoder for the rows of a part."""

    def join(self, parts: Iterable[EncodedRows], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""

    def read(self, rows: bytes, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What an encoder has made bytes of, of these columns and maybe others."""


@dataclass(frozen=True)
class FormatOptions:
    """The format that is asked for, whatever the columns of the input.

    results: the names of the results, before which `prefix` goes. is_safe: cells of CSV and TSV are
    no formulas to a spreadsheet.
    """

    extension: str
    results: Sequence[str]
    prefix: str = ""
    is_safe: bool = False

    @property
    def result_columns(self) -> list[str]:
        """The names of the results in the output."""
        return [self.prefix + name for name in self.results]

    @property
    def is_table(self) -> bool:
        """Whether all rows have the same columns."""
        return self.extension != ".jsonl"

    def format(self, first: Record | None = None, paths: Sequence[str] = ()) -> Format:
        """The format with the columns of the first record, and the types of all inputs.

        Raises InputError where a name of a column, or a type, cannot be written.
        """
        if not self.is_table:
            return JsonFormat(self.result_columns)
        if self.extension in ARROW:
            from spacy_lstm_sentiment.bulk.sinks.arrow import find_format

            return find_format(self.extension, first, paths, self.results, self.prefix)
        columns = tuple(first.fields) if first else ()
        delimiter = DELIMITERS[self.extension]
        format = TableFormat(columns, self.result_columns, delimiter, self.is_safe)
        try:
            format.header()
        except ValueError as error:
            where = f"{first.source}: " if first else ""
            raise InputError(f"{where}the names of its columns: {error}") from None
        return format


@dataclass(frozen=True)
class JsonFormat:
    """Lines of JSON, which need not be alike."""

    result_columns: Sequence[str]

    def encoder(self) -> JsonEncoder:
        """An encoder for the rows of a part."""
        return JsonEncoder(self.result_columns)

    def join(self, parts: Iterable[EncodedRows], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        for part in parts:
            part.copy_rows(target)

    def read(self, rows: bytes, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What an encoder has made bytes of."""
        return map(json.loads, rows.splitlines())


@dataclass(frozen=True)
class TableFormat:
    """CSV, or TSV if the delimiter is a tab; without columns, there is no header either."""

    columns: Sequence[str]
    result_columns: Sequence[str]
    delimiter: str
    is_safe: bool = False

    def encoder(self) -> TableEncoder:
        """An encoder for the rows of a part."""
        return TableEncoder(self.columns, self.result_columns, self.delimiter, self.is_safe)

    def header(self) -> bytes:
        """The line that names the columns. Raises ValueError for names that none can have."""
        return self.encoder().header() if self.columns else b""

    def join(self, parts: Iterable[EncodedRows], target: BinaryIO) -> None:
        """Write the rows of all parts as one file."""
        target.write(self.header())
        for part in parts:
            part.copy_rows(target)

    def read(self, rows: bytes, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What an encoder has made bytes of."""
        text = io.StringIO(rows.decode(), newline="")
        is_plain = self.delimiter == "\t"
        lines = (line.rstrip("\n").split("\t") for line in text) if is_plain else csv.reader(text)
        columns = [*self.columns, *self.result_columns]
        return (dict(zip(columns, cells, strict=True)) for cells in lines)


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
