"""What a run did, for people."""

from collections import Counter
from dataclasses import dataclass, field

from spacy_lstm_sentiment.bulk.engine import Scores
from spacy_lstm_sentiment.bulk.sources import BadRecord


@dataclass
class Summary:
    """Counts of a run.

    labels: rows scored, by label; rejects: rows that could not be scored, by kind of reason;
    score_sum: the sum of P(POSITIVE) over the rows scored; seconds: how long it took.
    """

    labels: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    score_sum: float = 0.0
    seconds: float = 0.0

    @property
    def n_scored(self) -> int:
        """Rows scored."""
        return self.labels.total()

    @property
    def n_rejected(self) -> int:
        """Rows that could not be scored."""
        return self.rejects.total()

    @property
    def mean_score(self) -> float:
        """The mean P(POSITIVE) of the rows scored; NaN where there is none."""
        return self.score_sum / self.n_scored if self.n_scored else float("nan")

    def add(self, scores: Scores) -> None:
        """Count a row scored."""
        self.labels[scores.label] += 1
        self.score_sum += scores.score

    def add_reject(self, bad: BadRecord) -> None:
        """Count a row that could not be scored, by its reason up to the details."""
        kind, _, _ = bad.reason.partition(":")
        self.rejects[kind] += 1

    def describe(self, output: str, rejects: str) -> str:
        """Lines that tell it all, given where the rows and the rejects went."""
        rate = self.n_scored / self.seconds if self.seconds else 0.0
        lines = [f"Scored {self.n_scored:,} rows, {rate:,.0f} rows/s: {output}"]
        if self.n_scored:
            shares = ", ".join(
                f"{count / self.n_scored:.1%} {label}" for label, count in self.labels.most_common()
            )
            lines.append(f"  {shares}; mean score {self.mean_score:.3f}")
        if self.n_rejected:
            lines.append(f"Rejected {self.n_rejected:,} rows: {rejects}")
            lines += [f"  {count:,} {kind}" for kind, count in self.rejects.most_common()]
        return "\n".join(lines)
