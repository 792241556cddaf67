"""Which files a run reads: files, folders, patterns, URLs, standard input."""

import glob
from pathlib import Path

from spacy_lstm_sentiment.bulk.arrow import ARROW
from spacy_lstm_sentiment.bulk.sources import EXTENSIONS, STANDARD_INPUT, split_extension
from spacy_lstm_sentiment.bulk.urls import check_url, is_url
from spacy_lstm_sentiment.errors import InputError

# Folders beside the parts of an output, with what are no rows of it (bulk/folder_output.py).
NO_ROWS = {"_rejects", "_spacy-lstm-sentiment"}


def find_inputs(inputs: list[str], whole_file: bool = False) -> list[str]:
    """The files that are meant, in order; those of a folder or pattern by name.

    A folder stands for all files in it and below whose extension is known, or for all files that
    are not hidden where each file is a document. Raises InputError for what is not there.
    """
    return [path for name in inputs for path in _find(name, whole_file)]


def is_repeatable(path: str) -> bool:
    """Whether an input can be read again; standard input and named pipes cannot."""
    return path != STANDARD_INPUT and not Path(path).is_fifo()


def is_plain(path: str) -> bool:
    """Whether an input is a local file of lines that is not compressed."""
    extension, compression = split_extension(path)
    return Path(path).is_file() and extension in EXTENSIONS and not compression


def _find(name: str, whole_file: bool) -> list[str]:
    if is_url(name):
        check_url(name)
    if name == STANDARD_INPUT or is_url(name) or Path(name).is_fifo() or Path(name).is_file():
        return [name]
    if Path(name).is_dir():
        return _files_in(name, whole_file)
    # Path.glob takes no absolute patterns.
    found = sorted(glob.glob(name, recursive=True)) if glob.has_magic(name) else []  # noqa: PTH207
    if not found:
        raise InputError(f"{name}: no such file")
    return [path for match in found for path in _find(match, whole_file)]


def _files_in(folder: str, whole_file: bool) -> list[str]:
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    known = {*EXTENSIONS, *ARROW}
    found = [
        str(path)
        for path in paths
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not NO_ROWS.intersection(path.relative_to(folder).parts)
        and (whole_file or split_extension(path.name)[0] in known)
    ]
    if not found:
        raise InputError(f"{folder}: a folder without files to read: {', '.join(sorted(known))}")
    return found
