"""What has to be said of how an input is read, quiet or not."""

import sys
from collections.abc import Callable

from tqdm import tqdm

Note = Callable[[str], None]


def say(message: str) -> None:
    """A line on standard error, above whatever progress bar is there."""
    tqdm.write(message, sys.stderr)


def unsaid(message: str) -> None:
    """Nothing, of what has been said before."""


class Notices:
    """Says each message once, however often a file is read, and keeps all."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, message: str) -> None:
        if message not in self.said:
            self.said.append(message)
            say(message)
