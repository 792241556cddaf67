"""How far a run is, on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from tqdm import tqdm

# Seconds between lines where standard error is no terminal.
INTERVAL = 30.0


class Progress(Protocol):
    """Told of rows and of rejects among them, and how many rows there seem to be."""

    def expect(self, rows: int | None) -> None: ...

    def add(self, rows: int, rejects: int) -> None: ...

    def say(self, message: str) -> None: ...


class Silent:
    """No progress at all."""

    def expect(self, rows: int | None) -> None:
        """Nothing."""

    def add(self, rows: int, rejects: int) -> None:
        """Nothing."""

    def say(self, message: str) -> None:
        """Nothing."""


class Bar:
    """A bar on a terminal."""

    def __init__(self, bar: tqdm) -> None:
        self._bar = bar
        self._rejects = 0

    def expect(self, rows: int | None) -> None:
        """Set the end of the bar."""
        self._bar.total = rows

    def add(self, rows: int, rejects: int) -> None:
        """Move the bar."""
        self._rejects += rejects
        self._bar.set_postfix(rejects=self._rejects, refresh=False)
        self._bar.update(rows)

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        tqdm.write(message, sys.stderr)


class Lines:
    """A line now and then, for logs."""

    def __init__(self) -> None:
        self._start = self._last = time.monotonic()
        self._rows = self._rejects = 0
        self._expected: int | None = None

    def expect(self, rows: int | None) -> None:
        """Note when the run will end."""
        self._expected = rows

    def add(self, rows: int, rejects: int) -> None:
        """Print a line if the last one is long ago."""
        self._rows += rows
        self._rejects += rejects
        now = time.monotonic()
        if now - self._last >= INTERVAL:
            self._last = now
            rate = self._rows / (now - self._start)
            left = max(0, (self._expected or 0) - self._rows) / rate
            eta = f", {tqdm.format_interval(left)} left" if self._expected else ""
            self.say(f"{self._rows:,} rows, {rate:,.0f} rows/s{eta}, {self._rejects:,} rejects")

    def say(self, message: str) -> None:
        """Print a line."""
        print(message, file=sys.stderr, flush=True)


@contextmanager
def show_progress(quiet: bool) -> Iterator[Progress]:
    """Progress in the way that suits standard error."""
    if quiet:
        yield Silent()
    elif sys.stderr.isatty():
        with tqdm(desc="scoring", unit=" rows", file=sys.stderr) as bar:
            yield Bar(bar)
    else:
        yield Lines()
