"""The one exception that means: the input is at fault, not the program."""


class InputError(ValueError):
    """Bad input. The message is one line: what is wrong, where, and how to mend it.

    The command line prints the message and exits with code 1; it never shows a traceback for it.
    """


def one_line(error: Exception) -> str:
    """An error's kind and message, without line breaks."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
