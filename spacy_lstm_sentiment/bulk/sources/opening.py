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

from spacy_lstm_sentiment.bulk.urls import check_url, is_url, shown, without_secrets
from spacy_lstm_sentiment.errors import InputError

STANDARD_INPUT = "-"
COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstandard"}


def split_extension(path: str) -> tuple[str, str]:
    """A path's extension in lower case, and that of its compression, which may be empty."""
    name = Path(shown(path)).name.lower()
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


def open_stored(path: str) -> BinaryIO:
    """The bytes of a file as they are stored. Raises InputError where it cannot be opened."""
    if is_url(path):
        return _open_url(path)
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder: name the files in it") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: is it yours to read?") from None


def _open_url(path: str) -> BinaryIO:
    check_url(path)
    import smart_open

    try:
        return smart_open.open(path, "rb", compression="disable")
    except ImportError as error:
        scheme = path.partition("://")[0]
        extra = {"gs": "gcs", "https": "http"}.get(scheme, scheme)
        raise InputError(f'{shown(path)}: {error.msg}: pip install "smart_open[{extra}]"') from None
    except Exception as error:  # each kind of storage has its own
        reason = without_secrets(" ".join(str(error).split()), path)
        raise InputError(f"{shown(path)}: cannot be opened: {reason}") from None


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
