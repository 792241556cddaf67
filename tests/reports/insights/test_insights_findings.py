"""What is beyond chance is found, and what is not is not."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from spacy_lstm_sentiment.reports.insights.counting import Count, Group, Period
from spacy_lstm_sentiment.reports.insights.findings import (
    find_changes,
    find_differences,
    together,
)
from spacy_lstm_sentiment.reports.intervals import (
    holm,
    two_proportions,
    two_sided,
    wilson_interval,
)


def periods(shares, rows=200, seed=0, spread=0.0):
    """Periods with so many rows, of which the negative ones are drawn."""
    rng = np.random.default_rng(seed)
    start = date(2026, 1, 5)
    return [
        Period(
            start + timedelta(days=7 * week),
            Count(rows, int(rng.binomial(rows, min(1, max(0, share + rng.normal(0, spread)))))),
        )
        for week, share in enumerate(shares)
    ]


def starts(series):
    return sorted(change.start for change in find_changes([(None, series)]))


def week(number):
    return date(2026, 1, 5) + timedelta(days=7 * number)


def test_wilson_is_scipys():
    for right, n in ((0, 10), (8, 10), (10, 10), (37, 1000)):
        theirs = binomtest(right, n).proportion_ci(method="wilson")
        assert wilson_interval(right, n) == pytest.approx((theirs.low, theirs.high))


def test_p_values():
    assert two_sided(1.96) == pytest.approx(2 * norm.sf(1.96))
    assert two_proportions(50, 100, 30, 100) == pytest.approx(2.887, abs=1e-3)
    assert two_proportions(0, 10, 0, 10) == 0
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


@pytest.mark.parametrize("place", [3, 10, 17])
@pytest.mark.parametrize(("before", "after"), [(0.2, 0.4), (0.5, 0.2)])
def test_a_lasting_change_is_found(place, before, after):
    (found,) = find_changes([(None, periods([before] * place + [after] * (20 - place)))])
    assert abs(found.start - week(place)) <= timedelta(days=7)
    assert (found.difference > 0) == (after > before)
    assert found.until is None


def test_a_passing_change_has_two_ends():
    series = periods([0.2] * 8 + [0.45] * 4 + [0.2] * 8)
    assert starts(series) == [week(8), week(12)]


def test_changes_at_about_the_same_time_are_told_together():
    series = [
        (Group("by", name, name, Count()), periods(shares, seed=seed))
        for seed, (name, shares) in enumerate(
            {
                "most": [0.2] * 10 + [0.6] * 10,
                "less": [0.2] * 10 + [0.35] * 10,
                "later": [0.2] * 15 + [0.5] * 5,
                "better": [0.4] * 10 + [0.1] * 10,
            }.items()
        )
    ]
    found = together(find_changes(series), "week")
    assert sorted([change.group.name for change in same] for same in found) == [
        ["better"],
        ["later"],
        ["most", "less"],
    ]


def test_chance_is_no_change():
    found = [starts(periods([0.3] * 30, seed=seed)) for seed in range(100)]
    assert sum(map(bool, found)) <= 10  # 5 of a hundred are expected at most


def test_what_always_wavers_is_no_change():
    found = [starts(periods([0.3] * 30, rows=5000, seed=s, spread=0.03)) for s in range(50)]
    assert sum(map(bool, found)) <= 10


def test_few_rows_are_no_change():
    assert starts(periods([0.0] * 5 + [1.0] * 2, rows=4)) == []


def test_many_periods_are_compared_in_bounded_memory():
    (found,) = find_changes([(None, periods([0.2] * 2000 + [0.4] * 1650, rows=20))])
    assert abs(found.start - week(2000)) <= timedelta(days=7 * 20)


def groups(*counts):
    members = [Group("by", str(i), str(i), Count(*count)) for i, count in enumerate(counts)]
    whole = sum((member.count for member in members), Count())
    return {"by": members}, whole


def names(found):
    return [difference.group.name for difference in found]


def test_a_group_stands_out():
    found = find_differences(*groups((1000, 300), (1000, 200), (1000, 205)))
    assert names(found)[0] == "0"
    assert found[0].z > 0


def test_no_claim_of_few_rows_or_small_differences():
    assert names(find_differences(*groups((29, 29), (1000, 200), (1000, 200)))) == []
    assert "0" in names(find_differences(*groups((30, 30), (1000, 200), (1000, 200))))
    assert names(find_differences(*groups((10**6, 201_000), (10**6, 190_000)))) == []


def test_many_groups_are_corrected_for():
    rng = np.random.default_rng(0)
    found = [
        names(find_differences(*groups(*((200, int(rng.binomial(200, 0.3))) for _ in range(50)))))
        for _ in range(40)
    ]
    assert sum(map(bool, found)) <= 6  # 2 of 40 are expected
