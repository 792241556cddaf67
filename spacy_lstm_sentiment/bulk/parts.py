"""The part files of a run: each has a shard's output, and exists whole or not at all.

A part is one file: a line of JSON (lengths of the rows and the rejects in bytes, the summary, and,
in the last of a split, how many lines that has), the rows, the rejects. Its name is its place.
"""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from spacy_lstm_sentiment.bulk.places import Place, without_overlaps
from spacy_lstm_sentiment.bulk.shards import ScoredShard
from spacy_lstm_sentiment.bulk.sinks.encoders import numbered
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole

EXTENSION = ".part"


@dataclass(frozen=True)
class Part:
    """A part file: which rows of the run it has, and where its bytes are.

    n_lines: of its split, if it is the last of that.
    """

    path: Path
    place: Place
    start: int
    rows_size: int
    rejects_size: int
    summary: Summary
    n_lines: int | None

    def copy_rows(self, target: BinaryIO) -> None:
        """Append the output rows to a file."""
        self._copy(target, self.start, self.rows_size)

    def copy_rejects(self, target: BinaryIO, n_before: int) -> None:
        """Append the rejects to a file, given how many lines of theirs are before the split's."""
        rejects = io.BytesIO()
        self._copy(rejects, self.start + self.rows_size, self.rejects_size)
        target.write(numbered(rejects.getvalue(), n_before))

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

    def write(self, scored: ScoredShard, format: Format) -> None:
        """Leave a shard's part, whole or not at all."""


@dataclass(frozen=True)
class LocalParts:
    """Part files in a folder, which are joined at the end."""

    folder: Path

    def absolute(self) -> "LocalParts":
        return LocalParts(self.folder.absolute())

    def write(self, scored: ScoredShard, format: Format) -> None:
        write_part(self.folder, scored)


def write_part(folder: Path, scored: ScoredShard) -> None:
    """Leave a shard's part in a folder."""
    path = folder / f"{scored.place.name}{EXTENSION}"
    head = {
        "rows": len(scored.rows),
        "rejects": len(scored.rejects),
        "summary": scored.summary.to_dict(),
        "lines": scored.n_lines,
    }
    # Another process may be writing the same part still: one that outlived a run that was killed,
    # perhaps on another machine. Each writes under a name of its own.
    with open_whole(path) as file:
        file.write(json.dumps(head).encode() + b"\n")
        file.write(scored.rows)
        file.write(scored.rejects)


def read_parts(folder: Path) -> list[Part]:
    """The parts in a folder that are whole, in order; of two that share rows, the first."""
    found = (_read_part(path) for path in folder.glob(f"*{EXTENSION}"))
    parts = {part.place: part for part in found if part is not None}
    return [parts[place] for place in without_overlaps(parts)]


def _read_part(path: Path) -> Part | None:
    place = Place.of(path.stem)
    if place is None:
        return None
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            start = file.tell()
        summary = Summary.from_dict(head["summary"])
        sizes = head["rows"], head["rejects"]
        part = Part(path, place, start, *sizes, summary, head["lines"])
    except (ValueError, KeyError):
        return None
    whole = path.stat().st_size == start + part.rows_size + part.rejects_size
    return part if whole else None
