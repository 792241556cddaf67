"""Streams that compress into files."""

import bz2
import gzip
import lzma
from contextlib import nullcontext
from typing import Any, BinaryIO

from spacy_lstm_sentiment.records.opening import zstd


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
