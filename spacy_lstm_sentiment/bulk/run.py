"""A run that has been checked: rows in, a file or a folder of scores out, and a summary."""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from spacy import Language

from spacy_lstm_sentiment.bulk.folder_output import open_folder
from spacy_lstm_sentiment.bulk.folder_run import ALL, FolderRun
from spacy_lstm_sentiment.bulk.manifest import make_manifest
from spacy_lstm_sentiment.bulk.output_checks import check_existing
from spacy_lstm_sentiment.bulk.parts import LocalParts
from spacy_lstm_sentiment.bulk.plan import Plan, ScoredShard
from spacy_lstm_sentiment.bulk.progress import Progress
from spacy_lstm_sentiment.bulk.rejects import write_rejects
from spacy_lstm_sentiment.bulk.rows import (
    Columns,
    Inputs,
    look_ahead,
    read_all,
)
from spacy_lstm_sentiment.bulk.shards import Shard, cut_shards, without_done
from spacy_lstm_sentiment.bulk.summary import Summary, check_rejects
from spacy_lstm_sentiment.bulk.workspace import open_workspace
from spacy_lstm_sentiment.records.blocks import Item, first_rows, n_characters, n_rows

# Rows that a dry run scores.
N_DRY = 100

# Carries out a plan with a pipeline on shards.
Engine = Callable[[Plan, Language, Iterable[Shard]], Iterator[ScoredShard]]


@dataclass
class Run:
    """A run that has been checked; its plan has no columns of records yet."""

    inputs: Inputs
    columns: Columns
    plan: Plan
    nlp: Language
    engine: Engine
    shard_size: int
    limit: int | None
    progress: Progress
    n_read: int = 0
    n_characters: int = 0
    size: int | None = None

    def try_out(self) -> Summary:
        """Score the first rows to nowhere."""
        self.limit = min(N_DRY, N_DRY if self.limit is None else self.limit)
        plan, rows = self._begin()
        return self._counted(self.engine(plan, self.nlp, cut_shards(rows, N_DRY)))

    def stream(self, rejects: str) -> Summary:
        """Score to standard output, in order; rejects to a file, or standard error."""
        plan, rows = self._begin()
        # Small shards: who reads standard output waits for the first rows.
        shards = cut_shards(rows, min(self.shard_size, plan.options.batch_size))
        scored = _in_order(self.engine(plan, self.nlp, shards))
        out = sys.stdout.buffer
        # What a component prints, or Ray, is none of the rows.
        with write_rejects(rejects) as write, redirect_stdout(sys.stderr):
            return self._counted(_written(scored, out, write))

    def write(self, output: str, rejects: str, resume: bool, force: bool) -> Summary:
        """Score into parts, and join those."""
        manifest = make_manifest(self.nlp, self.inputs.paths, self._options())
        with open_workspace(output, rejects, manifest, resume) as space:
            finished = space.finished()
            if finished is not None:
                return finished
            parts = space.read_parts()
            done = {part.first: part.end for part in parts}
            self._tell_of(done)
            plan, rows = self._begin()
            shards = (
                piece
                for shard in cut_shards(rows, self.shard_size)
                for piece in without_done(shard, done)
            )
            plan = replace(plan, parts=LocalParts(space.parts))
            now = self._counted(self.engine(plan, self.nlp, shards))
            check_existing(output, rejects, force)  # what has come meanwhile
            summary = space.join(plan.format, self.n_read)
            summary.n_resumed = summary.n_scored - now.n_scored
            return summary

    def write_folder(self, output: str, asked: FolderRun, resume: bool, force: bool) -> Summary:
        """Score a share of the shards into a folder of parts; finish it, if that is asked for."""
        options = {**self._options(), "format": asked.suffix}
        manifest = make_manifest(self.nlp, self.inputs.paths, options)
        folder = open_folder(output, asked.suffix, manifest, resume, force, asked.finish)
        finished = folder.finished()
        if finished is not None:
            return finished
        if asked.finish:
            return folder.finish()
        done = folder.done()
        self._tell_of(done)
        plan, rows = self._begin()
        shards = (
            piece
            for number, shard in enumerate(cut_shards(rows, self.shard_size))
            if asked.share.has(number)
            for piece in without_done(shard, done)
        )
        now = self._counted(self.engine(replace(plan, parts=folder.parts), self.nlp, shards))
        folder.leave(asked.share, self.n_read)
        if asked.share != ALL:
            return now
        summary = folder.finish()
        summary.n_resumed = summary.n_scored - now.n_scored
        return summary

    def _tell_of(self, done: dict[int, int]) -> None:
        if done:
            n_done = sum(end - first for first, end in done.items())
            self.progress.say(f"Resuming: {n_done:,} rows are done")

    def _begin(self) -> tuple[Plan, Iterator[Item]]:
        """The plan with the columns of a table, and the rows."""
        self.size = self.inputs.size()
        items = first_rows(read_all(self.inputs, self.columns), self.limit)
        format = self.plan.format
        if format.is_table:
            first, items = look_ahead(items, self.columns.text_field)
            format = format.of(first, self.inputs.paths) if first else format
        return replace(self.plan, format=format), self._noted(items)

    def _noted(self, items: Iterator[Item]) -> Iterator[Item]:
        for item in items:
            self.n_read += n_rows(item)
            self.n_characters += n_characters(item) + 1
            yield item

    def _n_expected(self) -> int | None:
        """How many rows there are, as far as the size of the inputs tells."""
        if self.size is None or not self.n_characters:
            return self.limit
        # Some characters have several bytes: that makes it an estimate.
        n_rows = max(self.n_read, round(self.n_read * self.size / self.n_characters))
        return n_rows if self.limit is None else min(n_rows, self.limit)

    def _counted(self, scored: Iterable[ScoredShard]) -> Summary:
        """The counts of all shards, reported on the way."""
        summary = Summary()
        for shard in scored:
            summary.merge(shard.summary)
            self.progress.expect(self._n_expected())
            self.progress.add(shard.end - shard.first, shard.summary.n_rejected)
            check_rejects(summary, self.plan.max_errors)
        return summary

    def _options(self) -> dict[str, object]:
        """What the output depends on, besides the model and the inputs."""
        options = self.plan.options
        return {
            "text-field": self.columns.text_field,
            "id-field": self.columns.id_field,
            "columns": self.columns.result_columns,
            "neutral-band": options.neutral_band,
            "explain": options.explain,
            "batch-size": options.batch_size,
            "shard-size": self.shard_size,
            **asdict(self.inputs.dialect),
            "whole-file": self.inputs.whole_file,
            "keep-empty": self.plan.keep_empty,
            "safe-csv": self.plan.format.is_safe,
            "limit": self.limit,
            "tally-by": self.plan.tally_by,
        }


def _in_order(scored: Iterable[ScoredShard]) -> Iterator[ScoredShard]:
    """Shards by their place in the run; those that come early are held."""
    held: list[tuple[int, ScoredShard]] = []
    following = 0
    for shard in scored:
        heapq.heappush(held, (shard.first, shard))
        while held and held[0][0] == following:
            _, shard = heapq.heappop(held)
            following = shard.end
            yield shard


def _written(
    scored: Iterable[ScoredShard], out: BinaryIO, write: Callable[[bytes], object]
) -> Iterator[ScoredShard]:
    """Shards whose rows are on standard output."""
    for shard in scored:
        write(shard.rejects)
        out.write(shard.rows)
        out.flush()
        yield shard
