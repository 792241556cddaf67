"""Readers of the files that static word vectors come in."""

import gzip
import io
import re
import string
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from spacy_lstm_sentiment.errors import Damaged, InputError

WORDS_FILE = "wordsList.npy"
TABLE_FILE = "wordVectors.npy"
FIRST_BLOCK = 16_384  # rows; the table doubles from there
CHUNK = 2**20  # bytes of a binary file that are read at a time
HEADER = re.compile(rb"\s*\d{1,9}\s+\d{1,9}\s*")  # words and width
PRINTABLE = string.printable.encode()

Row = tuple[str, npt.NDArray]


@dataclass(frozen=True)
class WordVectors:
    """A table of static word vectors.

    name: What the table is called in a pipeline's meta.
    words: No word twice; in the order of the source, which is by frequency in GloVe and Word2Vec.
    table: One row a word. *Shape:* (n_words, width)
    """

    name: str
    words: list[str]
    table: npt.NDArray[np.floating]


def holds_vectors(source: Path) -> bool:
    """Whether read_vectors is what reads a path: a file, or a folder with the tutorial's pair."""
    return _archive_of(source)[0].is_file() or (source / WORDS_FILE).exists()


def read_vectors(source: Path, max_words: int | None = None) -> WordVectors:
    """Read the tutorial's pair from a folder or a .npy path, a table from any other path."""
    if source.is_dir():
        return read_tutorial_pair(source, max_words)
    if source.suffix == ".npy":
        return read_tutorial_pair(source.parent, max_words)
    return read_table(source, max_words)


def read_table(path: Path, max_words: int | None = None) -> WordVectors:
    """Read vectors in GloVe's text format, or in word2vec's, of text or binary, with a header line.

    path (Path): A file, as it is, gzipped (.gz) or in a .zip archive. Where that has several, the
        path goes on with the one to read: glove.6B.zip/glove.6B.100d.txt.
    max_words (int | None): Read only so many rows.
    RAISES InputError: A bad line, a damaged file, or a member that is not in the archive.
    """
    with _open(path) as (file, where):
        first_line = file.readline()
        if HEADER.fullmatch(first_line):
            n_rows, width = map(int, first_line.split())
            rows = _parse_rows(file, n_rows, width, where)
        else:
            width = len(first_line.split()) - 1
            rows = _parse_lines(chain([first_line], file), width, where)
        if width < 1 or b"\0" in first_line:
            raise InputError(
                f"{where}:1: expected a word and its numbers, or a 'count width' line as word2vec "
                "writes (of fastText's vectors the .vec file, not the .bin)"
            )
        words, table = _stack(islice(rows, max_words), width)
    if not words:
        raise InputError(f"{where}: has no rows of vectors")
    return WordVectors(_stem(where), words, table)


def _parse_rows(file: IO[bytes], n_rows: int, width: int, where: str) -> Iterator[Row]:
    """The rows below a header."""
    head = file.read(CHUNK)
    numbers = (head.partition(b" ")[2] or head)[: 2 * width]  # those of text are longer than that
    if numbers.translate(None, PRINTABLE):
        return _parse_binary(head, file, n_rows, width, where)
    lines = chain(io.BytesIO(head + file.readline()), file)
    return _parse_lines(lines, width, where, n_rows)


def _parse_binary(
    head: bytes, file: IO[bytes], n_rows: int, width: int, where: str
) -> Iterator[Row]:
    """The rows of word2vec's binary format: a word, a space, and its numbers in 32 bits each."""
    data, start = head, 0
    for number in tqdm(range(1, n_rows + 1), "Reading vectors", unit=" words", disable=None):
        while True:
            space = data.find(b" ", start, start + CHUNK)
            end = space + 1 + 4 * width
            if space >= 0 and end <= len(data):
                break
            more = file.read(CHUNK) if space >= 0 or len(data) - start < CHUNK else b""
            if not more:
                raise Damaged(
                    f"{where}: row {number} of {n_rows} is cut short or damaged: get the file again"
                )
            data, start = data[start:] + more, 0
        word = data[start:space].lstrip(b"\n")  # which some writers put between rows
        values = np.frombuffer(data, "<f4", width, space + 1)
        yield _named(word, values, f"{where}: row {number}"), values
        start = end
    if (data[start:] + file.read(CHUNK)).strip():
        raise Damaged(f"{where}:1: promises {n_rows} rows, more follow: get the file again")


def _named(word: bytes, values: npt.NDArray, where: str) -> str:
    """A row's word. RAISES InputError: It is no text, or one of its values is no finite number."""
    try:
        text = word.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{where}: the word is not UTF-8; convert the file to UTF-8") from None
    if not np.isfinite(values).all():
        raise InputError(f"{where}: '{text}' has a value that is not a finite number")
    return text


def _parse_lines(
    lines: Iterable[bytes], width: int, where: str, n_rows: int | None = None
) -> Iterator[Row]:
    """The rows of the lines; `n_rows` are expected by a header that was line 1."""
    header = 0 if n_rows is None else 1
    number = header
    bar = tqdm(lines, "Reading vectors", n_rows, unit=" words", disable=None)
    for number, line in enumerate(bar, header + 1):
        yield _parse_line(line, width, f"{where}:{number}")
    if n_rows is not None and number - header != n_rows:
        raise Damaged(
            f"{where}:1: promises {n_rows} rows, {number - header} follow: get the file again"
        )


