"""Scored rows turned into what they say: the whole way from files to findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy import Language

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.urls import shown
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
from spacy_lstm_sentiment.reports.insights.movers import has_scored
from spacy_lstm_sentiment.reports.insights.reading import (
    MOST_CHARACTERS,
    Asked,
    Scored,
    open_scored,
)
from spacy_lstm_sentiment.reports.insights.topics import (
    Topic,
    choose_places,
    find_topics,
    sample_texts,
)
from spacy_lstm_sentiment.settings import require_count

if TYPE_CHECKING:
    import pyarrow

MOST_GROUPS = 20
N_EXPLAINED = 120
N_COMPARED = 30  # texts that a pipeline scores to show that it has scored them before


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
    of each group with enough rows. topics: The words of what stands out and has changed.
    with_texts: Whether excerpts are shown. is_explained: Whether the pipeline that scored the rows
    was there to say what moved it; is_calibrated: and its probabilities are calibrated.
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

    topics: Sequence[Topic] = ()
    with_texts: bool = True
    is_explained: bool = False
    is_calibrated: bool = False

    def tables(self) -> dict[str, pyarrow.Table]:
        """The figures, as docs/api.md describes."""
        return {name: rows.to_arrow(found) for name, found in self.rows().items()}

    def rows(self) -> dict[str, list[rows.Row]]:
        """What the tables hold."""
        return {
            "groups": rows.group_rows(self),
            "periods": rows.period_rows(self),
            "differences": rows.difference_rows(self),
            "changes": rows.change_rows(self),
            "phrases": rows.phrase_rows(self),
            "movers": rows.mover_rows(self),
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


@dataclass(frozen=True)
class Wishes:
    """What is wanted of the rows.

    every: "day", "week" or "month"; None chooses by the data. most_groups: So many of a column are
    shown. with_texts: Show excerpts. n_explained: So many texts are explained. memory: What DuckDB
    may use.
    """

    every: str | None = None
    most_groups: int = MOST_GROUPS
    with_texts: bool = True
    n_explained: int = N_EXPLAINED
    memory: str = "400MB"


def analyse(
    data: Any, asked: Asked, wishes: Wishes, load: Callable[[], Language] | None = None
) -> Insights:
    """Read scored rows, count them, and find what stands out, what changed, and in which words.

    data: A path, or several, or a table in memory.
    load: Gives the pipeline that has scored them, by default the one that ships.

    RAISES InputError: A column is missing, or there are no scores, or no dates that can be read; a
        wish is out of its range.
    """
    if wishes.every not in (None, *EVERY):
        raise InputError(f"--every {wishes.every}: name one of {', '.join(EVERY)}")
    require_count("--groups", wishes.most_groups)
    require_count("--explain", wishes.n_explained, least=0)
    with open_scored(data, asked, wishes.memory) as scored:
        counted = _count(scored, _source(data), wishes)
        return _with_topics(scored, counted, wishes, load) if scored.has_texts else counted


def _count(scored: Scored, source: str, wishes: Wishes) -> Insights:
    whole = count_all(scored)
    groups = {
        name: count_groups(scored, place, whole, wishes.most_groups)
        for place, name in enumerate(scored.asked.by)
    }
    every: str | None = None
    periods: Sequence[Period] = ()
    series: list[tuple[Group, Sequence[Period]]] = []
    if scored.asked.time is not None:
        every = wishes.every or choose_every(scored)
        periods = count_periods(scored, every)
        series = _series(scored, groups, every)
    return Insights(
        source=source,
        reading=_reading(scored),
        whole=whole,
        groups=groups,
        every=every,
        periods=periods,
        series=series,
        differences=find_differences(groups, whole),
        changes=find_changes([(None, periods), *series]),
        with_texts=wishes.with_texts,
    )


def _with_topics(
    scored: Scored, counted: Insights, wishes: Wishes, load: Callable[[], Language] | None
) -> Insights:
    nlp = None
    if wishes.n_explained:
        sample = sample_texts(scored, f"length(text) < {MOST_CHARACTERS}", most=N_COMPARED)
        nlp = (load or spacy_lstm_sentiment.load)() if sample else None
        nlp = nlp if nlp and has_scored(nlp, sample) else None
    topics = find_topics(
        scored,
        choose_places(counted.changes, counted.differences, counted.every or "day"),
        with_excerpts=wishes.with_texts,
        nlp=nlp,
        n_explained=wishes.n_explained,
    )
    is_calibrated = nlp is not None and "calibration" in (nlp.meta.get("performance") or {})
    return replace(
        counted, topics=topics, is_explained=nlp is not None, is_calibrated=is_calibrated
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
