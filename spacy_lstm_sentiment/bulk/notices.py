"""What has to be said of how an input is read, quiet or not."""

import sys

from tqdm import tqdm


def say(message: str) -> None:
    """A line on standard error, above whatever progress bar is there."""
    tqdm.write(message, sys.stderr)
