"""Streams of bytes: local files, URLs, standard input, whatever they are compressed with."""

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.remote import open_file_system, told_plainly
from spacy_lstm_sentiment.records.urls import is_object, is_url, name_of, shown

STANDARD_INPUT = "-"
# Bytes that are read of an object at a time.
BLOCK = 2 << 20
COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstandard"}


def split_extension(path: str) -> tuple[str, str]:
    """A path's extension in lower case, and that of its compression, which may be empty."""
    name = name_of(path).lower()
    suffix = Path(name).suffix
    if suffix in COMPRESSIONS:
        return Path(name.removesuffix(suffix)).suffix, suffix
    return suffix, ""


@contextmanager
def open_bytes(path: str) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed. Raises InputError where it cannot be opened."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with open_stored(path) as stored:
        _, compression = split_extension(path)
        yield decompressed(stored, compression)


def open_stored(
    path: str, seekable: bool = False, start: int = 0, most: int | None = None
) -> BinaryIO:
    """The bytes of a file as they are stored, also in another order if it is to be `seekable`.

    start: where an object is read first. most: bytes that are read of it at a time, if not BLOCK.
    Raises InputError where it cannot be opened.
    """
    if is_url(path):
        with told_plainly(path):
            return _open_url(path, seekable, start, most or BLOCK)
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder: name the files in it") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: is it yours to read?") from None


def _open_url(url: str, seekable: bool, start: int, block_size: int) -> BinaryIO:
    files, path = open_file_system(url)
    if not (seekable or is_object(url)):
        return files.open(path, block_size=0)  # one answer, which says if it is cut short
    stream = files.open(path, block_size=block_size)
    # What cannot be read shows with the first byte; with the last, where reading starts there.
    try:
        stream.seek(max(0, (stream.size or 0) - 1) if seekable else start)
        stream.read(1)
        stream.seek(0)
    except ValueError:
        if is_object(url):
            raise
        raise InputError(
            f"{shown(url)}: its server has no byte ranges, by which {' and '.join(ARROW)} are read:"
            " fetch the file first"
        ) from None
    return stream


def decompressed(stream: BinaryIO, compression: str) -> BinaryIO:
    """What a stream of bytes holds, given the extension of its compression."""
    if compression == ".gz":
        return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
    if compression == ".bz2":
        return cast(BinaryIO, bz2.BZ2File(stream))
    if compression == ".xz":
        return cast(BinaryIO, lzma.LZMAFile(stream))
    if compression == ".zst":
        return cast(BinaryIO, zstd().ZstdFile(stream))
    return stream


def zstd() -> Any:
    """Python's module for Zstandard, or its backport."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


class Unbroken(io.RawIOBase):
    """A stream that ends where the one beneath it breaks, and remembers the error."""

    def __init__(self, stream: BinaryIO) -> None:
        # At most one read of the stream beneath: what came before an error is not lost with it.
        self._read = getattr(stream, "read1", stream.read)
        self.error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one read does; 0 at the end."""
        try:
            data = b"" if self.error else self._read(len(buffer))
        except MemoryError:
            raise  # which is nothing about the stream
        except Exception as error:  # of any decompressor or storage
            self.error = error
            data = b""
        buffer[: len(data)] = data
        return len(data)
