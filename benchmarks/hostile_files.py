"""Files of random rows, good and hostile, of which it is known what has to become of each."""

import bz2
import csv
import gzip
import io
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pyarrow
from pyarrow import feather, parquet

SCORED, REJECTED, EMPTY, EITHER = "scored", "rejected", "empty", "scored or rejected"
WORDS = ["good", "bad", "fun", "room", "café", "=good", "it's", "😀"]
# Words that the pipeline of hostile_runs.py obeys: in what way, it shows.
ENDS = ["kill", "hang"]
FAILS = ["explode", "hungry"]
MAX_LENGTH = 1_000_000
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@dataclass(frozen=True)
class Row:
    """A row: its number, its text, and what has to become of it.

    raw: how it stands in the file, where that is not as usual.
    """

    number: int
    text: str | None
    fate: str
    raw: bytes | None = None

    @property
    def id(self) -> str:
        """What is nowhere else in any file of a round."""
        return f"id-{self.number}-"


@dataclass
class File:
    """A file, and its rows in order. is_cut: it breaks off somewhere."""

    path: Path
    rows: list[Row] = field(default_factory=list)
    is_cut: bool = False


def make_files(folder: Path, chance: Random, dangers: list[str]) -> list[File]:
    """Some files of rows, whose numbers count up; `dangers` are words that some texts have."""
    kinds = [".txt"] if chance.random() < 0.1 else [".jsonl", ".csv", ".tsv", ".parquet", ".arrow"]
    files, number = [], 0
    for n in range(chance.choice([1, 1, 2, 3])):
        kind = chance.choice(kinds)
        rows = _make_rows(kind, number, chance.randrange(1, 60), chance, dangers)
        number += len(rows)
        files.append(_write(folder / f"in{n}{kind}", rows, chance))
    return files


def _make_rows(kind: str, first: int, n: int, chance: Random, dangers: list[str]) -> list[Row]:
    """The first row is good: it says what the file is, and which columns the output has."""
    share = chance.choice([0, 0.05, 0.3])
    rows, is_sure = [], True
    for number in range(first, first + n):
        row = Row(number, _text(kind, chance), SCORED)
        if rows and chance.random() < share:
            row = _hostile(kind, number, chance, dangers)
        if not is_sure and row.fate is not REJECTED:
            row = replace(row, fate=EITHER)  # it may be the rest of a broken cell
        is_sure = is_sure and (kind != ".csv" or row.fate is not EITHER)
        rows.append(row)
    return rows


def _text(kind: str, chance: Random) -> str:
    text = " ".join(chance.choices(WORDS, k=chance.randrange(1, 9)))
    if kind == ".tsv" and chance.random() < 0.3:
        return chance.choice(['"', "'", '""']) + text + chance.choice(["", '"'])
    marks = {".csv": ["\n", ",", ' "quoted"', ";"], ".jsonl": ["\n", "\t", '"', "\\"]}
    if kind in marks and chance.random() < 0.3:
        return text + chance.choice(marks[kind]) + text
    return text


def _hostile(kind: str, number: int, chance: Random, dangers: list[str]) -> Row:
    row, choices = Row(number, None, REJECTED), list[Row]()
    id = row.id.encode()
    for word in [*FAILS, *dangers]:
        choices.append(Row(number, f"{word} good", REJECTED))
    choices.append(Row(number, "good " + "x" * MAX_LENGTH, REJECTED))
    if kind == ".txt":
        return chance.choice([*choices, Row(number, None, REJECTED, b"\xff good " + id)])
    choices += [Row(number, text, EMPTY) for text in ("", "  ")]
    if kind in (".parquet", ".arrow"):
        return chance.choice([*choices, Row(number, None, EMPTY)])
    raws = {
        ".jsonl": [
            b'{"id": "%b", "text": "go' % id,
            b'["%b", "text"]' % id,
            b'{"id": "%b", "text": 5}' % id,
            b'{"id": "%b", "text": "go\0od"}' % id,
            b'{"id": "%b", "text": "g\xff\xfe"}' % id,
            b'{"id": "%b", "text": "\\ud83d"}' % id,
            b'{"id": "%b", "text": "' % id + b"y" * chance.choice([20_000, 17_000_000]),
        ],
        ".csv": [b"%b" % id, b"%b,good,fun,more" % id, b"%b,go\0od" % id, b"%b,\xff\xfe" % id],
    }
    raws[".tsv"] = [raw.replace(b",", b"\t") for raw in raws[".csv"]]
    either = {
        ".jsonl": [
            b'{"id": "%b", "text": "good", "x": %b%b}' % (id, b"[" * depth, b"]" * depth)
            for depth in (1, 500, 50_000)
        ]
        + [b'{"id": "%b", "text": "good", "x": NaN}' % id, b'{"id": "%b"}' % id],
        ".csv": [
            b'%b,"She said "hi" to me\nthen left, what an evening"' % id,
            b'%b,"never closed' % id,
            b'%b,"a "b", c"\nd, "e' % id,
        ],
        ".tsv": [],
    }
    choices += [Row(number, None, REJECTED, raw) for raw in raws[kind]]
    choices += [Row(number, None, EITHER, raw) for raw in either[kind]]
    return chance.choice(choices)


def _write(path: Path, rows: list[Row], chance: Random) -> File:
    if path.suffix in (".parquet", ".arrow"):
        table = pyarrow.table(
            {
                "id": [row.id for row in rows],
                "text": pyarrow.array([row.text for row in rows], pyarrow.string()),
            }
        )
        if path.suffix == ".parquet":
            parquet.write_table(table, path, row_group_size=chance.choice([1, 7, 100]))
        else:
            feather.write_feather(table, path, compression="uncompressed")
        return File(path, rows)
    ends = [b"\n"] if path.suffix == ".txt" else [b"\n", b"\r\n", b"\n\n"]
    end = chance.choice(ends)
    head = {".csv": [b"id,text"], ".tsv": [b"id\ttext"]}.get(path.suffix, [])
    lines = [*head, *(_line(path.suffix, row) for row in rows)]
    content = end.join(lines) + chance.choice([b"", end])
    compression = chance.choice(list(COMPRESS))
    packed = COMPRESS[compression](content)
    is_cut = (path.suffix, compression) == (".jsonl", ".gz") and chance.random() < 0.3
    path = path.with_name(path.name + compression)
    path.write_bytes(packed[: chance.randrange(20, len(packed) - 1)] if is_cut else packed)
    return File(path, rows, is_cut)


def _line(kind: str, row: Row) -> bytes:
    if row.raw is not None:
        return row.raw
    if kind == ".jsonl":
        return json.dumps({"id": row.id, "text": row.text}, ensure_ascii=False).encode()
    if kind == ".csv":
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\n").writerow([row.id, row.text])
        return buffer.getvalue()[:-1].encode()
    return f"{row.id}{' ' if kind == '.txt' else chr(9)}{row.text}".encode()
