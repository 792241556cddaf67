"""Scored records as rows of JSONL, CSV and TSV, and rejects as JSONL."""

import csv
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, BinaryIO, Protocol, runtime_checkable

from spacy_lstm_sentiment.records.blocks import Block
from spacy_lstm_sentiment.records.record import BadRecord, JsonRecord, Record, described, shorten

# Characters of a reject: small files can unpack to rejects of any size.
MAX_RAW = 10_000
MAX_REASON = 1000
MAX_ID = 1000

# What spreadsheets may take for a formula, and what they take for a number: see OWASP's "CSV
# Injection", https://owasp.org/www-community/attacks/CSV_Injection.
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# What a line of rejects has before the number of the input's line, and that.
LINE = re.compile(rb'^(\{"source": "(?:[^"\\]|\\.)*", "line": )(\d+)', re.MULTILINE)


class Encoder(Protocol):
    """Turns scored records into the bytes of a part.

    `add` takes a record and its results, one list of values an output row; it raises ValueError
    for a record that does not fit, and then keeps nothing of it. `take` gives what was added.
    """

    def add(self, record: Record, results: Sequence[Sequence[Any]]) -> None: ...

    def finish(self) -> bytes: ...


@runtime_checkable
class BlockEncoder(Encoder, Protocol):
    """An encoder that takes blocks, too.

    `add_block` takes a block and the results of its rows by number, as `add` does; rows without
    are left out. It gives the reasons of those that do not fit, by number, and keeps nothing of
    them.
    """

    def add_block(
        self, block: Block, results: Mapping[int, Sequence[Sequence[Any]]]
    ) -> dict[int, str]: ...


class JsonEncoder:
    """Lines of JSON. A row that was JSON keeps its own text, to the last digit and space."""

    def __init__(self, result_columns: Sequence[str]) -> None:
        self._result_columns = result_columns
        self._lines: list[str] = []

    def add(self, record: Record, results: Sequence[Sequence[Any]]) -> None:
        """Lines of one record."""
        is_json = isinstance(record, JsonRecord)
        if is_json:
            _check_finite(record.raw)
        members = record.raw.rstrip() if is_json else json.dumps(record.fields, ensure_ascii=False)
        separator = ", " if record.fields else ""
        for values in results:
            added = json.dumps(
                dict(zip(self._result_columns, values, strict=True)), ensure_ascii=False
            )
            self._lines.append(f"{members[:-1]}{separator}{added[1:]}\n")

    def finish(self) -> bytes:
        """All lines so far."""
        return "".join(self._lines).encode()


class TableEncoder:
    """Lines of CSV or TSV, of records that all have the columns of the table.

    TSV has no quotes, so that no cell can hold a tab or the end of a line. is_safe: no cell is a
    formula to a spreadsheet, nor one behind another delimiter, for which all of CSV is in quotes.
    """

    def __init__(
        self,
        columns: Sequence[str],
        result_columns: Sequence[str],
        delimiter: str,
        is_safe: bool = False,
    ) -> None:
        self._columns = columns
        self._result_columns = result_columns
        self._buffer = io.StringIO(newline="")
        self._is_plain = delimiter == "\t"
        # With this line end, writers of all Pythons put a field with a \r in quotes.
        self._writer = csv.writer(
            self._buffer,
            delimiter=delimiter,
            lineterminator="\r\n",
            quoting=csv.QUOTE_ALL if is_safe else csv.QUOTE_MINIMAL,
        )
        self._is_safe = is_safe
        self._lines: list[bytes] = []

    def header(self) -> bytes:
        """The line that names the columns."""
        return self._encode([*self._columns, *self._result_columns])

    def add(self, record: Record, results: Sequence[Sequence[Any]]) -> None:
        """Lines of one record."""
        check_columns(record.fields, self._columns)
        texts = json_texts(record.raw) if isinstance(record, JsonRecord) else {}
        cells = [cell_text(record.fields[column], texts.get(column)) for column in self._columns]
        self._lines += [self._encode([*cells, *map(_result, values)]) for values in results]

    def finish(self) -> bytes:
        """All lines so far, less the header."""
        return b"".join(self._lines)

    def _encode(self, cells: list[Any]) -> bytes:
        if self._is_safe:
            cells = [as_text_to_spreadsheets(cell) for cell in cells]
        line = self._plain(cells) if self._is_plain else self._quoted(cells)
        if "\0" in line:
            raise ValueError("a NUL character, which tables cannot hold; write JSONL")
        try:
            return f"{line}\n".encode()
        except UnicodeEncodeError:
            raise ValueError(
                "no Unicode text: a field has half a surrogate pair; write JSONL, which keeps it"
            ) from None

    def _plain(self, cells: list[Any]) -> str:
        texts = ["" if cell is None else str(cell) for cell in cells]
        if any(mark in text for text in texts for mark in "\t\n\r"):
            raise ValueError("a tab or a line end in a field, which TSV cannot hold; write CSV")
        return "\t".join(texts)

    def _quoted(self, cells: list[Any]) -> str:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(cells)
        return self._buffer.getvalue()[:-2]


