"""What a run must not overwrite."""

import os
from pathlib import Path
from stat import S_ISREG

from spacy_lstm_sentiment.bulk.rejects import require_rejects
from spacy_lstm_sentiment.bulk.sinks.formats import STANDARD_OUTPUT
from spacy_lstm_sentiment.bulk.workspace import is_begun, is_joined, work_path
from spacy_lstm_sentiment.errors import Conflict, InputError
from spacy_lstm_sentiment.files import is_within, require_distinct, require_file
from spacy_lstm_sentiment.records.opening import STANDARD_INPUT


def check_outputs(
    output: str, rejects: str, named: list[str], files: list[str], force: bool
) -> None:
    """Raise InputError where a file cannot be written, or must not be.

    `named` are the inputs as the user gave them, `files` the files that they stand for.
    """
    paths = [Path(path) for path in (output, rejects) if path != STANDARD_OUTPUT]
    for path in paths:
        _check_folders(path, named)
        require_file(path)
    sources = [_behind(0) if path == STANDARD_INPUT else _local(path) for path in files]
    require_distinct(
        {
            "--output": _behind(1) if output == STANDARD_OUTPUT else output,
            "--rejects": None if rejects == STANDARD_OUTPUT else rejects,
        },
        [path for path in sources if path is not None],
    )
    if output != STANDARD_OUTPUT:
        _check_work_folder(output, rejects, sources)
    check_existing(output, rejects, force)
    if rejects != STANDARD_OUTPUT:
        require_rejects(Path(rejects))


def check_existing(output: str, rejects: str, force: bool) -> None:
    """Raise InputError for a file that is there and must not be replaced."""
    if force:
        return
    # What this very run has left before it was killed is no one else's.
    if output != STANDARD_OUTPUT and os.path.lexists(output) and not is_joined(output):
        raise _already_there(output)
    if rejects != STANDARD_OUTPUT and os.path.lexists(rejects) and not is_begun(output):
        raise _already_there(rejects)


def _check_folders(path: Path, named: list[str]) -> None:
    for name in named:
        if Path(name).is_dir() and is_within(path, name):
            raise Conflict(
                f"{path}: is inside the input {name}, where the next run would read it: name a"
                " file elsewhere"
            )


def _check_work_folder(output: str, rejects: str, sources: list[Path | None]) -> None:
    folder = work_path(output)
    for path in {Path(rejects), *(path.parent for path in sources if path is not None)}:
        if is_within(path, folder):
            raise InputError(f"{path}: is inside {folder}, which goes at the end: name another")


def _behind(descriptor: int) -> Path | None:
    """The file to which the shell has led a stream, if it is one."""
    try:
        is_file = S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return None
    return Path(f"/dev/fd/{descriptor}") if is_file else None


def _local(path: str) -> Path:
    return Path(path.removeprefix("file://"))


def _already_there(path: str) -> Conflict:
    return Conflict(f"{path}: already there: name another output, or replace with --force")
