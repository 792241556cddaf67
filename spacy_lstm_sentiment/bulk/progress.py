"""How far a run is, on standard error, or in a notebook."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import std
from tqdm.auto import tqdm

# Seconds between lines where nothing can be drawn over.
INTERVAL = 30.0
LINE = "{n:,} rows, {rate_noinv_fmt}, {remaining} left{postfix}"


class _Log:
    """Standard error where a bar cannot draw over itself: each of its states is a line."""

    def write(self, text: str) -> None:
        if state := text.strip():
            print(state, file=sys.stderr)

    def flush(self) -> None:
        sys.stderr.flush()


class _Bar(tqdm):
    # No thread of its own, which would be there when workers are forked, and no semaphore, which
    # processes that are started in other ways would be said to leak.
    monitor_interval = 0
    _lock = threading.RLock()


class Progress:
    """Told of rows and of rejects among them, and how many rows there seem to be."""

    def __init__(self, bar: _Bar) -> None:
        self._bar = bar
        self._rejects = 0

    def expect(self, rows: int | None) -> None:
        """Set where the run ends."""
        self._bar.total = rows

    def add(self, rows: int, rejects: int) -> None:
        """Count rows that are done, and rejects among them."""
        self._rejects += rejects
        self._bar.set_postfix(rejects=self._rejects, refresh=False)
        self._bar.update(rows)

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        if not self._bar.disable:
            _Bar.write(message, sys.stderr)


@contextmanager
def show_progress(quiet: bool) -> Iterator[Progress]:
    """A bar on a terminal or in a notebook, a line now and then in a log; none if quiet."""
    options: dict[str, Any] = {"file": sys.stderr}
    if not (sys.stderr.isatty() or _draws_in_notebook()):
        options = {"file": _Log(), "bar_format": LINE, "mininterval": INTERVAL, "delay": INTERVAL}
    with _Bar(desc="scoring", unit=" rows", miniters=1, disable=quiet, **options) as bar:
        yield Progress(bar)


def _draws_in_notebook() -> bool:
    return tqdm.status_printer is not std.tqdm.status_printer
