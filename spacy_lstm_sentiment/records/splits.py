"""A plan of what is read apart: each split by itself, by whoever scores it."""

import codecs
import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.arrow_files import sizes_of_pieces
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.lines import check_encoding, marked
from spacy_lstm_sentiment.records.opening import open_stored, split_extension
from spacy_lstm_sentiment.records.ranges import Range, Stored, find_stored
from spacy_lstm_sentiment.records.reading import LINES
from spacy_lstm_sentiment.records.urls import is_object, is_url

# Encodings in which a line ends in one byte that is nothing else, and no byte's meaning depends on
# those of the lines before.
ENCODINGS = re.compile(r"utf-8(-sig)?|ascii|iso8859-\d+|cp(125\d|437|85\d|86\d)|koi8-[rtu]")


@dataclass(frozen=True)
class Split:
    """Input that is read by itself: whole files, one after another, or a piece of one.

    size: about how many bytes it has as it is stored.
    """

    paths: tuple[str, ...]
    size: int
    range: Range | None = None


def as_one(paths: Sequence[str]) -> list[Split]:
    """All of the input in one go, as what can be read but once has to be."""
    return [Split(tuple(paths), 0)]


def plan_splits(paths: Sequence[str], dialect: Dialect, whole_file: bool, size: int) -> list[Split]:
    """Splits of about `size` bytes, of all inputs in their order; the same for the same files.

    Lines of JSON and of text are cut by bytes, Parquet by row groups, Arrow by record batches;
    tables and what is compressed are whole, and so is what the web serves. Small files go together.
    RAISES InputError: A file is gone, or broken.
    """
    splits, together, n_together = [], list[tuple[str, int]](), 0
    for path in paths:
        stored = find_stored(path) if not is_url(path) or is_object(path) else Stored(size, "")
        ranges = [] if whole_file else _ranges(path, dialect, stored, size)
        if ranges or n_together + stored.size > size:
            splits += _whole(together)
            together, n_together = [], 0
        if ranges:
            n_bytes = stored.size // len(ranges)
            splits += [Split((path,), n_bytes, range) for range in ranges]
        else:
            together.append((path, stored.size))
            n_together += stored.size
    return [*splits, *_whole(together)]


def lines_before(splits: Sequence[Split], n_lines: Iterable[int | None]) -> list[int]:
    """How many lines of its file are before each split, given those that each split has."""
    before, following = list[int](), 0
    for split, lines in zip(splits, n_lines, strict=True):
        is_later = split.range is not None and split.range.start > 0
        before.append(following if is_later else 0)
        following = before[-1] + (lines or 0)
    return before


def _whole(files: list[tuple[str, int]]) -> list[Split]:
    if not files:
        return []
    return [Split(tuple(path for path, _ in files), sum(size for _, size in files))]


def _ranges(path: str, dialect: Dialect, stored: Stored, size: int) -> list[Range]:
    """The pieces of a file, in order; none of one that is to be read whole."""
    extension, compression = split_extension(path)
    if compression or stored.size <= size or (is_url(path) and not is_object(path)):
        return []
    if extension in ARROW:
        return _joined(sizes_of_pieces(path), stored, size)
    if extension not in LINES or not _has_plain_lines(path, dialect.encoding):
        return []
    n = -(-stored.size // size)
    bounds = [stored.size * number // n for number in range(n + 1)]
    return [Range(start, end, stored.stamp) for start, end in pairwise(bounds)]


def _joined(sizes: list[int], stored: Stored, size: int) -> list[Range]:
    """Pieces that follow one another, as many together as have about so many bytes."""
    ranges, start, n_bytes = [], 0, 0
    for number, more in enumerate(sizes):
        if n_bytes and n_bytes + more > size:
            ranges.append(Range(start, number, stored.stamp))
            start, n_bytes = number, 0
        n_bytes += more
    return [*ranges, Range(start, len(sizes), stored.stamp)] if ranges else []


def _has_plain_lines(path: str, encoding: str) -> bool:
    with closing(open_stored(path)) as file:
        found = marked(file.read(4), check_encoding(encoding))
    return bool(ENCODINGS.fullmatch(codecs.lookup(found).name))
