"""What scored rows say, told and drawn."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import spacy_lstm_sentiment
from spacy_lstm_sentiment.reports.insights.analysis import Insights
from spacy_lstm_sentiment.reports.insights.charts import LEAST_DRAWN, periods_chart
from spacy_lstm_sentiment.reports.insights.counting import (
    LABELS,
    LEAST_ROWS,
    Group,
)
from spacy_lstm_sentiment.reports.insights.dates import name_of
from spacy_lstm_sentiment.reports.insights.describe_words import method_of_words, topic_section
from spacy_lstm_sentiment.reports.insights.findings import (
    LEAST_DIFFERENCE,
    LEVEL,
    Change,
    Difference,
    together,
)
from spacy_lstm_sentiment.reports.insights.rows import count_row
from spacy_lstm_sentiment.reports.insights.tables import (
    Cells,
    ends_of,
    group_section,
    periods_section,
    shares_of,
)
from spacy_lstm_sentiment.reports.report import (
    Item,
    Report,
    Section,
    number,
    percent,
)

MOST_SENTENCES = 10
MOST_NAMED = 4  # words of a sentence
MOST_DRAWN = 4  # groups that changed


def describe_insights(insights: Insights) -> Report:
    changes = change_sentences(insights)
    differences = [
        _difference(found) + _about(insights, found.group, None) for found in insights.differences
    ]
    every = insights.every
    cells = Cells(insights.whole)
    sections = [
        Section("In short", _in_short(insights, changes, differences)),
        *([_time_section(insights, every)] if every else []),
        *(topic_section(topic, every or "day") for topic in insights.topics),
        *(
            group_section(column, groups, insights.differences, cells, insights.is_calibrated)
            for column, groups in insights.groups.items()
        ),
        *([periods_section(insights.periods, every, cells)] if every else []),
        Section("How this was counted", _method(insights)),
    ]
    summary = " ".join([shares_of(insights.whole), *[*changes, *differences][:1]])
    return Report(f"What {insights.source} says", summary, sections, _data(insights, summary))


def change_sentences(insights: Insights) -> list[str]:
    """A sentence for each time at which something changed, the surest first."""
    every = insights.every or "day"
    return [
        _change(same, every) + _about(insights, same[0].group, same[0].start)
        for same in together(insights.changes, every)
    ]


def _about(insights: Insights, group: Group | None, start: date | None) -> str:
    """The words of a place, if they are told."""
    for topic in insights.topics:
        if topic.place.group is group and topic.place.start == start and topic.phrases:
            words = ", ".join(phrase.phrase for phrase in topic.phrases[:MOST_NAMED])
            return f" What is negative there is about: {words}."
    return ""


def _change(changes: Sequence[Change], every: str) -> str:
    """A sentence for changes that belong together, of which the first is the surest."""
    change = changes[0]
    before, after = (count.share("NEGATIVE").value for count in (change.before, change.after))
    until = f" until {_period(change.until, every)}" if change.until else ""
    verb = "became" if change.group else "have become"
    said = (
        f"{_name(change.group)} {verb} {'more' if after > before else 'less'} negative from "
        f"{_period(change.start, every)} on{until}: {percent(after)} against {percent(before)} "
        f"before ({_p(change.p_value)})."
    )
    others = [_name(c.group) if c.group else "all rows" for c in changes[1:]]
    return f"{said} So did, less clearly, {', '.join(others)}." if others else said


def _difference(found: Difference) -> str:
    share, rest = found.group.count.share("NEGATIVE"), found.rest.share("NEGATIVE")
    return (
        f"{_name(found.group)} is {'more' if share.value > rest.value else 'less'} negative than "
        f"the rest: {percent(share.value)} ({ends_of(share)}) against {percent(rest.value)} "
        f"({_p(found.p_value)})."
    )


def _name(group: Group | None) -> str:
    return "All rows" if group is None else f"{group.name} ({group.column})"


def _period(first: date, every: str) -> str:
    name = name_of(first, every)
    return f"the week of {name}" if every == "week" else name


def _p(value: float) -> str:
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def _in_short(insights: Insights, changes: Sequence[str], differences: Sequence[str]) -> list[Item]:
    items: list[Item] = [*changes[:MOST_SENTENCES]]
    if insights.every and not changes:
        items.append("In no period did the share of negative rows change by more than chance.")
    items += differences[:MOST_SENTENCES]
    if insights.groups and not differences:
        items.append("No group stands out from the rest by more than chance.")
    for kind, said in (("changes", changes), ("groups that stand out", differences)):
        if len(said) > MOST_SENTENCES:
            items.append(f"{len(said) - MOST_SENTENCES:,} more {kind} are in the JSON.")
    return items or [shares_of(insights.whole)]


def _time_section(insights: Insights, every: str) -> Section:
    reading = insights.reading
    surest = [same[0].group for same in together(insights.changes, every)]
    drawn = list({id(group): group for group in surest if group is not None}.values())
    series = {id(group): periods for group, periods in insights.series}
    charts = [
        periods_chart(_name(group), periods, _starts(insights, group), every)
        for group, periods in [
            (None, insights.periods),
            *((group, series[id(group)]) for group in drawn[:MOST_DRAWN]),
        ]
    ]
    items: list[Item] = [chart for chart in charts if chart is not None]
    if not items:
        items.append(f"No two periods have the {LEAST_DRAWN} rows that it takes to draw them.")
    items += _undated(reading.n_no_time, reading.n_unreadable, reading.n_rows, reading.asked.time)
    return Section("Over time", items)


def _starts(insights: Insights, group: Group | None) -> list[date]:
    return [change.start for change in insights.changes if change.group is group]


def _undated(n_no_time: int, n_unreadable: int, n_rows: int, column: str | None) -> list[Item]:
    said: list[Item] = []
    if n_unreadable:
        said.append(
            f"{number(n_unreadable)} rows ({percent(n_unreadable / n_rows)}) have something in "
            f'"{column}" that could not be read as a date: they are in no period.'
        )
    if n_no_time:
        said.append(
            f'{number(n_no_time)} rows ({percent(n_no_time / n_rows)}) have nothing in "{column}": '
            "they are in no period."
        )
    return said


def _method(insights: Insights) -> list[Item]:
    reading = insights.reading
    said = [
        f"{number(reading.n_rows)} rows of {insights.source}, read with the prefix "
        f'"{reading.asked.prefix}".'
        if reading.asked.prefix
        else f"{number(reading.n_rows)} rows of {insights.source}."
    ]
    if reading.n_unscored:
        share = percent(reading.n_unscored / reading.n_rows)
        said.append(
            f"{number(reading.n_unscored)} of them ({share}) "
            "have no scores, or could not be read, and count nowhere."
        )
    others = insights.whole.rows - sum(getattr(insights.whole, name.lower()) for name in LABELS)
    if others:
        said.append(f"{number(others)} rows have another label than {', '.join(LABELS)}.")
    said.append(
        "Intervals are 95%: Wilson's of shares, the normal one of means. A group stands out where "
        "its share of negative rows differs from that of all other rows by a z-test of two "
        f"proportions, p < {LEVEL} after Holm's correction for the number of groups, and by "
        f"{100 * LEAST_DIFFERENCE:.0f} points in a hundred at least. Of fewer than "
        f"{LEAST_ROWS} rows nothing is claimed."
    )
    if insights.every:
        said.append(
            "Changes are found by circular binary segmentation (Olshen et al., 2004) of the shares "
            f"of negative rows by {insights.every}, with Bonferroni's correction for all stretches "
            "of periods, Holm's for all series, and for periods that differ more from their "
            "neighbours than chance has it. A day is the one that is written, whatever the zone."
        )
    said += method_of_words(insights)
    said.append(
        f"spacy-lstm-sentiment {spacy_lstm_sentiment.__version__}, {date.today().isoformat()}."
    )
    return list(said)


def _data(insights: Insights, summary: str) -> dict[str, Any]:
    reading, asked = insights.reading, insights.reading.asked
    return {
        "source": insights.source,
        "summary": summary,
        "by": list(asked.by),
        "time": asked.time,
        "every": insights.every,
        "read": {
            "rows": reading.n_rows,
            "unscored": reading.n_unscored,
            "without_date": reading.n_no_time,
            "unreadable_dates": reading.n_unreadable,
        },
        "all": count_row(insights.whole, insights.is_calibrated),
        **insights.rows(),
    }
