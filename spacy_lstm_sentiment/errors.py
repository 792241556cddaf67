"""The one exception that means: the input is at fault, not the program."""


class InputError(ValueError):
    """Bad input. The message is one line: what is wrong, where, and how to mend it.

    The command line prints the message and exits with code 1; it never shows a traceback for it.
    """
