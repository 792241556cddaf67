"""What is the input's fault and not the program's, one line each.

InputError
├── MissingExtra   an optional package is not installed
├── Untrained      a pipeline has not been trained yet
├── Damaged        a file or a pipeline is not as it was written
├── Conflict       something is in the way: what would be lost, or another run
└── Interrupted    a run was stopped before its end
"""

import signal
from importlib import import_module
from typing import Any

__all__ = [
    "Conflict",
    "Damaged",
    "InputError",
    "Interrupted",
    "MissingExtra",
    "Untrained",
    "one_line",
    "require",
]


class InputError(ValueError):
    """Bad input. The message is one line: what is wrong, where, and how to mend it.

    The command line prints the message and exits with `exit_code`; it never shows a traceback for
    it.
    """

    exit_code = 1


class MissingExtra(InputError):
    """A package is not installed that an extra of this one brings; the message is pip's command."""


class Untrained(InputError):
    """A pipeline or component that has not been trained yet."""


class Damaged(InputError):
    """A file or pipeline that is broken, incomplete, or not as it was written."""


class Conflict(InputError):
    """Something is in the way: what would be overwritten, or a run that is not over."""


class Interrupted(InputError):
    """A run that was stopped by a signal, with the exit code that a shell gives to it."""

    def __init__(self, message: str, number: int = signal.SIGINT) -> None:
        super().__init__(message)
        self.exit_code = 128 + number


def require(module: str, extra: str, what: str) -> Any:
    """A module of an optional package; `what` is the feature that needs it.

    RAISES MissingExtra: It is not installed, or cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError)
        reason = "" if missing else f", which cannot be imported ({one_line(error)})"
        package = module.partition(".")[0]
        raise MissingExtra(
            f'{what} needs {package}{reason}: pip install "spacy-lstm-sentiment[{extra}]"'
        ) from None


def one_line(error: Exception) -> str:
    """An error's kind and message, without line breaks."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
