"""Scored files and tables as DuckDB reads them: each a SELECT of the columns that are wanted."""

import csv
import glob
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy_lstm_sentiment.bulk.rejects import rejects_path
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.inputs import find_inputs
from spacy_lstm_sentiment.records.opening import STANDARD_INPUT, open_bytes, split_extension
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import Record
from spacy_lstm_sentiment.records.urls import is_url, shown

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REJECTS = rejects_path("")
JSON = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv")
N_LINES = 100  # of a JSONL, whose keys are its columns
READABLE = ("", ".gz", ".zst")  # compressions that DuckDB knows
MAX_LINE = 8 << 20  # bytes: a text has no more than a million characters


@dataclass(frozen=True)
class Source:
    """Files of one kind, or a table, that have the same columns.

    columns: Their names, in their order.
    kind: The extension, or "" for a table in memory.
    data: Paths; of Arrow the Dataset or Table.
    """

    columns: tuple[str, ...]
    kind: str
    data: Any

    def select(self, con: "DuckDBPyConnection", wanted: Mapping[str, str | None]) -> str:
        """A query for the wanted columns as VARCHAR, by the names that they get.

        wanted: A column, or None for one that is not there, by its new name.
        """
        if self.kind in JSON:
            return self._select_json(wanted)
        places = {name: place for place, name in reversed(list(enumerate(self.columns)))}
        cells = [
            f"CAST(c{places[name]} AS VARCHAR) AS {new}"
            if name in places
            else f"CAST(NULL AS VARCHAR) AS {new}"
            for new, name in wanted.items()
        ]
        # By their place: DuckDB takes "Label" and "label" for one name.
        names = ", ".join(f"c{place}" for place in range(len(self.columns)))
        return f"SELECT {', '.join(cells)} FROM {self._relation(con)} AS t({names})"

    def _select_json(self, wanted: Mapping[str, str | None]) -> str:
        there = [name for name in wanted.values() if name is not None]
        pointers = ", ".join(quote(_pointer(name)) for name in there)
        cells = [
            f"found[{there.index(name) + 1}] AS {new}"
            if name is not None
            else f"CAST(NULL AS VARCHAR) AS {new}"
            for new, name in wanted.items()
        ]
        # A line that is no JSON becomes a row without values, which is counted.
        objects = f"read_ndjson_objects({_list(self.data)}, ignore_errors = true)"
        found = f"SELECT json_extract_string(json, [{pointers}]) AS found FROM {objects}"
        return f"SELECT {', '.join(cells)} FROM ({found})"

    def _relation(self, con: "DuckDBPyConnection") -> str:
        if self.kind == ".parquet":
            return f"read_parquet({_list(self.data)}, hive_partitioning = false)"
        if self.kind in TABLES:
            types = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(self.columns)))
            marks = "delim = ',', quote = '\"', escape = '\"'"
            if self.kind == ".tsv":
                marks = "delim = '\t', quote = '', escape = ''"
            return (
                f"read_csv({_list(self.data)}, auto_detect = false, header = true, {marks}, "
                f"columns = {{{types}}}, max_line_size = {MAX_LINE}, buffer_size = {4 * MAX_LINE})"
            )
        name = f"source_{id(self.data)}"
        con.register(name, self.data)
        return name


def find_sources(inputs: Sequence[str], folder: Path) -> list[Source]:
    """The files that are meant, those with the same columns together; none that has no rows.

    folder: Where those are put that DuckDB cannot read from where they are.

    RAISES InputError: A file is not there, or has no format that `score` writes.
    """
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    keys: dict[str, None] = {}  # of all files of JSON, whose lines need not be alike
    for number, path in enumerate(find_inputs(list(inputs))):
        kind, compression = split_extension(path)
        if path.endswith(REJECTS) and path not in inputs:
            continue  # which lie beside the scored rows
        if path == STANDARD_INPUT or kind not in (*JSON, *TABLES, *ARROW):
            raise InputError(
                f"{shown(path)}: not what score writes: name a file or folder of "
                f"{', '.join((*JSON, *TABLES, *ARROW))}"
            )
        if is_url(path) or compression not in READABLE or glob.has_magic(path):
            path = _fetch(path, folder / f"{number}{kind}")
        columns = _columns(path, kind)
        if kind in JSON:
            keys |= dict.fromkeys(columns)
            kind, columns = JSON[0], columns and ("",)
        if columns:
            found.setdefault((kind, columns), []).append(str(Path(path).resolve()))
    return [
        Source(tuple(keys) if kind in JSON else columns, kind, _data(kind, paths))
        for (kind, columns), paths in found.items()
    ]


def _data(kind: str, paths: Sequence[str]) -> Any:
    return _dataset(paths) if kind == ".arrow" else paths


def table_source(table: Any) -> Source:
    """A table in memory: of pyarrow, pandas, polars or whatever else gives Arrow.

    RAISES InputError: It is none.
    """
    import pyarrow

    try:
        arrow = table if isinstance(table, pyarrow.Table) else pyarrow.table(table)
    except (TypeError, ValueError, pyarrow.ArrowException) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"a {type(table).__name__} is no table that Arrow takes: {reason}"
        ) from None
    return Source(tuple(arrow.column_names), "", arrow)


def quote(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _list(paths: Sequence[str]) -> str:
    return f"[{', '.join(map(quote, paths))}]"


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _fetch(path: str, target: Path) -> str:
    with open_bytes(path) as stream, target.open("wb") as file:
        try:
            shutil.copyfileobj(stream, file, 1 << 20)
        except Exception as error:  # of any decompressor or storage
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"{shown(path)}: broken: {reason}; fetch it again") from None
    return str(target)


def _columns(path: str, kind: str) -> tuple[str, ...]:
    """The names of a file's columns; none where it has no rows."""
    if kind in ARROW:
        return _arrow_columns(path, kind)
    rows = read_records(path, note=lambda message: None)
    records = (row for row in rows if isinstance(row, Record))
    first = next(records, None)
    if first is None:
        return ()
    if kind in TABLES:
        return _header(path, kind)
    others = islice(records, N_LINES)
    return tuple(dict.fromkeys([*first.fields, *(name for row in others for name in row.fields)]))


def _header(path: str, kind: str) -> tuple[str, ...]:
    with open_bytes(path) as stream:
        text = (line.decode("utf-8-sig") for line in _lines(stream))
        if kind == ".tsv":
            return tuple(next(text).rstrip("\r\n").split("\t"))
        return tuple(next(csv.reader(text)))


def _lines(stream: Any) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE):
        yield line


def _arrow_columns(path: str, kind: str) -> tuple[str, ...]:
    import pyarrow
    from pyarrow import ipc, parquet

    try:
        if kind == ".parquet":
            return tuple(parquet.read_schema(path).names)
        with pyarrow.memory_map(path) as file, ipc.open_file(file) as reader:
            return tuple(reader.schema.names)
    except (pyarrow.ArrowException, OSError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: cannot be read: {reason}") from None


def _dataset(paths: Sequence[str]) -> Any:
    from pyarrow import dataset

    return dataset.dataset(list(paths), format="ipc")
