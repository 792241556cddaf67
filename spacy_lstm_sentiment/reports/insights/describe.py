"""What scored rows say, told and drawn."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import spacy_lstm_sentiment
from spacy_lstm_sentiment.reports.insights.analysis import Insights
from spacy_lstm_sentiment.reports.insights.charts import LEAST_DRAWN, groups_chart, periods_chart
from spacy_lstm_sentiment.reports.insights.counting import (
    LABELS,
    LEAST_ROWS,
    Count,
    Group,
    Interval,
)
from spacy_lstm_sentiment.reports.insights.dates import name_of
from spacy_lstm_sentiment.reports.insights.findings import (
    LEAST_DIFFERENCE,
    LEVEL,
    Change,
    Difference,
    together,
)
from spacy_lstm_sentiment.reports.insights.phrases import LEAST_TEXTS
from spacy_lstm_sentiment.reports.insights.rows import count_row
from spacy_lstm_sentiment.reports.insights.topics import MOST_TEXTS, Topic
from spacy_lstm_sentiment.reports.report import (
    Item,
    Quotes,
    Report,
    Section,
    Table,
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
    sections = [
        Section("In short", _in_short(insights, changes, differences)),
        *([_time_section(insights, every)] if every else []),
        *(_topic_section(topic, every or "day") for topic in insights.topics),
        *(_group_section(insights, column) for column in insights.groups),
        *([_periods_section(insights, every)] if every else []),
        Section("How this was counted", _method(insights)),
    ]
    summary = " ".join([_shares(insights), *[*changes, *differences][:1]])
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


def _shares(insights: Insights) -> str:
    whole = insights.whole
    share = whole.share("NEGATIVE")
    said = (
        f"{percent(share.value)} of {number(whole.rows)} rows are negative ({_ends(share)}), "
        f"{percent(whole.share('POSITIVE').value)} positive"
    )
    neutral = whole.share("NEUTRAL").value
    return f"{said}, {percent(neutral)} neutral." if neutral else f"{said}."


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
        f"the rest: {percent(share.value)} ({_ends(share)}) against {percent(rest.value)} "
        f"({_p(found.p_value)})."
    )


def _name(group: Group | None) -> str:
    return "All rows" if group is None else f"{group.name} ({group.column})"


def _period(first: date, every: str) -> str:
    name = name_of(first, every)
    return f"the week of {name}" if every == "week" else name


def _p(value: float) -> str:
    return "p < 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def _ends(interval: Interval) -> str:
    return f"{100 * interval.low:.1f} to {percent(interval.high)}"


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
    return items or [_shares(insights)]


def _time_section(insights: Insights, every: str) -> Section:
    reading = insights.reading
    surest = [same[0].group for same in together(insights.changes, every)]
    drawn = list({id(group): group for group in surest if group is not None}.values())
    series = {id(group): periods for group, periods in insights.series}
    items: list[Item] = [
        periods_chart(_name(group), periods, _starts(insights, group), every)
        for group, periods in [
            (None, insights.periods),
            *((group, series[id(group)]) for group in drawn[:MOST_DRAWN]),
        ]
        if any(period.count.rows >= LEAST_DRAWN for period in periods)
    ]
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


def _periods_section(insights: Insights, every: str) -> Section:
    cells = _Cells(insights)
    rows = [[name_of(p.first, every), *cells.of(p.count)] for p in insights.periods]
    name = "week of" if every == "week" else every
    caption = f"Sentiment by {every}, with 95% intervals"
    table = Table(caption, [name, *cells.header], rows, sortable=True)
    return Section(f"By {every}", [table], page_only=True)


class _Cells:
    """The cells of a count in a table; of neutral rows only where there are any."""

    def __init__(self, insights: Insights) -> None:
        self._has_neutral = insights.whole.neutral > 0
        neutral = ["neutral"] if self._has_neutral else []
        shares = ["negative", "95%", *neutral, "positive"]
        self.header = ["rows", *shares, "sentiment", "95%"]

    def of(self, count: Count) -> list[str]:
        negative, mean = count.share("NEGATIVE"), count.mean_sentiment()
        neutral = [percent(count.share("NEUTRAL").value)] if self._has_neutral else []
        return [
            number(count.rows),
            percent(negative.value),
            _ends(negative),
            *neutral,
            percent(count.share("POSITIVE").value),
            f"{mean.value:+.2f}",
            f"{mean.low:+.2f} to {mean.high:+.2f}",
        ]


def _group_section(insights: Insights, column: str) -> Section:
    groups = insights.groups[column]
    cells = _Cells(insights)
    found = {id(difference.group): difference for difference in insights.differences}
    corrected = ["corrected"] if insights.is_calibrated else []
    rows = [
        [
            _group_name(group),
            *cells.of(group.count),
            *(percent(group.count.expected_share("NEGATIVE").value) for _ in corrected),
            _verdict(group, found.get(id(group))),
        ]
        for group in groups
    ]
    caption = (
        f"Sentiment by {column}, with 95% intervals; whether more is negative than of the rest"
    )
    header = [column, *cells.header, *corrected, "the rest"]
    table = Table(caption, header, rows, sortable=True)
    return Section(f"By {column}", [groups_chart(column, groups), table])


def _topic_section(topic: Topic, every: str) -> Section:
    place = topic.place
    title = f"Words: {place.group.name if place.group else 'all rows'}"
    if place.start:
        title += f" from {name_of(place.start, every)}"
    if place.until:
        title += f" to {name_of(place.until, every)}"
    items: list[Item] = []
    if topic.phrases:
        rows = [
            [
                phrase.phrase,
                percent(phrase.texts / topic.n_texts),
                percent(phrase.other_texts / topic.n_others),
                f"{phrase.z:.1f}",
            ]
            for phrase in topic.phrases
        ]
        caption = (
            f"In {number(topic.n_texts)} negative texts more often than in "
            f"{number(topic.n_others)} others; z is how sure that is"
        )
        header = ["phrase", "texts here", "other texts", "z"]
        items.append(Table(caption, header, rows, sortable=True))
    else:
        items.append("No word is more frequent than in other negative texts by more than chance.")
    if topic.movers:
        rows = [[m.word, number(m.texts), f"{m.contribution:+.2f}"] for m in topic.movers]
        caption = "What moved the model most towards NEGATIVE, in a sample of these texts"
        items.append(Table(caption, ["word", "texts", "mean contribution"], rows, sortable=True))
    items += [
        Quotes(phrase.phrase, "Typical excerpts:", passages)
        for phrase, passages in zip(topic.phrases, topic.excerpts, strict=False)
        if passages
    ]
    return Section(title, items)


def _group_name(group: Group) -> str:
    return f"{group.name} ({number(group.n_values)} values)" if group.is_rest else group.name


def _verdict(group: Group, found: Difference | None) -> str:
    if group.is_rest:
        return ""
    if found is None:
        few = group.count.rows < LEAST_ROWS
        return "few rows" if few else "unclear"
    return "more" if found.z > 0 else "less"


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
    said += _method_of_words(insights)
    said.append(
        f"spacy-lstm-sentiment {spacy_lstm_sentiment.__version__}, {date.today().isoformat()}."
    )
    return list(said)


def _method_of_words(insights: Insights) -> list[str]:
    if insights.reading.asked.text_field is None:
        return ["There is no column with texts: name it with --text-field to see in which words."]
    said = [
        "Words and phrases of two words are compared by their log-odds with an informative "
        "Dirichlet prior (Monroe, Colaresi and Quinn, 2008), each once a text, copies of a text "
        f"once; told is what {LEAST_TEXTS} texts have and is beyond chance, p < {LEVEL} after "
        f"Bonferroni's correction. Of a place and of all others {number(MOST_TEXTS)} negative "
        "texts are read at most, those with the least MD5 sums."
    ]
    if insights.with_texts:
        said.append(
            "Excerpts are of texts of which the model is about as sure as of most, no two alike."
        )
    if insights.is_explained:
        said.append("What moved the model are means of integrated gradients, in the logit.")
    else:
        said.append(
            "What moved the model is not shown: the pipeline that scored these rows was not there "
            "to say; name it with --model."
        )
    if insights.is_calibrated:
        said.append(
            "The pipeline's probabilities are calibrated: corrected shares are their means, in "
            "which mistakes of one kind and the other cancel out (Bella et al., 2010)."
        )
    return said


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
