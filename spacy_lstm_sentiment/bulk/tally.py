"""What a run's page is made of: counts of its rows, kept with each part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from spacy_lstm_sentiment.bulk.sinks.formats import Format

LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
N_SUMS = 4 + len(LABELS)
N_BINS = 20  # of the sentiment, from -1 to 1
MOST_VALUES = 10_000  # of a column, which are counted each by itself
NAME = 80  # characters of a value

Sums = list[float]


@dataclass
class Tally:
    """Counts of rows with results.

    whole: Rows; those of each of LABELS; sums of sentiment, its squares, and P(POSITIVE).
    histogram: Rows by sentiment, in bins of equal width. groups: The same sums by the values of
    columns; values that come when there are MOST_VALUES are together in `rest`.
    """

    whole: Sums = field(default_factory=lambda: [0] * N_SUMS)
    histogram: list[int] = field(default_factory=lambda: [0] * N_BINS)
    groups: dict[str, dict[str | None, Sums]] = field(default_factory=dict)
    rest: dict[str, Sums] = field(default_factory=dict)

    def add(self, label: str, score: float, sentiment: float, values: dict[str, Any]) -> None:
        """Count a row, with its values of the columns to group by."""
        is_label = [int(label == name) for name in LABELS]
        sums: Sums = [1, *is_label, sentiment, sentiment * sentiment, score]
        _add(self.whole, sums)
        self.histogram[min(N_BINS - 1, int((sentiment + 1) / 2 * N_BINS))] += 1
        for column, value in values.items():
            self._add_group(column, _name(value), sums)

    def merge(self, other: Tally) -> None:
        """Count what another has counted, too."""
        _add(self.whole, other.whole)
        self.histogram = [a + b for a, b in zip(self.histogram, other.histogram, strict=True)]
        for column, groups in other.groups.items():
            for value, sums in groups.items():
                self._add_group(column, value, sums)
        for column, sums in other.rest.items():
            _add(self.rest.setdefault(column, [0] * N_SUMS), sums)

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON has them: a value of a column may be null."""
        groups = {column: list(found.items()) for column, found in self.groups.items()}
        return {**vars(self), "groups": groups}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Tally:
        """A tally from its fields."""
        groups = {column: dict(map(tuple, found)) for column, found in fields["groups"].items()}
        return cls(**{**fields, "groups": groups})

    def _add_group(self, column: str, value: str | None, sums: Sums) -> None:
        groups = self.groups.setdefault(column, {})
        if value in groups:
            _add(groups[value], sums)
        elif len(groups) < MOST_VALUES:
            groups[value] = list(sums)
        else:
            _add(self.rest.setdefault(column, [0] * N_SUMS), sums)


def tally_rows(format: Format, rows: bytes, results: Sequence[str], by: Sequence[str]) -> Tally:
    """Count a shard's output, as it is about to be written.

    results: Its columns with label, score and sentiment, and maybe others.
    """
    tally = Tally()
    label, score, sentiment = results[:3]
    for row in format.read(rows, by):
        if row[score] not in (None, ""):
            values = {column: row.get(column) for column in by}
            tally.add(row[label], float(row[score]), float(row[sentiment]), values)
    return tally


def _name(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip()[:NAME] or None
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)[:NAME]


def _add(sums: Sums, others: Sums) -> None:
    for place, value in enumerate(others):
        sums[place] += value
