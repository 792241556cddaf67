"""A run that has been checked: rows in, a file or a folder of scores out, and a summary."""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, replace
from typing import BinaryIO

from spacy import Language

from spacy_lstm_sentiment.bulk.engines.base import Engine
from spacy_lstm_sentiment.bulk.folder_output import open_folder
from spacy_lstm_sentiment.bulk.folder_run import ALL, FolderRun, Share
from spacy_lstm_sentiment.bulk.manifest import make_manifest
from spacy_lstm_sentiment.bulk.output_checks import check_existing
from spacy_lstm_sentiment.bulk.parts import LocalParts
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.progress import Progress
from spacy_lstm_sentiment.bulk.reader import Reader, Work, find_unread
from spacy_lstm_sentiment.bulk.rejects import write_rejects
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, look_ahead, read_split
from spacy_lstm_sentiment.bulk.shards import ScoredShard, Shard, cut_shards, without_done
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.summary import Summary, check_rejects
from spacy_lstm_sentiment.bulk.workspace import open_workspace
from spacy_lstm_sentiment.records.blocks import Item, first_rows
from spacy_lstm_sentiment.records.splits import Split, as_one, plan_splits

# Rows that a dry run scores.
N_DRY = 100

# Bytes of a split for each row of a shard: about one part's, of longer texts.
BYTES_A_ROW = 1024


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

    def try_out(self) -> Summary:
        """Score the first rows to nowhere."""
        self.limit = min(N_DRY, N_DRY if self.limit is None else self.limit)
        plan, shards = self._in_one_go(N_DRY)
        return self._counted(self.engine.run(plan, self.nlp, shards))

    def stream(self, rejects: str) -> Summary:
        """Score to standard output, in order; rejects to a file, or standard error."""
        # Small shards: who reads standard output waits for the first rows.
        plan, shards = self._in_one_go(min(self.shard_size, self.plan.options.batch_size))
        scored = _in_order(self.engine.run(plan, self.nlp, shards))
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
            done = [part.place for part in space.read_parts()]
            splits = self._splits()
            plan, works = self._begin(splits, done)
            plan = replace(plan, parts=LocalParts(space.parts))
            now = self._counted(self.engine.run(plan, self.nlp, works))
            check_existing(output, rejects, force)  # what has come meanwhile
            summary = space.join(plan.format, splits)
            summary.n_resumed = summary.n_scored - now.n_scored
            return summary

    def write_folder(self, output: str, asked: FolderRun, resume: bool, force: bool) -> Summary:
        """Score a share of the splits into a folder of parts; finish it, if that is asked for."""
        options = {**self._options(), "format": asked.suffix}
        manifest = make_manifest(self.nlp, self.inputs.paths, options)
        folder = open_folder(output, asked.suffix, manifest, resume, force, asked.finish)
        finished = folder.finished()
        if finished is not None:
            return finished
        splits = self._splits()
        if asked.finish:
            return folder.finish(splits)
        plan, works = self._begin(splits, folder.done(), asked.share)
        now = self._counted(self.engine.run(replace(plan, parts=folder.parts), self.nlp, works))
        folder.leave(asked.share, len(splits))
        if asked.share != ALL:
            return now
        summary = folder.finish(splits)
        summary.n_resumed = summary.n_scored - now.n_scored
        return summary

    def _splits(self) -> list[Split]:
        """What is read apart; all at once where it can be read but once, or not to the end."""
        inputs = self.inputs
        if self.limit is not None or not inputs.are_repeatable:
            return as_one(inputs.paths)
        size = self.shard_size * BYTES_A_ROW
        return plan_splits(inputs.paths, inputs.dialect, inputs.whole_file, size)

    def _begin(
        self, splits: list[Split], done: list[Place], share: Share = ALL
    ) -> tuple[Plan, Iterator[Work]]:
        """The plan with the columns of a table, and what of a share is still to be done."""
        if done:
            n_done = sum(place.end - place.first for place in done)
            self.progress.say(f"Resuming: {n_done:,} rows are done")
        mine = [each for each in find_unread(splits, done) if share.has(each.number)]
        if splits == as_one(self.inputs.paths):
            plan, shards = self._in_one_go(self.shard_size)
            ends = {place.first: place.end for place in done if place.end > place.first}
            left = (piece for shard in shards for piece in without_done(shard, ends))
            return plan, left if mine else iter(())
        reader = Reader(self.inputs.elsewhere(), self.columns, self.shard_size)
        plan = replace(self.plan, format=self._format(self._rows(splits))[0], reader=reader)
        if self.engine.reads([unread.split for unread in mine]):
            return plan, iter(mine)
        return plan, (shard for unread in mine for shard in reader.read(unread))

    def _in_one_go(self, size: int) -> tuple[Plan, Iterator[Shard]]:
        """The plan with the columns of a table, and the rows that are asked for."""
        rows = first_rows(self._rows(as_one(self.inputs.paths)), self.limit)
        format, rows = self._format(rows)
        return replace(self.plan, format=format), cut_shards(rows, size)

    def _rows(self, splits: list[Split]) -> Iterator[Item]:
        for split in splits:
            yield from read_split(self.inputs, self.columns, split)

    def _format(self, rows: Iterator[Item]) -> tuple[Format, Iterator[Item]]:
        """The format, with the columns of a table; and all rows."""
        format = self.plan.format
        if not format.is_table:
            return format, rows
        first, rows = look_ahead(rows, self.columns.text_field)
        return format.of(first, self.inputs.paths) if first else format, rows

    def _counted(self, scored: Iterable[ScoredShard]) -> Summary:
        """The counts of all shards, reported on the way."""
        summary, size = Summary(), self.inputs.size()
        n_rows = n_characters = 0
        for shard in scored:
            summary.merge(shard.summary)
            n_new = shard.place.end - shard.place.first
            n_rows += n_new
            n_characters += shard.n_characters + n_new  # with the ends of their lines
            self.progress.expect(self._n_expected(n_rows, n_characters, size))
            self.progress.add(n_new, shard.summary.n_rejected)
            check_rejects(summary, self.plan.max_errors)
        return summary

    def _n_expected(self, n_rows: int, n_characters: int, size: int | None) -> int | None:
        """How many rows there are, as far as the size of the inputs tells."""
        if size is None or not n_characters:
            return self.limit
        # Some characters have several bytes: that makes it an estimate.
        n_expected = max(n_rows, round(n_rows * size / n_characters))
        return n_expected if self.limit is None else min(n_expected, self.limit)

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
    held: list[tuple[Place, ScoredShard]] = []
    following = 0
    for shard in scored:
        heapq.heappush(held, (shard.place, shard))
        while held and held[0][0].first == following:
            _, shard = heapq.heappop(held)
            following = shard.place.end
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
