"""The folder beside an output in which a run leaves its parts until they are joined."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spacy_lstm_sentiment.bulk.lock import hold
from spacy_lstm_sentiment.bulk.manifest import Manifest, read_manifest
from spacy_lstm_sentiment.bulk.parts import Part, read_parts, remove_folder
from spacy_lstm_sentiment.bulk.sinks.files import compressed
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.sources.opening import split_extension
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole, sync_folder

LOCK, MANIFEST, JOINED = "lock", "manifest.json", "joined.json"


def parts_path(output: str) -> Path:
    """The folder with the parts of an output."""
    return Path(f"{output}.parts")


@dataclass(frozen=True)
class Workspace:
    """A run's folder, held by this process.

    output and rejects: the files that it will make of its parts. parts: where those are; a folder
    of this run's own, so that a worker of another one that was killed never writes into it.
    """

    folder: Path
    parts: Path
    output: Path
    rejects: Path

    def read_parts(self) -> list[Part]:
        """The parts that are there."""
        return read_parts(self.parts)

    def finished(self) -> Summary | None:
        """The summary of this run, where its output has its name already."""
        return _joined(self.folder, self.output)

    def join(self, format: Format, n_rows: int) -> Summary:
        """Make the rejects and the output of the parts, which have to hold all rows."""
        parts = self.read_parts()
        ends = [0, *(part.end for part in parts)]
        if [part.first for part in parts] != ends[:-1] or ends[-1] != n_rows:
            raise InputError(f"{self.parts}: parts are missing: start the run again to make them")
        summary = Summary()
        for part in parts:
            summary.merge(part.summary)
        if any(part.n_rejects for part in parts):
            self.rejects.parent.mkdir(parents=True, exist_ok=True)
            with open_whole(self.rejects) as file:
                for part in parts:
                    part.copy_rejects(file)
        else:
            self.rejects.unlink(missing_ok=True)
        with open_whole(self.output, self.folder) as file:
            with compressed(file, split_extension(self.output.name)[1]) as stream:
                format.join(parts, stream)
            file.flush()
            stat = os.fstat(file.fileno())
            self._save(JOINED, {"file": [stat.st_ino, stat.st_size], "summary": summary.to_dict()})
        return summary

    def remove(self) -> None:
        """Remove the folder, what tells that the output is finished last."""
        remove_folder(self.parts)
        remove_folder(self.folder)

    def _save(self, name: str, content: object) -> None:
        with open_whole(self.folder / name) as file:
            file.write(json.dumps(content).encode())


@contextmanager
def open_workspace(
    output: str, rejects: str, manifest: Manifest, resume: bool
) -> Iterator[Workspace]:
    """The folder for a run of this manifest, with the parts that are there already.

    After an error the folder stays, if there are parts in it. Raises InputError where another
    process holds it, or where it has the parts of another run and `resume` is true; otherwise
    those are removed.
    """
    folder = parts_path(output)
    with hold(folder / LOCK):
        _clear(folder, manifest, resume)
        parts = folder / manifest.digest
        space = Workspace(folder, parts, Path(output), Path(rejects))
        try:
            if not parts.exists():
                _begin(folder, parts, manifest)
            yield space
        except BaseException:
            if not space.read_parts():
                space.remove()
            raise
        space.remove()


def _clear(folder: Path, manifest: Manifest, resume: bool) -> None:
    """Make sure that a folder has nothing but what this run can go on with."""
    found = folder / MANIFEST
    if not found.exists():
        pass
    elif resume:
        reason = manifest.difference(read_manifest(found))
        if reason is None:
            return
        raise InputError(
            f"{folder}: has parts of a run with {reason}: start over with --no-resume, or go on as"
            " it began"
        )
    for path in folder.iterdir():
        if path.is_dir():
            remove_folder(path)
        elif path.name != LOCK:
            path.unlink()


def _begin(folder: Path, parts: Path, manifest: Manifest) -> None:
    parts.mkdir()
    with open_whole(folder / MANIFEST) as file:
        file.write(manifest.to_json().encode())
    sync_folder(folder.parent)


def is_begun(output: str) -> bool:
    """Whether there are parts of an output, of whatever run."""
    return (parts_path(output) / MANIFEST).exists()


def is_joined(output: str) -> bool:
    """Whether an output is there, and was made of the parts beside it."""
    return _joined(parts_path(output), Path(output)) is not None


def _joined(folder: Path, output: Path) -> Summary | None:
    """The summary of an output that was made of parts, written down before it got its name."""
    try:
        joined = json.loads((folder / JOINED).read_text())
        stat = output.stat()
    except (FileNotFoundError, ValueError):
        return None
    same = [stat.st_ino, stat.st_size] == joined["file"]
    return Summary.from_dict(joined["summary"]) if same else None
