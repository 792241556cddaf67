"""Lines of text out of bytes, counted and decoded, of bounded length."""

import codecs
import io
from collections.abc import Callable, Iterator
from itertools import chain
from typing import BinaryIO

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.opening import Unbroken

# Characters. Longer lines come in pieces of this length, so that no line fills the memory.
MAX_LINE = 1 << 24
# Characters that are looked at ahead, and the rest of a line.
MAX_HEAD = 1 << 20

# UTF-32's mark in the one byte order begins with UTF-16's.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ESCAPE = "spacy-lstm-sentiment.escape"


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are no text, as surrogates, in whatever encoding."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(ESCAPE, _escape)


class Piece(str):
    """One of the pieces, counted from 1, in which a line comes that is longer than MAX_LINE."""

    number: int


class Lines:
    """The lines of a stream; bytes that are not in its encoding become surrogates.

    number: that of the last line given, from 1. cut: what came of the line at which the stream
    broke; it is not given as a line. A byte order mark decides on the encoding, where that is not
    a special one; there is none where the stream is a later piece of a file. Raises InputError for
    an encoding that is none.
    """

    def __init__(
        self, stream: BinaryIO, encoding: str = "utf-8", is_later_piece: bool = False
    ) -> None:
        self.number = 0
        self.cut = ""
        self.source = Unbroken(stream)
        buffered = io.BufferedReader(self.source)
        self.encoding = check_encoding(encoding)
        if not is_later_piece:
            self.encoding = marked(buffered.peek(4), self.encoding)
        elif self.encoding == "utf-8-sig":
            self.encoding = "utf-8"
        self._text = io.TextIOWrapper(buffered, self.encoding, ESCAPE, newline="\n")
        self._lines: Iterator[str] = self._read()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        if not isinstance(line, Piece) or line.number == 1:
            self.number += 1
        return line

    def head(self, number: int) -> list[str]:
        """So many of the lines ahead, at most, or fewer long ones; they are still to be read."""
        head, size = list[str](), 0
        for line in self._lines:
            head.append(line)
            size += len(line)
            if len(head) == number or size > MAX_HEAD:
                break
        self._lines = chain(head, self._lines)
        return head

    def peek(self) -> str:
        """The first line ahead that is not blank, or ""; it is still to be read."""
        head = []
        for line in self._lines:
            head.append(line)
            if line.strip():
                break
        self._lines = chain(head, self._lines)
        return head[-1] if head else ""

    def read(self, size: int) -> str:
        """So many characters at most, whatever lines they are in."""
        return self._decoded(self._text.read, size)

    def _read(self) -> Iterator[str]:
        piece = 0
        while line := self._decoded(self._text.readline, MAX_LINE):
            ended = line.endswith("\n")
            if not ended and self.source.error:
                self.cut = line
                return
            if piece or (not ended and len(line) == MAX_LINE):
                piece += 1
                line = Piece(line)
                line.number = piece
            yield line
            if ended:
                piece = 0

    def _decoded(self, read: Callable[[int], str], size: int) -> str:
        try:
            return read(size)
        except UnicodeError as error:  # a codec that cannot go on after bytes that are no text
            self.source.error = error
            return ""


def marked(head: bytes, encoding: str) -> str:
    """The encoding by a stream's first bytes, where the one that is named leaves that open."""
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    if encoding == "utf-8":
        return marked or encoding
    return f"{encoding}-le" if encoding in ("utf-16", "utf-32") and not marked else encoding


def check_encoding(encoding: str) -> str:
    """The usual name of an encoding; InputError for one that is none, or not of text."""
    try:
        io.TextIOWrapper(io.BytesIO(), encoding)
    except (LookupError, ValueError):
        raise InputError(f"--encoding {encoding}: no encoding of text: see Python's list") from None
    return codecs.lookup(encoding).name
