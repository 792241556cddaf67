"""Files that exist whole or not at all."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize
from uuid import uuid4

from spacy_lstm_sentiment.errors import Conflict, InputError

Place = tuple[int | str, ...]

# How names begin that files and folders have until they are whole.
TEMPORARY = ".spacy-lstm-sentiment-"


def temporary_path(folder: Path) -> Path:
    """A path in a folder that nobody else has, or can guess, and that says whose it is."""
    return folder / f"{TEMPORARY}{uuid4().hex}"


@contextmanager
def open_whole(path: Path, folder: Path | None = None) -> Iterator[BinaryIO]:
    """A file that gets its name when it is complete, and on the disk.

    Until then it has a name of its own, in `folder` where that is another, in the same file system.
    After an error neither is there. Raises InputError for a path that is a folder or a device.
    """
    require_file(path)
    unfinished = temporary_path(folder or path.parent)
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def require_file(path: Path) -> None:
    """Raise InputError where there is something else than a file, which a file would replace."""
    if path.is_dir():
        raise InputError(f"{path}: a folder: name a file")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: a device or a pipe, which a file would replace: name a file")


def require_distinct(
    outputs: Mapping[str, str | Path | None], inputs: Iterable[str | Path]
) -> None:
    """Raise InputError where an output is also another, or an input, or replaces a part of one.

    However they are spelt, linked or capitalised. `outputs` are by what the user calls them; those
    that are None are not asked for.
    """
    found: dict[Place, str] = {}
    taken = {place for path in inputs if (place := place_of(path)) is not None}
    for name, path in outputs.items():
        place = None if path is None else place_of(path)
        if path is None or place is None:
            continue
        if place in found:
            raise Conflict(f"{path}: is both {found[place]} and {name}: name two files")
        if place in taken:
            raise Conflict(f"{path}: an input would be overwritten: name another output")
        if os.path.lexists(path) and taken.intersection(_places_above(path)):
            raise Conflict(f"{path}: belongs to an input: name another output")
        found[place] = name


def is_within(path: str | Path, folder: str | Path) -> bool:
    """Whether a path is a folder, or below it, however both are spelt, linked or capitalised."""
    place = place_of(folder)
    return place is not None and place in {place_of(path), *_places_above(path)}


def _places_above(path: str | Path) -> set[Place | None]:
    return {place_of(folder) for folder in Path(path).resolve().parents}


def place_of(path: str | Path) -> Place | None:
    """What tells whether two paths name one file: its number in its file system.

    Where there is no file yet it is that of the folder, and the name, in which capitals and the
    ways to write an accent count for nothing, since they do in some file systems. It is None for
    what cannot be a path.
    """
    rest: list[str] = []
    try:
        place = Path(path)
        if not place.exists():
            place = place.resolve()
        while True:
            try:
                stat = place.stat()
                return stat.st_dev, stat.st_ino, *rest
            except (FileNotFoundError, NotADirectoryError):
                rest.append(normalize("NFC", normalize("NFC", place.name).casefold()))
                place = place.parent
    except (OSError, RuntimeError, ValueError):  # too long, a circle of links, a NUL
        return None


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    if os.name == "nt":  # where folders cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
