"""The findings as flat rows, which JSON and Arrow tables hold."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from spacy_lstm_sentiment.reports.insights.counting import LABELS, Count, Group, Interval
from spacy_lstm_sentiment.reports.insights.dates import name_of
from spacy_lstm_sentiment.reports.insights.findings import Change, Difference
from spacy_lstm_sentiment.reports.insights.topics import Place

if TYPE_CHECKING:
    from spacy_lstm_sentiment.reports.insights.analysis import Insights

Row = dict[str, Any]


def group_rows(insights: "Insights") -> list[Row]:
    """The groups by all columns, and how they differ from the rest where they do."""
    found = {id(d.group): d for d in insights.differences}
    return [
        {
            "column": group.column,
            "group": group.name,
            "values": group.n_values,
            **count_row(group.count, insights.is_calibrated),
            "stands_out": id(group) in found,
        }
        for groups in insights.groups.values()
        for group in groups
    ]


def period_rows(insights: "Insights") -> list[Row]:
    """The periods of all rows, for which column and group are None, and of groups."""
    return [
        {
            **_where(group),
            "period": name_of(period.first, insights.every or "day"),
            **count_row(period.count, insights.is_calibrated),
        }
        for group, periods in [(None, insights.periods), *insights.series]
        for period in periods
    ]


def difference_rows(insights: "Insights") -> list[Row]:
    """The groups that stand out, the surest first."""
    return [_difference(difference) for difference in insights.differences]


def change_rows(insights: "Insights") -> list[Row]:
    """The changes, the surest first."""
    return [_change(change, insights.every or "day") for change in insights.changes]


def phrase_rows(insights: "Insights") -> list[Row]:
    """The phrases of what is negative, with excerpts where texts are shown."""
    every = insights.every or "day"
    return [
        {
            **_place(topic.place, every),
            "phrase": phrase.phrase,
            "texts": phrase.texts,
            "of_texts": topic.n_texts,
            "other_texts": phrase.other_texts,
            "of_other_texts": topic.n_others,
            "z": phrase.z,
            **({"excerpts": list(topic.excerpts[number])} if insights.with_texts else {}),
        }
        for topic in insights.topics
        for number, phrase in enumerate(topic.phrases)
    ]


def mover_rows(insights: "Insights") -> list[Row]:
    """The words that moved the model."""
    every = insights.every or "day"
    return [
        {**_place(topic.place, every), **asdict(mover)}
        for topic in insights.topics
        for mover in topic.movers
    ]


def _place(place: Place, every: str) -> Row:
    return {
        **_where(place.group),
        "start": place.start and name_of(place.start, every),
        "until": place.until and name_of(place.until, every),
    }


def _difference(found: Difference) -> Row:
    return {
        **_where(found.group),
        "rows": found.group.count.rows,
        **_interval("negative", found.group.count.share("NEGATIVE")),
        "rest_rows": found.rest.rows,
        **_interval("rest_negative", found.rest.share("NEGATIVE")),
        "z": found.z,
        "p_value": found.p_value,
    }


def _change(found: Change, every: str) -> Row:
    return {
        **_where(found.group),
        "since": name_of(found.since, every),
        "start": name_of(found.start, every),
        "until": found.until and name_of(found.until, every),
        "before_rows": found.before.rows,
        **_interval("before_negative", found.before.share("NEGATIVE")),
        "after_rows": found.after.rows,
        **_interval("after_negative", found.after.share("NEGATIVE")),
        "z": found.z,
        "p_value": found.p_value,
    }


def _where(group: Group | None) -> Row:
    return {"column": group and group.column, "group": group and group.name}


def count_row(count: Count, is_calibrated: bool) -> Row:
    """The shares of the labels and the mean sentiment, with intervals."""
    row: Row = {"rows": count.rows}
    for label in LABELS:
        row |= _interval(label.lower(), count.share(label))
        if is_calibrated:
            row |= _interval(f"{label.lower()}_corrected", count.expected_share(label))
    return row | _interval("sentiment", count.mean_sentiment())


def _interval(name: str, interval: Interval) -> Row:
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}


def to_arrow(rows: Sequence[Row]) -> Any:
    """A pyarrow Table of such rows."""
    import pyarrow

    return pyarrow.Table.from_pylist(list(rows))
