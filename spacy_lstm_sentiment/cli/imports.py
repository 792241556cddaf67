"""How a command imports the libraries that take a second to import."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def lasting_imports() -> Iterator[None]:
    """Import without looking for garbage among what stays until the end.

    The collector would go through spaCy's and torch's objects again and again as they come, and
    once more at exit: a quarter of the time that a command takes to start and to end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
