"""Scored records into files: JSONL, CSV and TSV, also gzipped, or standard output."""

import csv
import gzip
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from tqdm import tqdm

from spacy_lstm_sentiment.bulk.engine import ScoredRecord, Scores
from spacy_lstm_sentiment.bulk.sources import BadRecord, JsonRecord, split_extension
from spacy_lstm_sentiment.errors import InputError

STANDARD_OUTPUT = "-"

# A scored record as a row of the output; raises ValueError for one that does not fit.
Encoder = Callable[[ScoredRecord], bytes]


def result_columns(prefix: str) -> list[str]:
    """The names of the columns that a run adds."""
    return [prefix + name for name in Scores._fields]


def choose_encoder(output: str, prefix: str = "") -> Encoder:
    """The encoder for an output's extension; standard output is JSONL.

    Raises InputError for an extension that cannot be written.
    """
    extension, _ = split_extension(output)
    if output == STANDARD_OUTPUT or extension == ".jsonl":
        return partial(encode_json, prefix=prefix)
    if extension == ".csv":
        return TableEncoder(",", prefix)
    if extension == ".tsv":
        return TableEncoder("\t", prefix)
    raise InputError(
        f"{output}: no known extension: name it .jsonl, .csv, .tsv, each also with .gz, or - for"
        " JSONL on standard output"
    )


def encode_json(scored: ScoredRecord, prefix: str) -> bytes:
    """A line of JSON. A row that was JSON keeps its own text, to the last digit and space."""
    record, scores = scored.record, scored.scores
    is_json = isinstance(record, JsonRecord)
    members = record.raw.rstrip() if is_json else json.dumps(record.fields, ensure_ascii=False)
    added = dict(zip(result_columns(prefix), scores, strict=True))
    results = json.dumps(added, ensure_ascii=False)
    separator = ", " if record.fields else ""
    return f"{members[:-1]}{separator}{results[1:]}\n".encode()


class TableEncoder:
    """Lines of CSV or TSV; the first record's columns are those of the table, and its header."""

    def __init__(self, delimiter: str, prefix: str) -> None:
        self._result_columns = result_columns(prefix)
        self.columns: list[str] = []
        self._buffer = io.StringIO(newline="")
        # With this line end, writers of all Pythons put a field with a \r in quotes.
        self._writer = csv.writer(self._buffer, delimiter=delimiter, lineterminator="\r\n")

    def __call__(self, scored: ScoredRecord) -> bytes:
        """A record's row, after the header where it is the first."""
        fields = scored.record.fields
        columns = self.columns or list(fields)
        if fields.keys() != set(columns):
            raise ValueError(
                f"other columns than the first row's: {', '.join(fields)}, not"
                f" {', '.join(columns)}; write JSONL, or score such rows apart"
            )
        row = self._encode([*(_cell(fields[column]) for column in columns), *scored.scores])
        if self.columns:
            return row
        header = self._encode([*columns, *self._result_columns])
        self.columns = columns
        return header + row

    def _encode(self, cells: list[Any]) -> bytes:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(cells)
        try:
            return f"{self._buffer.getvalue()[:-2]}\n".encode()
        except UnicodeEncodeError:
            raise ValueError(
                "no Unicode text: a field has half a surrogate pair; write JSONL, which keeps it"
            ) from None


def _cell(value: Any) -> str:
    """A value as text: strings are themselves, null is empty, all else is JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def encode_reject(bad: BadRecord) -> bytes:
    """A line of JSON; bytes that were not UTF-8 are surrogate escapes such as \\udcff."""
    members = {"source": bad.source, "line": bad.line, "reason": bad.reason, "raw": bad.raw}
    # A surrogate's backslash escape is JSON's too.
    return f"{json.dumps(members, ensure_ascii=False)}\n".encode("utf-8", "backslashreplace")


Write = Callable[[bytes], Any]


def rejects_path(output: str) -> Path:
    """Where the rows that cannot be scored go."""
    return Path(f"{output}.rejects.jsonl")


def partial_path(path: Path) -> Path:
    """The name of a file that is not complete yet."""
    return path.with_name(f"{path.name}.partial")


@contextmanager
def open_output(output: str) -> Iterator[tuple[Write, Write]]:
    """Functions that write rows and rejects: to `output` and beside it, or to stdout and stderr."""
    if output == STANDARD_OUTPUT:
        yield sys.stdout.buffer.write, lambda line: tqdm.write(line.decode(), sys.stderr, end="")
        sys.stdout.buffer.flush()
        return
    rejects = rejects_path(output)
    with _open_whole(Path(output)) as rows_file, _open_whole(rejects) as rejects_file:
        yield rows_file.write, rejects_file.write
    if not rejects.stat().st_size:
        rejects.unlink()


@contextmanager
def _open_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when it is complete.

    After an error, the partial file stays, if there is anything in it, and a message names it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = partial_path(path)
    _, gzipped = split_extension(path.name)
    written = 0
    try:
        with (
            unfinished.open("wb") as file,
            _compressed(file) if gzipped else nullcontext(file) as stream,
        ):
            try:
                yield stream
            finally:
                written = stream.tell()
    except BaseException:
        if written:
            tqdm.write(f"What was written so far is in {unfinished}", sys.stderr)
        else:
            unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


def _compressed(file: BinaryIO) -> BinaryIO:
    # Without a name and a time in it, equal rows make equal files.
    return cast(BinaryIO, gzip.GzipFile("", "wb", 6, file, mtime=0))
