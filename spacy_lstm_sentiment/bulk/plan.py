"""What is done with each shard, in whatever process or machine."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from spacy import Language
from spacy.util import minibatch

from spacy_lstm_sentiment.bulk.parts import PartStore
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.bulk.reader import Reader
from spacy_lstm_sentiment.bulk.scorer import Outcome, Scored, Scorer, ScoringOptions
from spacy_lstm_sentiment.bulk.shards import ScoredShard, Shard
from spacy_lstm_sentiment.bulk.sinks.encoders import BlockEncoder, Encoder, encode_reject
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.summary import Summary, check_rejects
from spacy_lstm_sentiment.bulk.tally import tally_rows
from spacy_lstm_sentiment.errors import one_line
from spacy_lstm_sentiment.records.blocks import Block, Item, pieces_of, rows_of
from spacy_lstm_sentiment.records.memory import wants_memory
from spacy_lstm_sentiment.records.record import (
    BadRecord,
    Record,
    Row,
    emptiness,
    fault_of,
    reject,
    text_of,
)

# What has come of a row: results, None for one without a text that is kept, or a reject.
Written = Scored | BadRecord | None


@dataclass(frozen=True)
class RowOptions:
    """What is done with each row.

    keep_empty: rows without a text are written, without results. max_errors: how many rejects there
    may be. tally_by: columns by which the rows are counted for a page; None counts nothing.
    """

    text_field: str
    scoring: ScoringOptions
    id_field: str | None = None
    keep_empty: bool = False
    max_errors: int | None = None
    tally_by: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Plan:
    """How a run turns shards into output: small, and the same wherever it is carried out.

    result_columns: the names of the results in the output. parts: where a part is left of each
    shard; without it, the output is returned. reader: of what is still unread.
    """

    rows: RowOptions
    format: Format
    result_columns: Sequence[str]
    parts: PartStore | None = None
    reader: Reader | None = None

    def scorer(self, nlp: Language) -> Scorer:
        """A pipeline made ready for this plan; each process needs one."""
        return Scorer(nlp, self.rows.scoring)

    def apply(self, scorer: Scorer, shard: Shard) -> ScoredShard:
        """Score a shard; where the plan has a place for parts, its part is there when this returns.

        Raises InputError where more rows are rejected than may be; then nothing is left.
        """
        scored = self._score(scorer, shard)
        by = self.rows.tally_by
        if by is not None:
            tally = tally_rows(self.format, scored.rows, self.result_columns, by)
            scored.summary.tally = tally
        if self.parts is None:
            return scored
        self.parts.write(scored, self.format)
        return replace(scored, rows=b"", rejects=b"")

    def _score(self, scorer: Scorer, shard: Shard) -> ScoredShard:
        encoder, rejects, summary = self.format.encoder(), list[bytes](), Summary()
        for written in self._written(scorer, encoder, shard.items):
            if isinstance(written, Scored):
                summary.add(written)
            elif written is None:
                summary.n_empty += 1
            else:
                rejects.append(encode_reject(written))
                summary.add_reject(written)
                check_rejects(summary, self.rows.max_errors)
        return ScoredShard(
            Place(shard.first, shard.end, shard.is_last),
            encoder.finish(),
            b"".join(rejects),
            summary,
            shard.n_characters,
            shard.n_lines,
        )

    def _written(self, scorer: Scorer, encoder: Encoder, items: list[Item]) -> Iterator[Written]:
        """What has come of each row: blocks stay blocks if the output has columns, too."""
        size = self.rows.scoring.batch_size
        for is_block, group in groupby(items, lambda item: isinstance(item, Block)):
            if is_block and isinstance(encoder, BlockEncoder):
                for block in pieces_of(group, size):
                    yield from self._write_block(scorer, encoder, block)
            else:
                for rows in minibatch(rows_of(group), size):
                    yield from self._write_rows(scorer, encoder, rows)

    def _write_rows(self, scorer: Scorer, encoder: Encoder, rows: list[Row]) -> Iterator[Written]:
        outcomes = self._outcomes(scorer, [self._value(row) for row in rows])
        for row, outcome in zip(rows, outcomes, strict=True):
            yield self._add(encoder, row, outcome)

    def _write_block(
        self, scorer: Scorer, encoder: BlockEncoder, block: Block
    ) -> Iterator[Written]:
        values, unreadable = block.values(self.rows.text_field), block.unreadable()
        for n, value in enumerate(values):
            if isinstance(value, Exception):
                values[n] = block.row(n)
        for n, bad in unreadable.items():
            values[n] = bad
        outcomes = self._outcomes(scorer, values)
        good = {n: o for n, o in enumerate(outcomes) if o is None or isinstance(o, Scored)}
        misfits = encoder.add_block(block, {n: self._results(o) for n, o in good.items()})
        for n, outcome in enumerate(outcomes):
            if n in good and n not in misfits:
                yield good[n]
            else:
                yield self._bad(block.row(n), misfits.get(n, outcome))

    def _value(self, row: Row) -> Any:
        """The value of a row's text field, or what is wrong with the row."""
        if isinstance(row, Record) and self.rows.text_field in row.fields:
            return row.fields[self.rows.text_field]
        return row if isinstance(row, BadRecord) else text_of(row, self.rows.text_field)

    def _outcomes(self, scorer: Scorer, values: list[Any]) -> list[Outcome | BadRecord]:
        """What comes of each value of the text field; of one that is no text but what is wrong."""
        outcomes = [self._fault(value, scorer.nlp.max_length) for value in values]
        good = [n for n, outcome in enumerate(outcomes) if outcome is None]
        if self.rows.keep_empty:
            good = [n for n in good if emptiness(values[n]) is None]
        scored = scorer([values[n] for n in good]) if good else []
        for n, outcome in zip(good, scored, strict=True):
            nothing = None if self.rows.keep_empty else "no text: cleaning leaves nothing of it"
            outcomes[n] = nothing if outcome is None else outcome
        return outcomes

    def _fault(self, value: Any, max_length: int) -> Outcome | BadRecord:
        """Why a value is not to be scored; None for a text, and for none where that is kept."""
        if isinstance(value, BadRecord):
            return value
        if self.rows.keep_empty and emptiness(value) is not None:
            return None
        fault = fault_of(value, self.rows.text_field)
        if fault is None and len(value) > max_length:
            return (
                f"longer than the pipeline's max_length: {len(value):,} characters, not"
                f" {max_length:,}; split the text"
            )
        return fault

    def _results(self, outcome: Scored | None) -> list[list[Any]]:
        return outcome.results if outcome else [[None] * len(self.rows.scoring.columns)]

    def _add(self, encoder: Encoder, row: Row, outcome: Outcome | BadRecord) -> Written:
        """Write a row's results, if it has some; gives what has come of it."""
        if isinstance(row, BadRecord) or isinstance(outcome, str | BadRecord):
            return self._bad(row, outcome)
        try:
            encoder.add(row, self._results(outcome))
        except ValueError as error:
            return self._bad(row, str(error))
        except Exception as error:  # of whatever kind the values bring about
            if wants_memory(error):
                raise
            return self._bad(row, f"cannot be written: {one_line(error)}")
        return outcome

    def _bad(self, row: Row, outcome: Outcome | BadRecord) -> BadRecord:
        """What is wrong with a row, and what identifies it, where there is a column for that."""
        if isinstance(row, BadRecord):
            return row
        bad = outcome if isinstance(outcome, BadRecord) else reject(row, str(outcome))
        return (
            bad
            if self.rows.id_field is None
            else replace(bad, id=row.fields.get(self.rows.id_field))
        )
