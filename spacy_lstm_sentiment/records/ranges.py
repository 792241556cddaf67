"""Pieces of files, each of which can be read by itself: bytes of lines, row groups, batches."""

import io
import os
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar, cast

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.opening import BLOCK, open_stored
from spacy_lstm_sentiment.records.remote import open_file_system, told_plainly, version_in
from spacy_lstm_sentiment.records.urls import is_url, shown

# Bytes that are read of an object beyond a range's end, for the last line.
BEYOND = 1 << 16
CUT = "cut short since the run began"

Each = TypeVar("Each")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Range:
    """A piece of a file: bytes of its lines, row groups of Parquet, or record batches of Arrow.

    A line belongs to the range in which it begins. stamp: which file it was that was cut up, of
    all that have had its name (`Stored`).
    """

    start: int
    end: int
    stamp: str


@dataclass(frozen=True)
class Stored:
    """A file as it is stored: its size in bytes, and what tells it from others of its name."""

    size: int
    stamp: str


def find_stored(path: str) -> Stored:
    """A local file or an object as it is now. RAISES InputError: It is not there."""
    if is_url(path):
        with told_plainly(path):
            files, name = open_file_system(path)
            return _of_object(files.info(name))
    try:
        return _of_file(Path(path).stat())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: is it yours to read?") from None


def require_same(path: str, file: BinaryIO, range: Range, size: int = 0) -> None:
    """RAISES InputError: An open file is not the one that was cut up, or has fewer bytes now."""
    details = getattr(file, "details", None)  # of an object
    now = _of_object(details) if details else _of_file(os.fstat(file.fileno()))
    if now.stamp != range.stamp or now.size < size:
        raise InputError(f"{shown(path)}: replaced or cut short since the run began")


@contextmanager
def open_lines(path: str, range: Range) -> Iterator[BinaryIO]:
    """The bytes of a range's lines. RAISES InputError: The file is no longer what it was."""
    start, size = max(0, range.start - 1), min(BLOCK, range.end - range.start + BEYOND)
    with closing(open_stored(path, start=start, most=size)) as file:
        require_same(path, file, range, range.end)
        yield cast(BinaryIO, LinesOfRange(file, range))


def _of_object(info: dict[str, Any]) -> Stored:
    return Stored(info["size"], version_in(info) or "")


def _of_file(stat: os.stat_result) -> Stored:
    return Stored(stat.st_size, str(stat.st_ino))


class LinesOfRange(io.RawIOBase):
    """The lines of a stream that begin in a range of its bytes."""

    def __init__(self, stream: BinaryIO, range: Range) -> None:
        self._stream, self._range = stream, range
        self._position: int | None = None  # that of the next byte; None before the first line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one read does; 0 at the end of the last line."""
        if self._position is None:
            self._position = self._first_line()
        if self._position < 0:
            return 0
        data = self._stream.read(len(buffer))
        if not data and self._position < self._range.end:
            raise OSError(CUT)
        # The last line is the one that holds the last byte of the range.
        end = data.find(b"\n", max(0, self._range.end - 1 - self._position))
        if end >= 0:
            data = data[: end + 1]
            self._position = -1
        else:
            self._position += len(data)
        buffer[: len(data)] = data
        return len(data)

    def _first_line(self) -> int:
        """The place of the first line that begins in the range; -1 where none does."""
        position = max(0, self._range.start - 1)
        self._stream.seek(position)
        if self._range.start:
            while block := self._stream.read(BEYOND):
                end = block.find(b"\n")
                position += len(block) if end < 0 else end + 1
                if end >= 0:
                    break
            else:
                if position < self._range.end:
                    raise OSError(CUT)
                return -1
            self._stream.seek(position)
        return position if position < self._range.end else -1


class Returning(Generic[Each, Value]):
    """What a generator yields, and then, as `value`, what it returns."""

    value: Value

    def __init__(self, generator: Generator[Each, None, Value]) -> None:
        self._generator = generator

    def __iter__(self) -> Iterator[Each]:
        self.value = yield from self._generator
