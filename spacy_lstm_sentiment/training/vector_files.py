"""Readers of the files that static word vectors come in."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.vectors import WordVectors

WORDS_FILE = "wordsList.npy"
TABLE_FILE = "wordVectors.npy"
FIRST_BLOCK = 16_384  # rows; the table doubles from there

Row = tuple[str, npt.NDArray]


def read_vectors(
    source: Path, member: str | None = None, max_words: int | None = None
) -> WordVectors:
    """Read the tutorial's pair from a folder or a .npy path, text vectors from any other path."""
    if source.is_dir():
        return read_tutorial_pair(source, max_words)
    if source.suffix == ".npy":
        return read_tutorial_pair(source.parent, max_words)
    return read_text_vectors(source, member, max_words)


def read_text_vectors(
    path: Path, member: str | None = None, max_words: int | None = None
) -> WordVectors:
    """Read vectors in GloVe's text format or in that of word2vec, which has a header line.

    path (Path): A text file, as it is, gzipped (.gz) or in a .zip archive.
    member (str | None): The file in the archive; not needed where there is but one.
    max_words (int | None): Read only so many rows.
    RAISES InputError: A bad line, a damaged file, or a member that is not in the archive.
    """
    with open_lines(path, member) as (lines, where):
        first_line = next(lines, b"")
        fields = first_line.split()
        if len(fields) == 2 and all(field.isdigit() for field in fields):
            n_rows, width = int(fields[0]), int(fields[1])
            rows = _parse_lines(lines, width, where, n_rows)
        else:
            width = len(fields) - 1
            rows = _parse_lines(chain([first_line], lines), width, where)
        if width < 1:
            raise InputError(f"{where}:1: expected a word and its numbers, or a 'count width' line")
        words, table = _stack(islice(rows, max_words), width)
    if not words:
        raise InputError(f"{where}: has no rows of vectors")
    return WordVectors(_stem(where), words, table)


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
        raise InputError(
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
        text = word.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{where}: the word is not UTF-8; convert the file to UTF-8") from None
    except ValueError as error:
        raise InputError(f"{where}: expected a word and {width} numbers: {error}") from None
    if not np.isfinite(values).all():
        raise InputError(f"{where}: '{text}' has a value that is not a finite number")
    return text, values


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
    table = np.empty((FIRST_BLOCK, width), dtype=np.float32)
    for word, values in rows:
        if word in words:
            continue
        if len(words) == len(table):
            table.resize((2 * len(table), width), refcheck=False)
        table[len(words)] = values
        words[word] = None
    table.resize((len(words), width), refcheck=False)
    return list(words), table


@contextmanager
def open_lines(path: Path, member: str | None = None) -> Iterator[tuple[Iterator[bytes], str]]:
    """The lines of a file, and what to call it in messages."""
    if member and path.suffix != ".zip":
        raise InputError(f"{path}: is no .zip archive, so it has no member '{member}' to choose")
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                name = _choose_member(path, archive, member)
                with archive.open(name) as file:
                    yield iter(file), f"{path}/{name}"
        else:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                yield iter(file), str(path)
    except (zipfile.BadZipFile, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: damaged archive ({error}): get the file again") from None


def _choose_member(path: Path, archive: zipfile.ZipFile, member: str | None) -> str:
    files = [info.filename for info in archive.infolist() if not info.is_dir()]
    if member is None and len(files) == 1:
        return files[0]
    if member is None or member not in files:
        problem = f"has no member '{member}'" if member else f"has {len(files)} members"
        raise InputError(f"{path}: {problem}; choose one with --member: {', '.join(files)}")
    return member


def _stem(where: str) -> str:
    """The file's name without the suffixes of its format: its other dots belong to the name."""
    name = Path(where).name.removesuffix(".gz")
    return name.removesuffix(".txt").removesuffix(".vec")


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
