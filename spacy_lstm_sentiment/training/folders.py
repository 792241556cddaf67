"""Folders of pipelines: written whole or not at all, and never over something else."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy_lstm_sentiment.errors import InputError


def require_writable(output: Path, force: bool) -> None:
    """RAISES InputError: The folder has content that must not be overwritten.

    force (bool): Let a pipeline be overwritten; anything else never is.
    """
    if output.is_file():
        raise InputError(f"{output}: is a file; name a folder")
    if output.is_dir() and any(output.iterdir()):
        if not (output / "meta.json").is_file():  # also with --force: it could be anything
            raise InputError(f"{output}: has other content than a pipeline; choose another folder")
        if not force:
            raise InputError(
                f"{output}: exists; overwrite it with --force or choose another folder"
            )


@contextmanager
def whole_folder(output: Path) -> Iterator[Path]:
    """Yield a path for the block to make a folder at, which takes `output`'s place at its end.

    An interrupted block leaves what was there before.
    """
    output = output.resolve()
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}-", dir=output.parent) as scratch:
        complete = Path(scratch) / "complete"
        yield complete
        if output.exists():
            output.rename(Path(scratch) / "replaced")
        complete.rename(output)
