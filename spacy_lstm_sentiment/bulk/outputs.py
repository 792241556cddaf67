"""What a run must not overwrite."""

from pathlib import Path

from spacy_lstm_sentiment.bulk.sinks.formats import STANDARD_OUTPUT
from spacy_lstm_sentiment.bulk.workspace import is_begun, is_joined
from spacy_lstm_sentiment.errors import InputError


def check_outputs(
    output: str, rejects: str, named: list[str], files: list[str], force: bool
) -> None:
    """Raise InputError where a file cannot be written, or must not be.

    `named` are the inputs as the user gave them, `files` the files that they stand for.
    """
    for path in map(Path, {output, rejects} - {STANDARD_OUTPUT}):
        _check_folders(path, named)
        if path.exists():
            _check_file(path, files)
    if force:
        return
    # What this very run has left before it was killed is no one else's.
    if output != STANDARD_OUTPUT and Path(output).exists() and not is_joined(output):
        raise _already_there(output)
    if rejects != STANDARD_OUTPUT and Path(rejects).exists() and not is_begun(output):
        raise _already_there(rejects)


def _check_folders(path: Path, named: list[str]) -> None:
    for name in named:
        if Path(name).is_dir() and path.resolve().is_relative_to(Path(name).resolve()):
            raise InputError(
                f"{path}: is inside the input {name}, where the next run would read it: name a"
                " file elsewhere"
            )


def _check_file(path: Path, files: list[str]) -> None:
    if path.is_dir():
        raise InputError(f"{path}: a folder: name a file")
    if any(Path(file).exists() and path.samefile(file) for file in files):
        raise InputError(f"{path}: an input would be overwritten: name another output")


def _already_there(path: str) -> InputError:
    return InputError(f"{path}: already there: name another output, or replace with --force")
