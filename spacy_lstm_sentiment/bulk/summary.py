"""What a run did, for people and for machines."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from spacy_lstm_sentiment.bulk.scorer import Scored
from spacy_lstm_sentiment.bulk.tally import Tally
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import BadRecord

# The share of words without a vector above which the texts are probably in another language.
MANY_UNKNOWN = 0.3

COUNTERS = ("labels", "rejects")


@dataclass
class Summary:
    """Counts of a run.

    labels: rows written, by label; rejects: rows that could not be scored, by kind of reason;
    score_sum: the sum of P(POSITIVE) over the rows written; n_words: words of letters, and
    n_unknown: those of them without a vector, both 0 for a pipeline without a table of vectors;
    seconds: how long it took; n_resumed: rows that an earlier run had written, which it did not;
    n_empty: rows without a text that are written without results; guesses: what was
    guessed at in reading the inputs; tally: the counts for a page, where those were asked for.
    """

    labels: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    score_sum: float = 0.0
    n_words: int = 0
    n_unknown: int = 0
    seconds: float = 0.0
    n_resumed: int = 0
    n_empty: int = 0
    guesses: list[str] = field(default_factory=list)
    tally: Tally | None = None

    @property
    def n_scored(self) -> int:
        """Rows written with results: those of the input, or their sentences."""
        return self.labels.total()

    @property
    def n_written(self) -> int:
        """Rows in the output, with results or without."""
        return self.n_scored + self.n_empty

    @property
    def n_rejected(self) -> int:
        """Rows that could not be scored."""
        return self.rejects.total()

    @property
    def mean_score(self) -> float:
        """The mean P(POSITIVE) of the rows written; NaN where there is none."""
        return self.score_sum / self.n_scored if self.n_scored else float("nan")

    @property
    def unknown_share(self) -> float:
        """The share of words that have no vector."""
        return self.n_unknown / self.n_words if self.n_words else 0.0

    def add(self, scored: Scored) -> None:
        """Count a row scored."""
        for label, score, *_ in scored.results:
            self.labels[label] += 1
            self.score_sum += score
        self.n_words += scored.n_words
        self.n_unknown += scored.n_unknown

    def add_reject(self, bad: BadRecord) -> None:
        """Count a row that could not be scored, by its reason up to the details."""
        kind, _, _ = bad.reason.partition(":")
        self.rejects[kind] += 1

    def merge(self, other: "Summary") -> None:
        """Count what another summary counts, too."""
        self.labels += other.labels
        self.rejects += other.rejects
        self.score_sum += other.score_sum
        self.n_words += other.n_words
        self.n_unknown += other.n_unknown
        self.n_empty += other.n_empty
        if other.tally is not None:
            self.tally = self.tally or Tally()
            self.tally.merge(other.tally)

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON has them."""
        counts = {name: dict(getattr(self, name)) for name in COUNTERS}
        return {**vars(self), **counts, "tally": self.tally and self.tally.to_dict()}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> "Summary":
        """A summary from its fields."""
        counts = {name: Counter(fields[name]) for name in COUNTERS}
        tally = fields.get("tally")
        return cls(**{**fields, **counts, "tally": tally and Tally.from_dict(tally)})

    def report(self, output: str, rejects: str) -> dict[str, Any]:
        """All there is to know, for machines, given where the rows and the rejects went."""
        return {
            "output": output,
            "rows": self.n_scored,
            "labels": dict(self.labels.most_common()),
            "mean_score": round(self.mean_score, 6) if self.n_scored else None,
            "empty": self.n_empty,
            "guesses": self.guesses,
            "rejects_path": rejects if self.n_rejected else None,
            "rejected": self.n_rejected,
            "rejects": dict(self.rejects.most_common()),
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rate, 1),
            "words": self.n_words,
            "words_without_vector": self.n_unknown,
        }

    def describe(self, output: str, rejects: str) -> str:
        """Lines that tell it all, given where the rows and the rejects went."""
        lines = [f"Scored {self.n_scored:,} rows, {self.rate:,.0f} rows/s: {output}"]
        if self.n_scored:
            shares = ", ".join(
                f"{count / self.n_scored:.1%} {label}" for label, count in self.labels.most_common()
            )
            lines.append(f"  {shares}; mean score {self.mean_score:.3f}")
        if self.n_empty:
            lines.append(f"  and {self.n_empty:,} rows without a text, with empty results")
        if self.n_words:
            lines.append(f"  {self.unknown_share:.1%} of {self.n_words:,} words have no vector")
        if self.unknown_share > MANY_UNKNOWN:
            lines.append("Warning: so many words have no vector: is it another language?")
        if self.n_rejected:
            lines.append(f"Rejected {self.n_rejected:,} rows: {rejects}")
            lines += [f"  {count:,} {kind}" for kind, count in self.rejects.most_common()]
        return "\n".join(lines)

    @property
    def rate(self) -> float:
        """Rows written a second."""
        return (self.n_scored - self.n_resumed) / self.seconds if self.seconds else 0.0


def check_rejects(summary: Summary, max_errors: int | None) -> None:
    """Raise InputError where more rows are rejected than may be."""
    if max_errors is not None and summary.n_rejected > max_errors:
        kind, count = summary.rejects.most_common(1)[0]
        raise InputError(
            f"more than {max_errors:,} rows rejected, {count:,} of them: {kind}; mend the input, or"
            " raise --max-errors"
        )
