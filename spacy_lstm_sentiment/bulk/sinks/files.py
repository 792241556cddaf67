"""Files that exist whole or not at all."""

import bz2
import gzip
import lzma
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from spacy_lstm_sentiment.bulk.sources.opening import zstd


@contextmanager
def open_whole(path: Path, unfinished: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when it is complete, and on the disk; until then it is called
    `unfinished`, in the same file system. After an error neither is there."""
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    if os.name == "nt":  # where folders cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def compressed(file: BinaryIO, compression: str) -> Any:
    """A stream that compresses into a file, by the extension of the compression."""
    if compression == ".gz":
        # Without a name and a time in it, equal rows make equal files.
        return gzip.GzipFile("", "wb", 6, file, mtime=0)
    if compression == ".bz2":
        return bz2.BZ2File(file, "wb")
    if compression == ".xz":
        return lzma.LZMAFile(file, "wb")
    if compression == ".zst":
        return zstd().ZstdFile(file, "wb")
    return nullcontext(file)
