"""Scored rows counted: by group and by period, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any

from spacy_lstm_sentiment.reports.insights.dates import EVERY
from spacy_lstm_sentiment.reports.insights.reading import Scored
from spacy_lstm_sentiment.reports.intervals import Z, wilson_interval

LEAST_ROWS = 30  # of which anything is claimed
LABELS = ("NEGATIVE", "NEUTRAL", "POSITIVE")
NONE = "(none)"
OTHERS = "all others"
MOST_PERIODS = 60  # that a chart shows well

SUMS = (
    "count(label), count(*) FILTER (label = 'NEGATIVE'), count(*) FILTER (label = 'NEUTRAL'), "
    "count(*) FILTER (label = 'POSITIVE'), coalesce(sum(sentiment), 0), "
    "coalesce(sum(sentiment * sentiment), 0), coalesce(sum(score), 0)"
)


@dataclass(frozen=True)
class Interval:
    """A value, and the ends of its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Count:
    """Rows with scores: how many there are, how many of each label, and sums of their scores."""

    rows: int = 0
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    sentiment: float = 0.0
    squares: float = 0.0
    score: float = 0.0

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(self._fields(), other._fields(), strict=True)))

    def __sub__(self, other: Count) -> Count:
        return Count(*(a - b for a, b in zip(self._fields(), other._fields(), strict=True)))

    def _fields(self) -> tuple[Any, ...]:
        return tuple(vars(self).values())

    def share(self, label: str) -> Interval:
        """The share of a label among the rows, with Wilson's interval."""
        return self._share(getattr(self, label.lower()))

    def expected_share(self, label: str) -> Interval:
        """The mean probability of a label: where probabilities are calibrated, what its share is
        once the model's mistakes, of one kind and the other, are taken into account (Bella et al.,
        2010)."""
        positive, negative = self.score, self.score - self.sentiment
        sums = {"POSITIVE": positive, "NEGATIVE": negative}
        return self._share(max(0.0, sums.get(label, self.rows - positive - negative)))

    def mean_sentiment(self) -> Interval:
        mean = self.sentiment / self.rows
        variance = max(0.0, self.squares / self.rows - mean * mean)
        margin = Z * sqrt(variance / max(1, self.rows - 1))
        return Interval(mean, max(-1.0, mean - margin), min(1.0, mean + margin))

    def _share(self, n: float) -> Interval:
        return Interval(n / self.rows, *wilson_interval(n, self.rows))


@dataclass(frozen=True)
class Group:
    """Rows that have a value in a column in common.

    name: The value; NONE for rows without one, OTHERS for all values that are not shown.
    value: What the rows have, None where there is none.
    is_rest: Whether it is of all values that are not shown, `n_values` in number.
    """

    column: str
    name: str
    value: str | None
    count: Count
    is_rest: bool = False
    n_values: int = 1


@dataclass(frozen=True)
class Period:
    """Rows of a day, week or month, by its first day."""

    first: date
    count: Count


def count_all(scored: Scored) -> Count:
    return Count(*_rows(scored, f"SELECT {SUMS} FROM scored")[0])


def count_groups(scored: Scored, place: int, whole: Count, most: int) -> list[Group]:
    """The groups by a column, the largest first, and all but the largest together.

    place: Which of the columns that were asked for. whole: All rows.
    """
    column = scored.asked.by[place]
    found = _rows(
        scored,
        f"SELECT g{place}, {SUMS} FROM scored WHERE label IS NOT NULL GROUP BY g{place} "
        f"ORDER BY count(*) DESC, g{place} LIMIT {most}",
    )
    groups = [
        Group(column, NONE if value is None else value, value, Count(*sums))
        for value, *sums in found
    ]
    rest = whole
    for group in groups:
        rest -= group.count
    if rest.rows:
        ((n_values,),) = _rows(
            scored,
            f"SELECT count(DISTINCT g{place}) + count(DISTINCT (g{place} IS NULL) OR NULL) "
            "FROM scored WHERE label IS NOT NULL",
        )
        groups.append(Group(column, OTHERS, None, rest, True, n_values - len(groups)))
    return groups


def choose_every(scored: Scored) -> str:
    """The shortest of day, week and month that has no more periods than a chart shows, and half of
    them with enough rows; a month where none has."""
    for every in EVERY[:-1]:
        ((n, median),) = _rows(
            scored,
            f"SELECT count(*), coalesce(median(n), 0) FROM (SELECT count(label) AS n FROM scored "
            f"WHERE day IS NOT NULL GROUP BY date_trunc('{every}', day))",
        )
        if n <= MOST_PERIODS and median >= LEAST_ROWS:
            return every
    return EVERY[-1]


def count_periods(scored: Scored, every: str) -> list[Period]:
    """The periods that have rows, in their order."""
    found = _rows(
        scored,
        f"SELECT CAST(date_trunc('{every}', day) AS DATE) AS first, {SUMS} FROM scored "
        "WHERE day IS NOT NULL AND label IS NOT NULL GROUP BY first ORDER BY first",
    )
    return [Period(first, Count(*sums)) for first, *sums in found]


def count_group_periods(
    scored: Scored, place: int, groups: Sequence[Group], every: str
) -> Mapping[str | None, list[Period]]:
    """The periods of each group but the rest, by the group's value."""
    series: dict[str | None, list[Period]] = {g.value: [] for g in groups if not g.is_rest}
    found = _rows(
        scored,
        f"SELECT g{place}, CAST(date_trunc('{every}', day) AS DATE) AS first, {SUMS} FROM scored "
        f"WHERE day IS NOT NULL AND label IS NOT NULL AND (g{place} IS NULL OR g{place} IN "
        f"(SELECT unnest(?))) GROUP BY g{place}, first ORDER BY first",
        [[value for value in series if value is not None]],
    )
    for value, first, *sums in found:
        if value in series:
            series[value].append(Period(first, Count(*sums)))
    return series


def _rows(scored: Scored, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    return scored.con.execute(query, list(values)).fetchall()
