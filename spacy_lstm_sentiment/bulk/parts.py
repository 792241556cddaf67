"""The part files of a run: each has a shard's output, and exists whole or not at all.

A part is one file: a line of JSON (lengths of the rows and the rejects in bytes, and the summary),
the rows, the rejects. Its name says which rows of the run it has.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole

if TYPE_CHECKING:
    from spacy_lstm_sentiment.bulk.plan import ScoredShard
    from spacy_lstm_sentiment.bulk.sinks.formats import Format

EXTENSION = ".part"


@dataclass(frozen=True)
class Part:
    """A part file: the rows of the run that it has, and where its bytes are."""

    path: Path
    first: int
    end: int
    start: int
    rows_size: int
    rejects_size: int
    summary: Summary

    def copy_rows(self, target: BinaryIO) -> None:
        """Append the output rows to a file."""
        self._copy(target, self.start, self.rows_size)

    def copy_rejects(self, target: BinaryIO) -> None:
        """Append the rejects to a file."""
        self._copy(target, self.start + self.rows_size, self.rejects_size)

    def _copy(self, target: BinaryIO, start: int, size: int) -> None:
        with self.path.open("rb") as file:
            file.seek(start)
            while size:
                data = file.read(min(size, 1 << 20))
                if not data:
                    raise InputError(f"{self.path}: cut short: start over with --no-resume")
                target.write(data)
                size -= len(data)


class PartStore(Protocol):
    """Where a run leaves its parts.

    folder: the one on a disk that all processes of the run have to see; None: in object storage.
    """

    @property
    def folder(self) -> Path | None: ...

    def absolute(self) -> "PartStore":
        """The same, for a process in another folder."""

    def write(self, scored: "ScoredShard", format: "Format") -> None:
        """Leave a shard's part, whole or not at all."""


@dataclass(frozen=True)
class LocalParts:
    """Part files in a folder, which are joined at the end."""

    folder: Path

    def absolute(self) -> "LocalParts":
        return LocalParts(self.folder.absolute())

    def write(self, scored: "ScoredShard", format: "Format") -> None:
        write_part(self.folder, scored)


def as_part(folder: Path, scored: "ScoredShard") -> Part:
    """A shard's part, in a folder where no other is."""
    write_part(folder, scored)
    (part,) = read_parts(folder)
    return part


def write_part(folder: Path, scored: "ScoredShard") -> None:
    """Leave a shard's part in a folder."""
    path = folder / f"{scored.first:012d}-{scored.end:012d}{EXTENSION}"
    head = {
        "rows": len(scored.rows),
        "rejects": len(scored.rejects),
        "summary": scored.summary.to_dict(),
    }
    # Another process may be writing the same part still: one that outlived a run that was killed,
    # perhaps on another machine. Each writes under a name of its own.
    with open_whole(path) as file:
        file.write(json.dumps(head).encode() + b"\n")
        file.write(scored.rows)
        file.write(scored.rejects)


def read_parts(folder: Path) -> list[Part]:
    """The parts in a folder that are whole, in order; of two that share rows, the first."""
    parts: list[Part] = []
    for path in sorted(folder.glob(f"*{EXTENSION}")):
        part = _read_part(path)
        if part is not None and (not parts or parts[-1].end <= part.first):
            parts.append(part)
    return parts


def _read_part(path: Path) -> Part | None:
    first, _, end = path.stem.partition("-")
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            start = file.tell()
        summary = Summary.from_dict(head["summary"])
        part = Part(path, int(first), int(end), start, head["rows"], head["rejects"], summary)
    except (ValueError, KeyError):
        return None
    whole = path.stat().st_size == start + part.rows_size + part.rejects_size
    return part if whole else None
