"""The folder beside an output in which a run leaves its parts until they are joined."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from spacy_lstm_sentiment.bulk.lock import HOLDER, LOCK, lock_folder
from spacy_lstm_sentiment.bulk.manifest import Manifest, is_manifest, read_manifest
from spacy_lstm_sentiment.bulk.parts import Part, read_parts
from spacy_lstm_sentiment.bulk.places import are_all
from spacy_lstm_sentiment.bulk.rejects import remove_rejects, require_rejects
from spacy_lstm_sentiment.bulk.sinks.files import compressed
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import Conflict, Damaged
from spacy_lstm_sentiment.files import TEMPORARY, open_whole, sync_folder, temporary_path
from spacy_lstm_sentiment.records.opening import split_extension
from spacy_lstm_sentiment.records.splits import Split, lines_before

MANIFEST, JOINED = "manifest.json", "joined.json"


def work_path(output: str) -> Path:
    """The folder with the parts of an output."""
    return Path(f"{output}.spacy-lstm-sentiment")


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

    def join(self, format: Format, splits: Sequence[Split]) -> Summary:
        """Make the rejects and the output of the parts, which have to hold all rows."""
        parts = self.read_parts()
        if not are_all((part.place for part in parts), len(splits)):
            raise Damaged(f"{self.parts}: parts are missing: start the run again to make them")
        summary = Summary()
        for part in parts:
            summary.merge(part.summary)
        self._join_rejects(parts, splits)
        with open_whole(self.output, self.folder) as file:
            with compressed(file, split_extension(self.output.name)[1]) as stream:
                format.join(parts, stream)
            file.flush()
            stat = os.fstat(file.fileno())
            self._save(JOINED, {"file": [stat.st_ino, stat.st_size], "summary": summary.to_dict()})
        return summary

    def _join_rejects(self, parts: list[Part], splits: Sequence[Split]) -> None:
        require_rejects(self.rejects)
        if not any(part.rejects_size for part in parts):
            remove_rejects(self.rejects)
            return
        n_lines = (part.n_lines for part in parts if part.place.is_last)
        n_before = lines_before(splits, n_lines)
        self.rejects.parent.mkdir(parents=True, exist_ok=True)
        with open_whole(self.rejects) as file:
            for part in parts:
                part.copy_rejects(file, n_before[part.place.split])

    def remove(self) -> None:
        """Remove the folder, what tells that the output is finished last."""
        _empty(self.folder)
        if any(path.name not in (LOCK, HOLDER, MANIFEST) for path in self.folder.iterdir()):
            return  # what no run has put there, or what somebody is writing there still
        gone = temporary_path(self.folder.parent)
        with suppress(OSError):  # some systems keep what is open
            # By its name it is ours to the last: a kill in between leaves none without a manifest.
            self.folder.rename(gone)
            for name in (LOCK, HOLDER, MANIFEST):
                (gone / name).unlink(missing_ok=True)
            gone.rmdir()

    def _save(self, name: str, content: object) -> None:
        with open_whole(self.folder / name) as file:
            file.write(json.dumps(content).encode())


@contextmanager
def open_workspace(
    output: str, rejects: str, manifest: Manifest, resume: bool
) -> Iterator[Workspace]:
    """The folder for a run of this manifest, with the parts that are there already.

    After an error the folder stays, if there are parts in it. Raises InputError for a folder that
    no run has made, and where another process holds it, or where it has the parts of another run
    and `resume` is true; otherwise those are removed.
    """
    folder = work_path(output)
    with _hold(folder, manifest) as is_new:
        if not is_new:
            _clear(folder, manifest, resume)
        space = Workspace(folder, folder / manifest.digest, Path(output), Path(rejects))
        try:
            space.parts.mkdir(exist_ok=True)
            yield space
        except BaseException:
            if not space.read_parts():
                space.remove()
            raise
        space.remove()


@contextmanager
def _hold(folder: Path, manifest: Manifest) -> Iterator[bool]:
    """Hold a folder that has a manifest, of this run or another; gives whether it is new."""
    while True:
        is_made = _make(folder, manifest)
        with lock_folder(folder):
            if is_manifest(folder / MANIFEST):
                yield is_made and read_manifest(folder / MANIFEST) == manifest
                return
            # Its last holder has removed it in the meantime.


def _make(folder: Path, manifest: Manifest) -> bool:
    """Make a folder, with its manifest from the first moment on, by which it is known as ours.

    Gives whether it was not there before.
    """
    is_new = not folder.exists()
    if is_new:
        folder.parent.mkdir(parents=True, exist_ok=True)
        new = temporary_path(folder.parent)
        new.mkdir()
        try:
            _write_manifest(new, manifest)
            new.rename(folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            if not folder.exists():  # otherwise another run was faster
                raise
        sync_folder(folder.parent)
    if not is_manifest(folder / MANIFEST):
        raise Conflict(
            f"{folder}: no run has made it, and the parts would go there: move it away, or name"
            " another output"
        )
    return is_new


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    with open_whole(folder / MANIFEST) as file:
        file.write(manifest.to_json().encode())


def _clear(folder: Path, manifest: Manifest, resume: bool) -> None:
    """Make sure that a folder has nothing but what this run can go on with."""
    if resume:
        reason = manifest.difference(read_manifest(folder / MANIFEST))
        if reason is None:
            return
        raise Conflict(
            f"{folder}: has parts of a run with {reason}: start over with --no-resume, or go on as"
            " it began"
        )
    _empty(folder)
    _write_manifest(folder, manifest)


def _empty(folder: Path) -> None:
    """Remove what runs have left in a folder, what tells that an output is finished last."""
    for path in folder.iterdir():
        if _is_digest(path.name):
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.startswith(TEMPORARY):
            path.unlink()
    (folder / JOINED).unlink(missing_ok=True)


def _is_digest(name: str) -> bool:
    """Whether a name is that of a folder of parts, which a manifest's digest is."""
    return len(name) == 16 and set(name) <= set("0123456789abcdef")


def is_begun(output: str) -> bool:
    """Whether there are parts of an output, of whatever run."""
    return is_manifest(work_path(output) / MANIFEST)


def is_joined(output: str) -> bool:
    """Whether an output is there, and was made of the parts beside it."""
    return _joined(work_path(output), Path(output)) is not None


def _joined(folder: Path, output: Path) -> Summary | None:
    """The summary of an output that was made of parts, written down before it got its name."""
    try:
        joined = json.loads((folder / JOINED).read_text())
        stat = output.stat()
    except (FileNotFoundError, ValueError):
        return None
    same = [stat.st_ino, stat.st_size] == joined["file"]
    return Summary.from_dict(joined["summary"]) if same else None
