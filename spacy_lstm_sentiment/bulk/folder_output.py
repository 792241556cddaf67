"""An output that is a folder of parts, on a disk or in object storage, and what finishes it.

    part-00000000-000000000000-000000050000.jsonl.gz    a split's rows, by their numbers in it
    _rejects/part-...jsonl                              those of them that could not be scored
    _spacy-lstm-sentiment/                              what runs know: gone when all is done
        manifest.json                                   made by whoever comes first
        rejects/...jsonl                                with lines as they are counted in the split
        done/...json                                    the counts of a part, written after it
        shares/03-of-16.json                            a share of the run that is done
    _SUCCESS                                            all is there: the counts of the run

Spark, Hive, pyarrow and DuckDB leave out what begins with "_" or has another extension.
"""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy_lstm_sentiment.bulk.folder_run import Share
from spacy_lstm_sentiment.bulk.manifest import Manifest
from spacy_lstm_sentiment.bulk.places import NAME, Place, are_all, without_overlaps
from spacy_lstm_sentiment.bulk.shards import ScoredShard
from spacy_lstm_sentiment.bulk.sinks.encoders import numbered
from spacy_lstm_sentiment.bulk.sinks.files import compressed
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.storage import Storage
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import TEMPORARY
from spacy_lstm_sentiment.records.inputs import REJECTS, SUCCESS, WORK
from spacy_lstm_sentiment.records.splits import Split, lines_before
from spacy_lstm_sentiment.records.urls import shown

MANIFEST, DONE, SHARES = f"{WORK}/manifest.json", f"{WORK}/done", f"{WORK}/shares"
COUNTED = f"{WORK}/rejects"  # those with lines as their split counts them
PART = re.compile(rf"(?:_rejects/)?part-{NAME.pattern}\.[.a-z0-9]+")


@dataclass(frozen=True)
class FolderParts:
    """Leaves each part as a file of the output.

    extension: of the format, with that of the compression: .jsonl.gz.
    """

    storage: Storage
    extension: str

    @property
    def folder(self) -> Path | None:
        return None if self.storage.is_remote else Path(self.storage.url)

    def absolute(self) -> "FolderParts":
        if self.folder is None:
            return self
        return FolderParts(Storage(str(self.folder.absolute())), self.extension)

    def write(self, scored: ScoredShard, format: Format) -> None:
        """Leave a part, and after it what tells that it is there."""
        name = scored.place.name
        if scored.summary.n_written:
            data = self._encode(scored, format)
            self.storage.put(f"part-{scored.place.rows}{self.extension}", data)
        if scored.rejects:
            self.storage.put(f"{COUNTED}/{name}.jsonl", scored.rejects)
        counts = {"summary": scored.summary.to_dict(), "lines": scored.n_lines}
        self.storage.put(f"{DONE}/{name}.json", json.dumps(counts).encode())

    def _encode(self, scored: ScoredShard, format: Format) -> bytes:
        file = io.BytesIO()
        compression = "." + self.extension.rpartition(".")[2]
        with compressed(file, compression) as stream:
            format.join([scored], stream)
        return file.getvalue()


