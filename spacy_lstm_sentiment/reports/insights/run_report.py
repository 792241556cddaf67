"""The page of a run of `score`, out of the counts that it has kept."""

from collections.abc import Sequence

from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.bulk.tally import Sums, Tally
from spacy_lstm_sentiment.reports.insights.charts import sentiment_chart
from spacy_lstm_sentiment.reports.insights.counting import NONE, OTHERS, Count, Group
from spacy_lstm_sentiment.reports.insights.findings import find_differences
from spacy_lstm_sentiment.reports.insights.tables import Cells, group_section, shares_of
from spacy_lstm_sentiment.reports.report import Report, Section, Table, number

MOST_GROUPS = 20


def describe_run(summary: Summary, output: str) -> Report:
    """summary: Of a run that has scored rows, and counted them."""
    tally = summary.tally or Tally()
    whole = _count(tally.whole)
    groups = {column: _groups(tally, column, whole) for column in tally.groups}
    differences = find_differences(groups, whole)
    cells = Cells(whole)
    table = Table(
        "Rows with scores, with 95% intervals",
        ["rows of", *cells.header],
        [["all", *cells.of(whole)]],
    )
    sections = [
        Section("Sentiment", [sentiment_chart(tally.histogram), table]),
        *(group_section(column, groups[column], differences, cells) for column in groups),
        Section("The run", _run(summary)),
    ]
    return Report(f"Scores of {output}", shares_of(whole), sections)


def _groups(tally: Tally, column: str, whole: Count) -> list[Group]:
    found = tally.groups[column]
    largest = sorted(found, key=lambda value: (-found[value][0], value or ""))[:MOST_GROUPS]
    groups = [
        Group(column, NONE if value is None else value, value, _count(found[value]))
        for value in largest
    ]
    rest = whole
    for group in groups:
        rest -= group.count
    if rest.rows:
        groups.append(Group(column, OTHERS, None, rest, True, len(found) - len(largest)))
    return groups


def _count(sums: Sums) -> Count:
    rows, negative, neutral, positive, *others = sums
    return Count(int(rows), int(negative), int(neutral), int(positive), *others)


def _run(summary: Summary) -> Sequence[str]:
    said = [f"{number(summary.n_scored)} rows were scored, {number(summary.n_rejected)} rejected."]
    if summary.n_empty:
        said.append(f"{number(summary.n_empty)} rows without a text have empty results.")
    if summary.n_words:
        said.append(
            f"{100 * summary.unknown_share:.1f}% of {number(summary.n_words)} words have no vector."
        )
    return said
