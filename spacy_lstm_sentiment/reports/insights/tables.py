"""Tables of counts, by group and by period."""

from collections.abc import Sequence

from spacy_lstm_sentiment.reports.insights.charts import groups_chart
from spacy_lstm_sentiment.reports.insights.counting import (
    LEAST_ROWS,
    Count,
    Group,
    Interval,
    Period,
)
from spacy_lstm_sentiment.reports.insights.dates import name_of
from spacy_lstm_sentiment.reports.insights.findings import Difference
from spacy_lstm_sentiment.reports.report import Section, Table, number, percent


def shares_of(whole: Count) -> str:
    """A sentence on the labels of all rows."""
    share = whole.share("NEGATIVE")
    said = (
        f"{percent(share.value)} of {number(whole.rows)} rows are negative ({ends_of(share)}), "
        f"{percent(whole.share('POSITIVE').value)} positive"
    )
    neutral = whole.share("NEUTRAL").value
    return f"{said}, {percent(neutral)} neutral." if neutral else f"{said}."


def ends_of(interval: Interval) -> str:
    """An interval of a share."""
    return f"{100 * interval.low:.1f} to {percent(interval.high)}"


class Cells:
    """The cells of a count in a table; of neutral rows only where there are any."""

    def __init__(self, whole: Count) -> None:
        self._has_neutral = whole.neutral > 0
        neutral = ["neutral"] if self._has_neutral else []
        shares = ["negative", "95%", *neutral, "positive"]
        self.header = ["rows", *shares, "sentiment", "95%"]

    def of(self, count: Count) -> list[str]:
        negative, mean = count.share("NEGATIVE"), count.mean_sentiment()
        neutral = [percent(count.share("NEUTRAL").value)] if self._has_neutral else []
        return [
            number(count.rows),
            percent(negative.value),
            ends_of(negative),
            *neutral,
            percent(count.share("POSITIVE").value),
            f"{mean.value:+.2f}",
            f"{mean.low:+.2f} to {mean.high:+.2f}",
        ]


def group_section(
    column: str,
    groups: Sequence[Group],
    differences: Sequence[Difference],
    cells: Cells,
    is_calibrated: bool = False,
) -> Section:
    """A picture and a table of the groups by a column."""
    found = {id(difference.group): difference for difference in differences}
    corrected = ["corrected"] if is_calibrated else []
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


def periods_section(periods: Sequence[Period], every: str, cells: Cells) -> Section:
    """A table of the periods."""
    rows = [[name_of(p.first, every), *cells.of(p.count)] for p in periods]
    name = "week of" if every == "week" else every
    caption = f"Sentiment by {every}, with 95% intervals"
    table = Table(caption, [name, *cells.header], rows, sortable=True)
    return Section(f"By {every}", [table], page_only=True)


def _group_name(group: Group) -> str:
    return f"{group.name} ({number(group.n_values)} values)" if group.is_rest else group.name


def _verdict(group: Group, found: Difference | None) -> str:
    if group.is_rest:
        return ""
    if found is None:
        few = group.count.rows < LEAST_ROWS
        return "few rows" if few else "unclear"
    return "more" if found.z > 0 else "less"
