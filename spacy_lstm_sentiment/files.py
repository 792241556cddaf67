"""Files that exist whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from spacy_lstm_sentiment.errors import InputError


def temporary_path(folder: Path) -> Path:
    """A path in a folder that nobody else has, or can guess, and that says whose it is."""
    return folder / f".spacy-lstm-sentiment-{uuid4().hex}"


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


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    if os.name == "nt":  # where folders cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