def _parse_line(line: bytes, width: int, where: str) -> Row:
    # From the right: some words of GloVe 840B contain spaces.
    word, *fields = line.strip().rsplit(b" ", width)
    try:
        if len(fields) != width or _ends_in_number(word):
            raise ValueError("there are more or fewer")
        with np.errstate(over="ignore"):  # to infinity, which is refused below
            values = np.array(fields, dtype=np.float32)
    except ValueError as error:
        raise InputError(f"{where}: expected a word and {width} numbers: {error}") from None
    return _named(word, values, where), values


def _ends_in_number(word: bytes) -> bool:
    """Whether a word with spaces is none: a value too many, split from the right, stays with it."""
    _, space, last = word.rpartition(b" ")
    try:
        return bool(space) and np.isfinite(float(last))
    except ValueError:
        return False


def _stack(rows: Iterable[Row], width: int) -> tuple[list[str], npt.NDArray[np.float32]]:
    """Words and table of the rows; of a word's rows the first."""
    words: dict[str, None] = {}
    table = np.empty((0, 0), dtype=np.float32)
    for word, values in rows:
        if word in words:
            continue
        if len(words) == len(table):
            table.resize((max(2 * len(table), FIRST_BLOCK), width), refcheck=False)
        table[len(words)] = values
        words[word] = None
    table.resize((len(words), table.shape[1]), refcheck=False)
    return list(words), table


@contextmanager
def _open(path: Path) -> Iterator[tuple[IO[bytes], str]]:
    """A file, unpacked, and what to call it in messages."""
    archive_path, member = _archive_of(path)
    try:
        if archive_path.suffix == ".zip":
            with zipfile.ZipFile(archive_path) as archive:
                name = _choose_member(archive_path, archive, member)
                with archive.open(name) as file:
                    yield file, f"{archive_path}/{name}"
        else:
            opener: Any = gzip.open if path.suffix == ".gz" else open
            with opener(path, "rb") as file:
                yield file, str(path)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Damaged(f"{path}: damaged archive ({error}): get the file again") from None
    except (OSError, RuntimeError) as error:  # of encrypted archives it is the latter
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be read: {reason}") from None


def _archive_of(path: Path) -> tuple[Path, str]:
    """The archive that a path leads into, and the file in it; or the path itself, and nothing."""
    for folder in path.parents:
        if folder.suffix == ".zip" and folder.is_file():
            return folder, path.relative_to(folder).as_posix()
    return path, ""


def _choose_member(path: Path, archive: zipfile.ZipFile, member: str) -> str:
    files = [info.filename for info in archive.infolist() if not info.is_dir()]
    if not member and len(files) == 1:
        return files[0]
    if not files:
        raise InputError(f"{path}: has no file in it: get the archive again")
    if member not in files:
        problem = f"has no file '{member}'" if member else f"has {len(files)} files"
        choices = ", ".join(f"{path}/{name}" for name in files)
        raise InputError(f"{path}: {problem}: name one of {choices}")
    return member


def _stem(where: str) -> str:
    """The file's name without the suffixes of its format: its other dots belong to the name."""
    name = Path(where).name.removesuffix(".gz")
    return name.removesuffix(".txt").removesuffix(".vec").removesuffix(".bin")


def read_tutorial_pair(folder: Path, max_words: int | None = None) -> WordVectors:
    """Read wordsList.npy (bytes or str) and wordVectors.npy (floats, a row a word) in a folder.

    RAISES InputError: One of the two is missing, pickled or misshapen, or they do not match.
    """
    words = _open_array(folder / WORDS_FILE)
    table = _open_array(folder / TABLE_FILE)
    if words.ndim != 1 or words.dtype.kind not in "SU":
        raise InputError(f"{folder / WORDS_FILE}: expected a one-dimensional array of words")
    if table.ndim != 2 or table.dtype.kind != "f":
        raise InputError(f"{folder / TABLE_FILE}: expected a two-dimensional array of floats")
    if len(words) != len(table):
        raise InputError(
            f"{folder}: {WORDS_FILE} has {len(words)} words, {TABLE_FILE} has {len(table)} rows: "
            "they are not a pair"
        )
    texts = words[:max_words].tolist()
    if words.dtype.kind == "S":
        try:
            texts = [text.decode("utf-8") for text in texts]
        except UnicodeDecodeError as error:
            raise InputError(f"{folder / WORDS_FILE}: not UTF-8 ({error})") from None
    unique, rows = _stack(zip(texts, table[:max_words], strict=True), table.shape[1])
    if not np.isfinite(rows).all():
        raise InputError(f"{folder / TABLE_FILE}: has values that are not finite numbers")
    return WordVectors(folder.resolve().name, unique, rows)


def _open_array(path: Path) -> npt.NDArray:
    """The array in a file, left on disk. Arrays of pickled objects are refused."""
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise InputError(
            f"{path}: not found; {WORDS_FILE} and {TABLE_FILE} must lie in one folder"
        ) from None
    except ValueError as error:
        raise InputError(f"{path}: not a .npy file of numbers or strings ({error})") from None
