"""What is done with each shard, in whatever process or machine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy import Language
from spacy.util import minibatch

from spacy_lstm_sentiment.bulk.memory import wants_memory
from spacy_lstm_sentiment.bulk.parts import PartStore
from spacy_lstm_sentiment.bulk.records import BadRecord, Record, Row, has_no_text, reject, text_of
from spacy_lstm_sentiment.bulk.scorer import Outcome, Reading, Scored, Scorer
from spacy_lstm_sentiment.bulk.shards import Shard
from spacy_lstm_sentiment.bulk.sinks.encoders import Encoder, encode_reject
from spacy_lstm_sentiment.bulk.sinks.formats import Format
from spacy_lstm_sentiment.bulk.summary import Summary, check_rejects
from spacy_lstm_sentiment.bulk.tally import tally_rows
from spacy_lstm_sentiment.errors import one_line


@dataclass(frozen=True)
class ScoredShard:
    """A shard's output: rows and rejects, encoded, and what there is to count.

    The bytes are empty where they are in a part file.
    """

    first: int
    end: int
    rows: bytes
    rejects: bytes
    summary: Summary


@dataclass(frozen=True)
class Plan:
    """How a run turns shards into output: small, and the same wherever it is carried out.

    parts: where a part is left of each shard; without it, the output is returned. keep_empty:
    rows without a text are written, without results. max_errors: how many rejects there may be.
    tally_by: columns by which the rows are counted for a page; None counts nothing.
    """

    text_field: str
    reading: Reading
    format: Format
    id_field: str | None = None
    keep_empty: bool = False
    max_errors: int | None = None
    parts: PartStore | None = None
    tally_by: tuple[str, ...] | None = None

    def scorer(self, nlp: Language) -> Scorer:
        """A pipeline made ready for this plan; each process needs one."""
        return Scorer(nlp, self.reading)

    def carry_out(self, scorer: Scorer, shard: Shard) -> ScoredShard:
        """Score a shard; where the plan has a place for parts, its part is there when this returns.

        Raises InputError where more rows are rejected than may be; then nothing is left.
        """
        scored = self._score(scorer, shard)
        if self.tally_by is not None:
            scored.summary.tally = tally_rows(self.format, scored.rows, self.tally_by)
        if self.parts is None:
            return scored
        self.parts.write(scored, self.format)
        return replace(scored, rows=b"", rejects=b"")

    def _score(self, scorer: Scorer, shard: Shard) -> ScoredShard:
        encoder, rejects, summary = self.format.encoder(), list[bytes](), Summary()
        for row, outcome in self._outcomes(scorer, shard.rows):
            bad = self._add(encoder, row, outcome)
            if bad is None and isinstance(outcome, Scored):
                summary.add(outcome)
            elif bad is None:
                summary.n_empty += 1
            else:
                rejects.append(encode_reject(self._identified(row, bad)))
                summary.add_reject(bad)
                check_rejects(summary, self.max_errors)
        return ScoredShard(shard.first, shard.end, encoder.take(), b"".join(rejects), summary)

    def _outcomes(
        self, scorer: Scorer, rows: list[Row]
    ) -> Iterator[tuple[Row, Outcome | BadRecord]]:
        """Each row with its results, or what is wrong with it."""
        for batch in minibatch(rows, self.reading.batch_size):
            texts = [self._text(row, scorer.nlp.max_length) for row in batch]
            good = [text for text in texts if isinstance(text, str)]
            outcomes = iter(scorer(good) if good else [])
            for row, text in zip(batch, texts, strict=True):
                yield row, next(outcomes) if isinstance(text, str) else text

    def _text(self, row: Row, max_length: int) -> str | BadRecord | None:
        """A row's text, or what is wrong with it; None for a row without one that is kept."""
        if self.keep_empty and isinstance(row, Record) and has_no_text(row, self.text_field):
            return None
        text = row if isinstance(row, BadRecord) else text_of(row, self.text_field)
        if isinstance(row, BadRecord) or isinstance(text, BadRecord) or len(text) <= max_length:
            return text
        reason = (
            f"longer than the pipeline's max_length: {len(text):,} characters, not {max_length:,};"
            " split the text"
        )
        return reject(row, reason)

    def _add(self, encoder: Encoder, row: Row, outcome: Outcome | BadRecord) -> BadRecord | None:
        """Write a row's results, if it has some; else what is wrong with it."""
        if isinstance(row, BadRecord):
            return row
        if isinstance(outcome, BadRecord):
            return outcome
        if isinstance(outcome, str):
            return reject(row, outcome)
        if outcome is None and not self.keep_empty:
            return reject(row, "no text: cleaning leaves nothing of it")
        try:
            encoder.add(row, outcome.results if outcome else [[None] * len(self.reading.columns)])
        except ValueError as error:
            return reject(row, str(error))
        except Exception as error:  # of whatever kind the values bring about
            if wants_memory(error):
                raise
            return reject(row, f"cannot be written: {one_line(error)}")
        return None

    def _identified(self, row: Row, bad: BadRecord) -> BadRecord:
        """A bad record with what identifies it, where there is a column for that."""
        if self.id_field is None or isinstance(row, BadRecord):
            return bad
        return replace(bad, id=row.fields.get(self.id_field))