def check_columns(names: Collection[str], columns: Sequence[str]) -> None:
    """Raise ValueError for a record or block with other columns than those of the output."""
    if set(names) != set(columns):
        raise ValueError(
            f"other columns than the first row's: {', '.join(names)}, not"
            f" {', '.join(columns)}; write JSONL, or score such rows apart"
        )


def json_texts(raw: str) -> dict[str, str]:
    """The text of each value of a JSON object, as it stands there, by name."""
    decoder, texts = json.JSONDecoder(), {}
    position = raw.index("{") + 1
    while raw[position := _next(raw, position)] != "}":
        name, position = decoder.raw_decode(raw, position)
        start = _next(raw, _next(raw, position) + 1)
        _, position = decoder.raw_decode(raw, start)
        texts[name] = raw[start:position]
        position = _next(raw, position)
        position += raw[position] == ","
    return texts


def _next(raw: str, position: int) -> int:
    """Where the next character stands that is no white space."""
    while raw[position] in " \t\n\r":
        position += 1
    return position


def cell_text(value: Any, text: str | None) -> str:
    """A value as text, given its JSON: strings are themselves, as are decimals, times and bytes,
    which are strings in JSON; null is empty, all else is its JSON."""
    if isinstance(value, str):
        return value
    if value is None or text is None:
        return ""
    if text == "null":  # which stands for NaN and infinity, that JSON lacks
        return json.dumps(value)
    return str(json.loads(text)) if text.startswith('"') else text


def as_text_to_spreadsheets(cell: Any) -> Any:
    """A cell with an apostrophe before it, if it would be a formula; numbers stay numbers."""
    if isinstance(cell, str) and FORMULA.match(cell) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _check_finite(raw: str) -> None:
    """Raise ValueError for JSON with numbers that are none of JSON, which Python reads."""
    if "NaN" in raw or "Infinity" in raw:
        json.loads(raw, parse_constant=_refuse)


def _refuse(name: str) -> None:
    raise ValueError(f"{name}, which JSON lacks: write null in its place")


def _result(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def encode_reject(bad: BadRecord) -> bytes:
    """A line of JSON of bounded length; bytes that were no text are surrogate escapes such as
    \\udcff."""
    members = {"source": bad.source, "line": bad.line, "reason": shorten(bad.reason, MAX_REASON)}
    members["raw"] = bad.raw[:MAX_RAW]
    id = bad.id if isinstance(bad.id, int | float | None) else shorten(described(bad.id), MAX_ID)
    more = {"left_out": len(bad.raw[MAX_RAW:]) or None, "id": id, "piece": bad.piece}
    members |= {name: value for name, value in more.items() if value is not None}
    # A surrogate's backslash escape is JSON's too.
    line = json.dumps(members, ensure_ascii=False)
    return f"{line}\n".encode("utf-8", "backslashreplace")


class EncodedRows(Protocol):
    """Rows that an encoder has made bytes of, wherever those are."""

    def copy_rows(self, target: BinaryIO) -> None:
        """Append them to a file."""


def numbered(rejects: bytes, n_before: int) -> bytes:
    """Rejects with the lines of the whole file, given how many were before those counted."""
    if not n_before:
        return rejects
    return LINE.sub(lambda found: found[1] + b"%d" % (int(found[2]) + n_before), rejects)
