"""One run at a time in a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from filelock import FileLock, Timeout

from spacy_lstm_sentiment.errors import Conflict
from spacy_lstm_sentiment.files import open_whole

LOCK, HOLDER = "lock", "holder"

# Process, device and number of the folders that are held by threads of this process.
_held: set[tuple[int, int, int]] = set()
_change = Lock()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold a folder.

    The operating system lets go of it when the process ends, however it does; processes that were
    forked from it don't hold it. Raises InputError where another process does, or another thread.
    """
    with _held_here(folder):
        lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            raise _busy(folder) from None
        try:
            with open_whole(folder / HOLDER) as file:
                file.write(str(os.getpid()).encode())
            yield
        finally:
            lock.release()


@contextmanager
def _held_here(folder: Path) -> Iterator[None]:
    """Hold a folder within this process, where some systems give a lock to all who ask."""
    stat = folder.stat()
    key = os.getpid(), stat.st_dev, stat.st_ino
    with _change:
        if key in _held:
            raise _busy(folder)
        _held.add(key)
    try:
        yield
    finally:
        with _change:
            _held.discard(key)


def _busy(folder: Path) -> Conflict:
    try:
        holder = (folder / HOLDER).read_text(errors="replace")
    except FileNotFoundError:
        holder = "another"
    return Conflict(
        f"{folder}: process {holder} is writing there: wait for it, or name another output"
    )
