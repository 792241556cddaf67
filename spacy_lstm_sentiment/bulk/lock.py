"""One run at a time on an output."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_lstm_sentiment.errors import InputError


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold a lock file, whose folder is made if need be.

    The operating system lets go of it when the process ends, however it does; processes that were
    forked from it don't hold it. Raises InputError where another process does.
    """
    descriptor = _acquire(path)
    while not _is_still_there(path, descriptor):
        # Its last holder has removed it in the meantime.
        os.close(descriptor)
        descriptor = _acquire(path)
    try:
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def _acquire(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        holder = path.read_text(errors="replace") or "another"
        raise InputError(
            f"{path.parent}: process {holder} is writing there: wait for it, or name another output"
        ) from None
    return descriptor


def _is_still_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
