"""Scored rows turned into what they say: the whole way from files to findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy_lstm_sentiment.bulk.urls import shown
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.insights import rows
from spacy_lstm_sentiment.reports.insights.counting import (
    LEAST_ROWS,
    Count,
    Group,
    Period,
    choose_every,
    count_all,
    count_group_periods,
    count_groups,
    count_periods,
)
from spacy_lstm_sentiment.reports.insights.dates import EVERY
from spacy_lstm_sentiment.reports.insights.findings import (
    Change,
    Difference,
    find_changes,
    find_differences,
)
from spacy_lstm_sentiment.reports.insights.reading import Asked, Scored, open_scored

if TYPE_CHECKING:
    import pyarrow

MOST_GROUPS = 20


@dataclass(frozen=True)
class Reading:
    """What was read, and what of it could not be: see `reading.Scored`."""

    asked: Asked
    n_rows: int
    n_unscored: int
    n_no_time: int
    n_unreadable: int


@dataclass(frozen=True)
class Insights:
    """What scored rows say.

    whole: All rows with scores. groups: By the columns that were asked for, the largest first.
    every: The length of the periods, None without dates. periods: Those of all rows. series: Those
    of each group with enough rows.
    """

    source: str
    reading: Reading
    whole: Count
    groups: Mapping[str, Sequence[Group]]
    every: str | None = None
    periods: Sequence[Period] = ()
    series: Sequence[tuple[Group, Sequence[Period]]] = ()
    differences: Sequence[Difference] = ()
    changes: Sequence[Change] = ()

    is_calibrated: bool = False

    def tables(self) -> dict[str, pyarrow.Table]:
        """The figures: groups, periods, differences and changes, as docs/api.md describes."""
        return {name: rows.to_arrow(found) for name, found in self.rows().items()}

    def rows(self) -> dict[str, list[rows.Row]]:
        """What the tables hold."""
        return {
            "groups": rows.group_rows(self),
            "periods": rows.period_rows(self),
            "differences": rows.difference_rows(self),
            "changes": rows.change_rows(self),
        }

    def html(self) -> str:
        """The page. RAISES InputError: matplotlib is not installed."""
        from spacy_lstm_sentiment.reports.insights.describe import describe_insights
        from spacy_lstm_sentiment.reports.page import render_page

        return render_page(describe_insights(self))

    def _repr_html_(self) -> str:
        """The page in a frame, whose style and script are its own."""
        page = escape(self.html())
        return (
            f'<iframe title="Insights" srcdoc="{page}" width="100%" height="800" '
            'style="border: 1px solid #888"></iframe>'
        )


def analyse(
    data: Any,
    asked: Asked,
    *,
    every: str | None = None,
    most_groups: int = MOST_GROUPS,
    memory: str = "600MB",
) -> Insights:
    """Read scored rows, count them, and find what stands out and what changed.

    data: A path, or several, or a table in memory.
    every: "day", "week" or "month"; None chooses by the data.

    RAISES InputError: A column is missing, or there are no scores, or no dates that can be read.
    """
    if every not in (None, *EVERY):
        raise InputError(f"--every {every}: name one of {', '.join(EVERY)}")
    with open_scored(data, asked, memory) as scored:
        whole = count_all(scored)
        places = enumerate(scored.asked.by)
        groups = {name: count_groups(scored, i, whole, most_groups) for i, name in places}
        periods: Sequence[Period] = ()
        series: list[tuple[Group, Sequence[Period]]] = []
        if scored.asked.time is None:
            every = None
        else:
            every = every or choose_every(scored)
            periods = count_periods(scored, every)
            series = _series(scored, groups, every)
        return Insights(
            source=_source(data),
            reading=_reading(scored),
            whole=whole,
            groups=groups,
            every=every,
            periods=periods,
            series=series,
            differences=find_differences(groups, whole),
            changes=find_changes([(None, periods), *series]),
        )


def _source(data: Any) -> str:
    """What to call it: names of files without their folders."""
    paths = [data] if isinstance(data, str | Path) else data
    if not isinstance(paths, list | tuple):
        return "the table"
    names = [Path(shown(str(path))).name or str(path) for path in paths]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _reading(scored: Scored) -> Reading:
    return Reading(
        scored.asked, scored.n_rows, scored.n_unscored, scored.n_no_time, scored.n_unreadable
    )


def _series(
    scored: Scored, groups: Mapping[str, Sequence[Group]], every: str
) -> list[tuple[Group, Sequence[Period]]]:
    """The periods of each group that is shown and has enough rows."""
    found: list[tuple[Group, Sequence[Period]]] = []
    for place, members in enumerate(groups.values()):
        by_value = count_group_periods(scored, place, members, every)
        found += [
            (group, by_value[group.value])
            for group in members
            if not group.is_rest and group.count.rows >= LEAST_ROWS
        ]
    return found
