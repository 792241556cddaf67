"""What differs by more than chance: groups from the rest, and periods from those before them.

All p-values are of differences of two shares of negative rows (z-tests), and corrected for how many
were tested (Holm, 1979). With very many rows, next to nothing is beyond chance: what differs by
fewer than two points in a hundred is not told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from spacy_lstm_sentiment.reports.insights.counting import LEAST_ROWS, Count, Group, Period
from spacy_lstm_sentiment.reports.intervals import holm, two_proportions, two_sided

LEVEL = 0.05
LEAST_DIFFERENCE = 0.02
NEAR = {"day": 3, "week": 14, "month": 31}  # days between changes at about the same time
MOST_CHANGES = 4  # in one series
MEDIAN_CHI_SQUARED = 0.4549  # with one degree of freedom
MOST_PERIODS = 400  # whose stretches are compared: they are 80,000
LEAST_PERIODS = 8  # that show how much neighbours differ


@dataclass(frozen=True)
class Difference:
    """A group whose share of negatives differs from that of the rest.

    group: Its rows. rest: All others. z, p_value: Of the difference; p is corrected.
    """

    group: Group
    rest: Count
    z: float
    p_value: float


@dataclass(frozen=True)
class Change:
    """A period from which on the share of negatives is another.

    group: Whose it is; None for all rows. start: The change's first day; since: that of the period
    before which nothing had changed since the last change. until: The first day of the next change,
    or None. before, after: The rows on either side, up to the changes next to this. z, p_value: Of
    the difference; p is corrected for all places where a series may change, and all series.
    """

    group: Group | None
    since: date
    start: date
    until: date | None
    before: Count
    after: Count
    z: float
    p_value: float

    @property
    def difference(self) -> float:
        return self.after.share("NEGATIVE").value - self.before.share("NEGATIVE").value


def find_differences(groups: Mapping[str, Sequence[Group]], whole: Count) -> list[Difference]:
    """The groups that stand out, those first whose difference is the surest."""
    tested = [
        (group, whole - group.count)
        for column in groups.values()
        for group in column
        if not group.is_rest and min(group.count.rows, whole.rows - group.count.rows) >= LEAST_ROWS
    ]
    zs = [_z(group.count, rest) for group, rest in tested]
    p_values = holm([two_sided(z) for z in zs])
    found = [
        Difference(group, rest, z, p_value)
        for (group, rest), z, p_value in zip(tested, zs, p_values, strict=True)
        if p_value < LEVEL and _is_large(group.count, rest)
    ]
    return sorted(found, key=lambda difference: -abs(difference.z))


def find_changes(series: Sequence[tuple[Group | None, Sequence[Period]]]) -> list[Change]:
    """The changes of all series, the surest first."""
    found_in = [_changes(group, _merged(periods)) for group, periods in series]
    candidates = [change for changes in found_in for change in changes]
    unchanged = [1.0 for changes in found_in if not changes]  # they were tested as well
    p_values = holm([change.p_value for change in candidates] + unchanged)
    found = [
        Change(**{**vars(change), "p_value": p_value})
        for change, p_value in zip(candidates, p_values, strict=False)
        if p_value < LEVEL
    ]
    return sorted(found, key=lambda change: -abs(change.z))


def together(changes: Sequence[Change], every: str) -> list[list[Change]]:
    """Changes at about the same time and in one direction, the surest of each first: what changes
    in one group changes, diluted, in others that share its rows."""
    found: list[list[Change]] = []
    for change in changes:
        for same in found:
            is_near = abs((same[0].start - change.start).days) <= NEAR[every]
            if is_near and (same[0].difference > 0) == (change.difference > 0):
                same.append(change)
                break
        else:
            found.append([change])
    return found


def _changes(group: Group | None, periods: Sequence[Period]) -> list[Change]:
    if len(periods) < 2:
        return []
    table = np.array([(p.count.rows, p.count.negative) for p in periods], dtype=np.float64)
    n_tests = len(periods) * (len(periods) - 1) // 2
    spread = _spread(table)
    places = _pruned(table, _segment(table, 0, len(table), spread, n_tests), spread, n_tests)
    edges = [0, *places, len(periods)]
    changes = []
    for left, middle, right in zip(edges, edges[1:], edges[2:], strict=False):
        before = sum((p.count for p in periods[left:middle]), Count())
        after = sum((p.count for p in periods[middle:right]), Count())
        z = _z(after, before) / spread
        if _is_large(before, after):
            changes.append(
                Change(
                    group,
                    since=periods[left].first,
                    start=periods[middle].first,
                    until=periods[right].first if right < len(periods) else None,
                    before=before,
                    after=after,
                    z=z,
                    p_value=min(1.0, n_tests * two_sided(z)),
                )
            )
    return changes


def _merged(periods: Sequence[Period]) -> list[Period]:
    """Periods side by side as one, where there are too many to compare all stretches of them."""
    size = -(-len(periods) // MOST_PERIODS) or 1
    starts = range(0, len(periods), size)
    return [
        Period(periods[i].first, sum((p.count for p in periods[i : i + size]), Count()))
        for i in starts
    ]


def _segment(
    table: npt.NDArray[np.float64], first: int, end: int, spread: float, n_tests: int
) -> list[int]:
    """Where a series changes, by circular binary segmentation (Olshen et al., 2004): the stretch
    that differs most from what is around it is cut out, as long as that is beyond chance.

    table: Rows, and negative rows, by period. *Shape:* (n_periods, 2)
    """
    part = table[first:end]
    best = _strongest(part)
    if best is None:
        return []
    start, stop, z = best
    if n_tests * two_sided(z / spread) >= LEVEL:
        return []
    cuts = [first + place for place in (start, stop) if 0 < place < len(part)]
    edges = [first, *cuts, end]
    inner = [
        place
        for left, right in pairwise(edges)
        for place in _segment(table, left, right, spread, n_tests)
    ]
    return sorted({*cuts, *inner})


def _strongest(table: npt.NDArray[np.float64]) -> tuple[int, int, float] | None:
    """The stretch, from one period up to another, that differs most from the others; and its z."""
    sums = np.vstack([np.zeros(2), np.cumsum(table, axis=0)])
    inside = sums[None, :, :] - sums[:, None, :]  # (start, stop, 2)
    outside = sums[-1] - inside
    n, negative = inside[..., 0], inside[..., 1]
    m, others = outside[..., 0], outside[..., 1]
    pooled = sums[-1, 1] / sums[-1, 0]
    allowed = (n >= LEAST_ROWS) & (m >= LEAST_ROWS)
    if not allowed.any() or pooled in (0.0, 1.0):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (negative / n - others / m) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    z[~allowed] = 0.0
    start, stop = np.unravel_index(np.abs(z).argmax(), z.shape)
    return int(start), int(stop), float(z[start, stop])


def _pruned(
    table: npt.NDArray[np.float64], places: Sequence[int], spread: float, n_tests: int
) -> list[int]:
    """The places without those at which the two sides do not differ, the least sure dropped first,
    until no more are left than are told."""
    places = list(places)
    while places:
        edges = [0, *places, len(table)]
        totals = [table[a:b].sum(axis=0) for a, b in pairwise(edges)]
        zs = [
            abs(two_proportions(b[1], b[0], a[1], a[0])) / spread
            if min(a[0], b[0]) >= LEAST_ROWS
            else 0.0
            for a, b in pairwise(totals)
        ]
        weakest = int(np.argmin(zs))
        if n_tests * two_sided(zs[weakest]) < LEVEL and len(places) <= MOST_CHANGES:
            break
        del places[weakest]
    return places


def _spread(table: npt.NDArray[np.float64]) -> float:
    """How many times as far apart neighbouring periods are as chance would have them, at least 1.

    The median of their differences is not moved by a few changes.
    """
    usable = table[table[:, 0] >= LEAST_ROWS]
    if len(usable) < LEAST_PERIODS:
        return 1.0
    zs = [two_proportions(b[1], b[0], a[1], a[0]) for a, b in pairwise(usable)]
    return float(np.sqrt(max(1.0, np.median(np.square(zs)) / MEDIAN_CHI_SQUARED)))


def _z(first: Count, second: Count) -> float:
    return two_proportions(first.negative, first.rows, second.negative, second.rows)


def _is_large(first: Count, second: Count) -> bool:
    difference = first.share("NEGATIVE").value - second.share("NEGATIVE").value
    return abs(difference) >= LEAST_DIFFERENCE
