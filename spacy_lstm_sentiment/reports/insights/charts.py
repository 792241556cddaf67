"""The pictures of insights: lines over time with bands, and bars by group."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Any

from spacy_lstm_sentiment.reports.charts import BLUE, GREY, ORANGE
from spacy_lstm_sentiment.reports.insights.counting import LEAST_ROWS, Count, Group, Period
from spacy_lstm_sentiment.reports.insights.dates import EVERY, first_of, following, name_of
from spacy_lstm_sentiment.reports.report import Chart, percent

LEAST_DRAWN = 10  # rows of a period
MOST_BARS = 12
NAME = 18  # characters of a name beside a bar


def periods_chart(
    name: str, periods: Sequence[Period], starts: Sequence[date], every: str
) -> Chart | None:
    """The share of negative rows by period, with a band of its intervals; where it changed.

    By longer periods than were asked for, where half of those have too few rows; None where fewer
    than two periods have enough to be drawn.
    """
    periods, every = _readable(periods, every)
    drawn = [period for period in periods if period.count.rows >= LEAST_DRAWN]
    if len(drawn) < 2:
        return None
    shares = [period.count.share("NEGATIVE") for period in drawn]

    def draw(axes: Any) -> None:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        for stretch in _stretches(drawn, every):
            days = [drawn[place].first for place in stretch]
            low, high = (
                [100 * getattr(shares[i], end) for i in stretch] for end in ("low", "high")
            )
            marker = "o" if len(stretch) == 1 else ""
            values = [100 * shares[i].value for i in stretch]
            axes.fill_between(days, low, high, color=BLUE, alpha=0.25, linewidth=0)
            axes.plot(days, values, color=BLUE, marker=marker)
        for start in starts:
            axes.axvline(start, color=ORANGE, linestyle="--")
            axes.annotate(
                name_of(start, every),
                (start, 1),
                xycoords=("data", "axes fraction"),
                xytext=(3, -10),
                textcoords="offset points",
                fontsize=9,
            )
        locator = AutoDateLocator(maxticks=6)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.set(ylabel="% negative", ylim=(0, min(100, 108 * max(s.high for s in shares) + 5)))

    return Chart(name, _say_periods(periods, starts, every), draw)


def _say_periods(periods: Sequence[Period], starts: Sequence[date], every: str) -> str:
    enough = [period for period in periods if period.count.rows >= LEAST_ROWS]
    said = f"the share of negative rows by {every}, with the band of its 95% interval."
    if enough:
        ordered = sorted(enough, key=lambda period: period.count.share("NEGATIVE").value)
        low, high = (
            f"{percent(period.count.share('NEGATIVE').value)} ({name_of(period.first, every)})"
            for period in (ordered[0], ordered[-1])
        )
        said += f" Where there are {LEAST_ROWS} rows, it is between {low} and {high}."
    if starts:
        said += f" It changed in {', '.join(name_of(start, every) for start in sorted(starts))}."
    n_left_out = sum(period.count.rows < LEAST_DRAWN for period in periods)
    if n_left_out:
        said += f" Not drawn: {n_left_out} with fewer than {LEAST_DRAWN} rows."
    return said


def _readable(periods: Sequence[Period], every: str) -> tuple[Sequence[Period], str]:
    while periods and every != EVERY[-1] and median(p.count.rows for p in periods) < LEAST_ROWS:
        every = EVERY[EVERY.index(every) + 1]
        sums: defaultdict[date, Count] = defaultdict(Count)
        for period in periods:
            sums[first_of(period.first, every)] += period.count
        periods = [Period(first, count) for first, count in sums.items()]
    return periods, every


def _stretches(periods: Sequence[Period], every: str) -> list[list[int]]:
    """The places of periods that follow one another without a gap."""
    found: list[list[int]] = []
    for place, period in enumerate(periods):
        if place and following(periods[place - 1].first, every) == period.first:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def groups_chart(column: str, groups: Sequence[Group]) -> Chart:
    """The share of negative rows by group, the largest share first, with its interval."""
    largest = groups[:MOST_BARS]
    shown = sorted(largest, key=lambda group: -group.count.share("NEGATIVE").value)
    shares = [group.count.share("NEGATIVE") for group in shown]

    def draw(axes: Any) -> None:
        places = range(len(shown))
        values = [100 * share.value for share in shares]
        below = [100 * (share.value - share.low) for share in shares]
        above = [100 * (share.high - share.value) for share in shares]
        few = [group.count.rows < LEAST_ROWS for group in shown]
        axes.barh(places, values, color=[GREY if f else BLUE for f in few], height=0.6)
        axes.errorbar(values, places, xerr=[below, above], fmt="none", ecolor=ORANGE, capsize=3)
        axes.set_yticks(list(places), [_short(group.name) for group in shown])
        axes.invert_yaxis()
        axes.set(xlabel="% negative")

    said = ", ".join(
        f"{group.name} {percent(share.value)}" for group, share in zip(shown, shares, strict=True)
    )
    return Chart(f"Negative by {column}", f"{said}; the lines are 95% intervals.", draw)


def sentiment_chart(histogram: Sequence[int]) -> Chart:
    """How many rows have which sentiment, in bins of equal width from -1 to 1."""
    n_bins, n_rows = len(histogram), sum(histogram)
    width = 2 / n_bins
    edges = [-1 + width * place for place in range(n_bins)]

    def draw(axes: Any) -> None:
        colors = [BLUE if edge + width / 2 > 0 else ORANGE for edge in edges]
        axes.bar(edges, histogram, width=width, align="edge", color=colors)
        axes.set(xlabel="sentiment", ylabel="rows", xlim=(-1, 1))

    low = sum(histogram[: n_bins // 4]) / n_rows
    high = sum(histogram[-(n_bins // 4) :]) / n_rows
    said = f"{percent(low)} of the rows are below -0.5, {percent(high)} above 0.5."
    return Chart("Sentiment of the rows", said, draw)


def _short(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"
