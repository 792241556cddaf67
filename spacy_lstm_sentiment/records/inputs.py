"""Which files a run reads: files, folders, patterns, URLs, standard input."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.opening import STANDARD_INPUT, split_extension
from spacy_lstm_sentiment.records.reading import EXTENSIONS
from spacy_lstm_sentiment.records.remote import open_file_system, told_plainly
from spacy_lstm_sentiment.records.urls import check_url, is_object, is_url, scheme_of

# What is beside the parts in a folder that `score` has written, and no rows of it.
SUCCESS, REJECTS, WORK = "_SUCCESS", "_rejects", "_spacy-lstm-sentiment"
NO_ROWS = {SUCCESS, REJECTS, WORK}


def find_inputs(inputs: list[str], whole_file: bool = False) -> list[str]:
    """The files that are meant, in order; those of a folder or pattern by name.

    A folder stands for all files in it and below whose extension is known, or for all files that
    are not hidden where each file is a document; so it does in object storage. Raises InputError
    for what is not there.
    """
    return [path for name in inputs for path in _find(name, whole_file)]


def is_repeatable(path: str) -> bool:
    """Whether an input can be read again; standard input and named pipes cannot."""
    return path != STANDARD_INPUT and not Path(path).is_fifo()


def is_plain(path: str) -> bool:
    """Whether an input is a local file of lines that is not compressed."""
    extension, compression = split_extension(path)
    return Path(path).is_file() and extension in EXTENSIONS and not compression


def _find(name: str, whole_file: bool) -> Iterable[str]:
    if is_url(name) and not is_object(name):
        check_url(name)
        return [name]
    if name.endswith("/**"):
        name = name.removesuffix("**")  # a folder is all that is below it
    if is_object(name):
        with told_plainly(name):
            return _find_objects(name, whole_file)
    if name == STANDARD_INPUT or Path(name).is_fifo() or Path(name).is_file():
        return [name]
    if Path(name).is_dir():
        paths = sorted(path for path in Path(name).rglob("*") if path.is_file())
        below = [path.relative_to(name).parts for path in paths]
        return [str(Path(name, *parts)) for parts in _meant(below, name, whole_file)]
    # Path.glob takes no absolute patterns.
    matches = glob.glob(name, recursive=True) if glob.has_magic(name) else []  # noqa: PTH207
    found = sorted(match.rstrip("/") for match in matches)
    found = [match for match in found if _may_have_rows(Path(match).parts, Path(name).parts)]
    if not found:
        raise InputError(f"{name}: no such file")
    # One file may be found by its name, and in a folder that is found, too.
    return dict.fromkeys(path for match in found for path in _find(match, whole_file))


def _find_objects(url: str, whole_file: bool) -> Iterable[str]:
    files, path = open_file_system(url)
    files.invalidate_cache()  # of what was there before
    kind, missing = "nothing", FileNotFoundError(path)
    try:
        kind = files.info(path)["type"]
    except FileNotFoundError as error:
        missing = error
    if kind == "file" and not url.endswith("/"):
        return [url]
    storage = Objects(files, f"{scheme_of(url)}://", whole_file)
    is_pattern = kind == "nothing" and glob.has_magic(path)
    slash = "/" if url.endswith("/") else ""
    found = storage.like(path + slash) if is_pattern else storage.below(path)
    if not found:
        raise missing
    return dict.fromkeys(found)


@dataclass(frozen=True)
class Objects:
    """The objects of a storage, by their URLs.

    prefix: s3://, say, which goes before their paths in `files`.
    """

    files: Any
    prefix: str
    whole_file: bool

    def like(self, pattern: str) -> list[str]:
        """Those that a pattern stands for, by itself or by a folder."""
        wanted, found = pattern.rstrip("/").split("/"), list[str]()
        for path, info in sorted(self.files.glob(pattern, detail=True).items()):
            parts = path.split("/")
            if _is_like(parts, wanted) and _may_have_rows(parts, wanted):
                found += [self.prefix + path] if info["type"] == "file" else self.below(path)
        return found

    def below(self, folder: str) -> list[str]:
        """Those that a folder stands for; none of one that only a mark is there of."""
        url = f"{self.prefix}{folder}/"
        below = sorted(
            tuple(path.removeprefix(f"{folder}/").split("/"))
            for path in self.files.find(folder)
            if path.startswith(f"{folder}/") and not path.endswith("/")  # which marks a folder
        )
        meant = _meant(below, url, self.whole_file) if below else []
        return [url + "/".join(parts) for parts in meant]


def _meant(
    below: Sequence[tuple[str, ...]], folder: str, whole_file: bool
) -> list[tuple[str, ...]]:
    """Those of a folder's files that it stands for, by the parts of their paths in it."""
    known = {*EXTENSIONS, *ARROW}
    found = [
        parts
        for parts in below
        if not any(part.startswith(".") for part in parts)
        and _may_have_rows(parts, ())
        and (whole_file or split_extension(parts[-1])[0] in known)
    ]
    if not found:
        raise InputError(f"{folder}: a folder without files to read: {', '.join(sorted(known))}")
    return found


def _may_have_rows(parts: Sequence[str], named: Sequence[str]) -> bool:
    """Whether a path leads to nothing that is no rows, other than by its very name."""
    return NO_ROWS.intersection(parts) <= set(named)


def _is_like(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path is like a pattern to `glob`, which finds what is hidden by a dot alone."""
    if not pattern or not parts:
        return not pattern and not parts
    is_hidden = parts[0].startswith(".") and not pattern[0].startswith(".")
    if pattern[0] == "**":
        return _is_like(parts, pattern[1:]) or (not is_hidden and _is_like(parts[1:], pattern))
    return not is_hidden and fnmatchcase(parts[0], pattern[0]) and _is_like(parts[1:], pattern[1:])
