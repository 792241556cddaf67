"""A run that has been checked: rows in, a file or a folder of scores out, and a summary."""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from typing import BinaryIO

from spacy import Language

from spacy_lstm_sentiment.bulk.engines.base import Engine
from spacy_lstm_sentiment.bulk.folder_output import open_folder
from spacy_lstm_sentiment.bulk.folder_run import ALL, FolderRun, Share
from spacy_lstm_sentiment.bulk.manifest import make_manifest
from spacy_lstm_sentiment.bulk.output_checks import check_existing
from spacy_lstm_sentiment.bulk.parts import LocalParts, PartStore
from spacy_lstm_sentiment.bulk.places import Place, first_of
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.progress import Progress
from spacy_lstm_sentiment.bulk.reader import Reader, Unread, Work, find_unread
from spacy_lstm_sentiment.bulk.rejects import write_rejects
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, look_ahead, read_split
from spacy_lstm_sentiment.bulk.shards import ScoredShard, Shard, cut_shards, without_done
from spacy_lstm_sentiment.bulk.sinks.formats import Format, FormatOptions
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
    """A run that has been checked."""

    inputs: Inputs
    columns: Columns
    rows: RowOptions
    format: FormatOptions
    nlp: Language
    engine: Engine
    shard_size: int
    limit: int | None
    progress: Progress

    def try_out(self) -> Summary:
        """Score the first rows to nowhere."""
        self.limit = min(N_DRY, N_DRY if self.limit is None else self.limit)
        format, shards = self._in_one_go(N_DRY)
        return self._score(self._plan(format), shards)

    def stream(self, rejects: str) -> Summary:
        """Score to standard output, in order; rejects to a file, or standard error."""
        # Small shards: who reads standard output waits for the first rows.
        format, shards = self._in_one_go(min(self.shard_size, self.rows.scoring.batch_size))
        scored = _in_order(self.engine.run(self._plan(format), self.nlp, shards))
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
            format, works = self._begin(splits, done)
            now = self._score(self._plan(format, LocalParts(space.parts)), works)
            check_existing(output, rejects, force)  # what has come meanwhile
            summary = space.join(format, splits)
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
        format, works = self._begin(splits, folder.done(), asked.share)
        now = self._score(self._plan(format, folder.parts), works)
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
        return plan_splits(inputs.paths, inputs.dialect, inputs.whole_file, self._split_size)

    @property
    def _split_size(self) -> int:
        """About how many bytes a split has."""
        return self.shard_size * BYTES_A_ROW

    def _begin(
        self, splits: list[Split], done: list[Place], share: Share = ALL
    ) -> tuple[Format, Iterator[Work]]:
        """The format, and what of a share is still to be done."""
        if done:
            n_done = sum(place.end - place.first for place in done)
            self.progress.say(f"Resuming: {n_done:,} rows are done")
        ends = {place.first: place.end for place in done if place.end > place.first}
        mine = [each for each in find_unread(splits, done) if share.has(each.number)]
        if splits == as_one(self.inputs.paths):
            format, shards = self._in_one_go(self.shard_size)
            left = (piece for shard in shards for piece in without_done(shard, ends))
            return format, left if mine else iter(())
        format, _ = self._find_format(self._items(splits))
        if self.engine.reads([unread.split for unread in mine]):
            return format, iter(mine)
        # Here a split is read once, however many of its parts are there.
        numbers = dict.fromkeys(unread.number for unread in mine)
        whole = (Unread(splits[number], number, first_of(number)) for number in numbers)
        shards = (shard for unread in whole for shard in self._reader.read(unread))
        return format, (piece for shard in shards for piece in without_done(shard, ends))

    def _in_one_go(self, size: int) -> tuple[Format, Iterator[Shard]]:
        """The format, and the rows that are asked for."""
        items = first_rows(self._items(as_one(self.inputs.paths)), self.limit)
        format, items = self._find_format(items)
        return format, cut_shards(items, size)

    def _plan(self, format: Format, parts: PartStore | None = None) -> Plan:
        columns = self.columns.result_columns
        return Plan(self.rows, format, columns, parts, None if parts is None else self._reader)

    @property
    def _reader(self) -> Reader:
        return Reader(self.inputs.elsewhere(), self.columns, self.shard_size)

    def _items(self, splits: list[Split]) -> Iterator[Item]:
        for split in splits:
            yield from read_split(self.inputs, self.columns, split)

    def _find_format(self, items: Iterator[Item]) -> tuple[Format, Iterator[Item]]:
        """The format, of a table with the columns of the first row; and all rows."""
        if not self.format.is_table:
            return self.format.format(), items
        first, items = look_ahead(items, self.columns.text_field)
        return self.format.format(first, self.inputs.paths), items

    def _score(self, plan: Plan, works: Iterable[Work]) -> Summary:
        return self._counted(self.engine.run(plan, self.nlp, works))

    def _counted(self, scored: Iterable[ScoredShard]) -> Summary:
        """The counts of all shards, reported on the way."""
        summary, size = Summary(), self.inputs.size()
        n_rows = n_characters = 0
        for shard in scored:
            summary.merge(shard.summary)
            n_new = shard.place.end - shard.place.first
            if not n_new:
                continue
            n_rows += n_new
            n_characters += shard.n_characters + n_new  # with the ends of their lines
            self.progress.expect(self._n_expected(n_rows, n_characters, size))
            self.progress.add(n_new, shard.summary.n_rejected)
            check_rejects(summary, self.rows.max_errors)
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
        options = self.rows.scoring
        return {
            "text-field": self.columns.text_field,
            "id-field": self.columns.id_field,
            "columns": self.columns.result_columns,
            "neutral-band": options.neutral_band,
            "explain": options.explain,
            "batch-size": options.batch_size,
            "shard-size": self.shard_size,
            "bytes of a split": self._split_size,
            **asdict(self.inputs.dialect),
            "whole-file": self.inputs.whole_file,
            "keep-empty": self.rows.keep_empty,
            "safe-csv": self.format.is_safe,
            "limit": self.limit,
            "tally-by": self.rows.tally_by,
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
