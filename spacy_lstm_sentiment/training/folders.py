"""Folders of pipelines: written whole or not at all, and never over something else."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_lstm_sentiment.errors import Conflict, InputError
from spacy_lstm_sentiment.files import is_within, sync_folder, temporary_path

# What a pipeline's folder has beside its components.
PIPELINE_FILES = frozenset({"meta.json", "config.cfg", "tokenizer", "vocab"})


def require_writable(
    output: Path, force: bool, inputs: Iterable[Path] = (), also: Iterable[str] = ()
) -> None:
    """RAISES InputError: The folder has content that must not be overwritten.

    force (bool): Let a pipeline be overwritten; anything else never is.
    inputs: What is read meanwhile, and must not be lost with the folder.
    also: Names beside the pipeline's own that will be written anew.
    """
    if output.is_file():
        raise InputError(f"{output}: is a file; name a folder")
    for path in inputs:
        if is_within(path, output):
            raise Conflict(f"{output}: {path} would be lost with it; choose another folder")
    if output.is_dir() and any(output.iterdir()):
        other = _other_than_pipeline(output, also)  # also with --force: it could be anything
        if other:
            raise Conflict(
                f"{output}: has other content than a pipeline, {other}; choose another folder"
            )
        if not force:
            raise Conflict(f"{output}: exists; overwrite it with --force or choose another folder")


def _other_than_pipeline(folder: Path, also: Iterable[str]) -> str | None:
    """The name of something in a folder that spaCy has not written there."""
    found = {path.name for path in folder.iterdir()}
    try:
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        # Some components are files, such as sentencizer.json.
        components = {*meta["components"], *(f"{name}.json" for name in meta["components"])}
    except (OSError, ValueError, LookupError, TypeError):
        return min(found)
    return min(found - PIPELINE_FILES - components - {*also}, default=None)


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Yield a path for the block to make a folder at, which takes `output`'s place at its end.

    Whatever ends this before, and at whatever moment, `output` is what it was.
    """
    output = output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    scratch = temporary_path(output.parent)
    scratch.mkdir()
    complete, replaced = scratch / "complete", scratch / "replaced"
    try:
        yield complete
        _sync(complete)
        if output.exists():
            output.rename(replaced)
        complete.rename(output)
    finally:
        if replaced.exists() and not output.exists():
            replaced.rename(output)
        if output.exists() or not replaced.exists():
            shutil.rmtree(scratch, ignore_errors=True)
    sync_folder(output.parent)


def _sync(folder: Path) -> None:
    """Put all files in a folder on the disk."""
    if os.name == "nt":  # where files would have to be opened for writing
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
