"""Files of the rows that cannot be scored."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tqdm import tqdm

from spacy_lstm_sentiment.bulk.sinks.formats import STANDARD_OUTPUT
from spacy_lstm_sentiment.errors import InputError

MEMBERS = frozenset({"source", "line", "reason", "raw"})


def rejects_path(output: str) -> str:
    """Where the rows that cannot be scored go, if nobody says otherwise; "-" is standard error."""
    if output.endswith("/"):
        return f"{output}_rejects/"
    return output if output == STANDARD_OUTPUT else f"{output}.rejects.jsonl"


def is_rejects(path: Path) -> bool:
    """Whether a file has the rejects of a run, and so was written by one."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(1) != b"{":
            return False
        try:
            return json.loads(b"{" + file.readline()).keys() >= MEMBERS
        except ValueError:
            return False


def require_rejects(path: Path) -> None:
    """Raise InputError where rejects would replace what are none."""
    if path.exists() and not ((path.is_file() and path.stat().st_size == 0) or is_rejects(path)):
        raise InputError(
            f"{path}: there, and no file of rejects, which would replace it: name another --rejects"
        )


def remove_rejects(path: Path) -> None:
    """Remove the rejects of an earlier run, where a file has those and nothing else."""
    if is_rejects(path):
        path.unlink()


@contextmanager
def write_rejects(rejects: str) -> Iterator[Callable[[bytes], object]]:
    """What writes rejects as they come, to standard error or a file.

    The file is there from the first reject on.
    """
    if rejects == STANDARD_OUTPUT:
        yield lambda lines: tqdm.write(lines.decode(), sys.stderr, end="")
        return
    path, file = Path(rejects), None
    remove_rejects(path)

    def write(lines: bytes) -> None:
        nonlocal file
        if lines and file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context(path.open("wb" if path.exists() else "xb"))
        if file is not None:
            file.write(lines)

    with ExitStack() as stack:
        yield write