@dataclass(frozen=True)
class FolderOutput:
    """The folder of a run, which its manifest has claimed."""

    storage: Storage
    extension: str
    manifest: Manifest

    @property
    def parts(self) -> FolderParts:
        """Where each shard goes."""
        return FolderParts(self.storage, self.extension)

    def done(self) -> list[Place]:
        """The places of the parts that are there, in order."""
        names = (Path(name).stem for name in self.storage.names(DONE))
        return without_overlaps(filter(None, map(Place.of, names)))

    def leave(self, share: Share, n_splits: int) -> None:
        """Tell that a share of a run of so many splits is done."""
        self.storage.put(f"{SHARES}/{share.name}.json", json.dumps({"splits": n_splits}).encode())

    def finished(self) -> Summary | None:
        """The counts of this very run, where it is finished but for what it has to clear away."""
        success = _success(self.storage)
        if success is None or success["run"] != self.manifest.digest:
            return None
        self._clear_work()
        return Summary.from_dict(success["summary"])

    def finish(self, splits: Sequence[Split]) -> Summary:
        """See that all parts are there, and say so. RAISES InputError: Some are not."""
        self._require_shares(len(splits))
        places = self.done()
        if not are_all(places, len(splits)):
            raise InputError(
                f"{shown(self.storage.url)}: parts are missing: give the run's command again, to"
                " make them"
            )
        counts = self.storage.get_all([f"{DONE}/{place.name}.json" for place in places])
        done = dict(zip(places, map(json.loads, counts), strict=True))
        summary = Summary()
        for each in done.values():
            summary.merge(Summary.from_dict(each["summary"]))
        self._leave_rejects(done, splits)
        stems = {f"part-{place.rows}" for place in places}
        # What a process left that was killed before it could tell, and rows that are in others.
        names = [name for name in self.storage.names() if _is_part(name)]
        self.storage.remove(n for n in names if Path(n).name.partition(".")[0] not in stems)
        n_rows = sum(place.end - place.first for place in places)
        content = {"run": self.manifest.digest, "rows": n_rows, "summary": summary.to_dict()}
        self.storage.put(SUCCESS, json.dumps(content, indent=1).encode())
        self._clear_work()
        return summary

    def _leave_rejects(self, done: dict[Place, dict[str, Any]], splits: Sequence[Split]) -> None:
        """Put the rejects where they belong, with the lines of their files."""
        n_before = lines_before(splits, (done[place]["lines"] for place in done if place.is_last))
        there = set(self.storage.names(COUNTED))
        for place in done:
            name = f"{COUNTED}/{place.name}.jsonl"
            rejects = self.storage.get(name) if name in there else None
            if rejects:
                lines = numbered(rejects, n_before[place.split])
                self.storage.put(f"{REJECTS}/part-{place.rows}.jsonl", lines)

    def _require_shares(self, n_splits: int) -> None:
        """RAISES InputError: A share is not done, or of an input that is another now."""
        found = {Path(name).stem: name for name in self.storage.names(SHARES)}
        total = {stem.partition("-of-")[2] for stem in found}
        if len(total) != 1:
            raise InputError(
                f"{shown(self.storage.url)}: "
                + ("no part of the run is done" if not total else "shares of several sizes")
                + ": run all parts, of as many as there are, then --finish"
            )
        (of,) = map(int, total)
        names = [Share(number, of).name for number in range(1, of + 1)]
        missing = [number for number, name in enumerate(names, 1) if name not in found]
        if missing:
            raise InputError(
                f"{shown(self.storage.url)}: {len(missing)} of {of} parts are not done, the first"
                f" is --part {missing[0]}/{of}: run it first"
            )
        counts = {json.loads(d)["splits"] for d in self.storage.get_all([found[n] for n in names])}
        if counts != {n_splits}:
            raise InputError(
                f"{shown(self.storage.url)}: the parts have read other inputs than there are now:"
                " start over with --no-resume"
            )

    def _clear_work(self) -> None:
        names = self.storage.names(WORK)
        # The manifest last: by it the rest is known as ours.
        self.storage.remove(name for name in names if name != MANIFEST)
        self.storage.remove(name for name in names if name == MANIFEST)


def open_folder(
    output: str,
    extension: str,
    manifest: Manifest,
    resume: bool,
    force: bool,
    finish: bool = False,
) -> FolderOutput:
    """Claim a folder for a run.

    Several runs of one manifest may work there at a time: each part is the same, whoever writes it.
    RAISES InputError: The folder has another run, or is finished, or has files of somebody else.
    """
    folder = FolderOutput(Storage(output), extension, manifest)
    storage = folder.storage
    if _success(storage) is not None and storage.get(MANIFEST) is None:
        if not force:
            raise InputError(
                f"{shown(output)}: already there: name another output, or replace with --force"
            )
        _empty(storage)
    text = manifest.to_json().encode()
    claimed_by = storage.get(MANIFEST)
    if claimed_by is None and finish:
        raise InputError(f"{shown(output)}: no part of the run is done: run all, then --finish")
    if claimed_by is None:
        foreign = [name for name in storage.names() if not _is_ours(name)]
        if foreign:
            raise InputError(
                f"{shown(output)}: has {foreign[0]}, which no run has made: name a folder of its"
                " own"
            )
        if storage.create(MANIFEST, text):
            return folder
    claimed = Manifest(**json.loads(claimed_by or storage.get(MANIFEST) or text))
    reason = manifest.difference(claimed)
    if reason is None:
        return folder
    if resume:
        raise InputError(
            f"{shown(output)}: has parts of a run with {reason}: start over with --no-resume, or go"
            " on as it began"
        )
    _empty(storage)
    storage.put(MANIFEST, text)
    return folder


def _success(storage: Storage) -> dict[str, Any] | None:
    """What a finished run has left. RAISES InputError: It is not ours, but Spark's, say."""
    text = storage.get(SUCCESS)
    if text is None:
        return None
    try:
        found = json.loads(text)
        return {name: found[name] for name in ("run", "rows", "summary")}
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{shown(storage.url)}: has the output of another program: name a folder of its own"
        ) from None


def _empty(storage: Storage) -> None:
    """Remove what runs have left, what tells that all is there first."""
    storage.remove([SUCCESS])
    storage.remove(name for name in storage.names() if _is_ours(name) and name != MANIFEST)


def _is_ours(name: str) -> bool:
    return name.startswith(f"{WORK}/") or name == SUCCESS or _is_part(name)


def _is_part(name: str) -> bool:
    """Whether a file is a part, of rows or rejects, or was to be one."""
    return bool(PART.fullmatch(name)) or Path(name).name.startswith(TEMPORARY)
