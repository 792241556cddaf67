"""A report in the terminal: tables, texts in colour, and pictures told in words."""

import re
import sys
from collections.abc import Iterable

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from spacy_lstm_sentiment.pipeline.render import note_on_lack
from spacy_lstm_sentiment.reports.report import Chart, ColouredText, Item, Quotes, Report, Table

NUMBER = re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?%?( to [-+]?[\d.,]+%?)?|")
WIDTH = 100  # where the output is no terminal
LEAST_NAME = 8  # characters of a row's name on a line, however little room there is

FOR, AGAINST = (30, 120, 255), (240, 110, 0)
WEAK = 0.15  # share of the strongest contribution below which a word keeps its ground


def is_numeric(cells: Iterable[str]) -> bool:
    """Whether a column holds numbers, which are set flush right."""
    return all(NUMBER.fullmatch(cell) for cell in cells)


def print_report(report: Report) -> None:
    """Write a report to standard output."""
    console = Console(
        width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=False
    )
    console.print(Text(report.title, style="bold"))
    console.print(Text(report.summary))
    for section in report.sections:
        if section.page_only:
            continue
        console.print()
        console.print(Text(section.title, style="bold"))
        for item in section.items:
            console.print(_renderable(item))


def _renderable(item: Item) -> "Text | RichTable | Padding":
    if isinstance(item, Table):
        return Padding(Group(Text(item.caption, style="italic"), _table(item)), (1, 0, 0, 0))
    if isinstance(item, Chart):
        return Text(f"{item.title}: {item.alt}")
    if isinstance(item, ColouredText):
        return _coloured_text(item)
    if isinstance(item, Quotes):
        return Text("\n".join([f"{item.title}:", *(f"  {p}" for p in item.passages)]))
    return Text(item)


def _table(table: Table) -> RichTable:
    rich = RichTable(box=None, padding=(0, 2, 0, 0))
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.header)
    for place, (name, cells) in enumerate(zip(table.header, columns, strict=True)):
        numeric = is_numeric(cells)
        rich.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=numeric,
            overflow="fold",
            min_width=None if place else min(LEAST_NAME, max(map(len, [name, *cells]))),
        )
    for row in table.rows:
        rich.add_row(*map(Text, row))
    return rich


def _coloured_text(item: ColouredText) -> Text:
    explanation = item.explanation
    text = Text(f"{item.title}\n" if item.title else "")
    strongest = max(map(abs, explanation.contributions), default=0.0) or 1.0
    for token, space, value in zip(
        explanation.tokens, explanation.spaces, explanation.contributions, strict=True
    ):
        text.append(token, style=_ground(value / strongest))
        text.append(space)
    said = f"\nP({explanation.label}) {explanation.probability:.3f}"
    text.append(f"{said}{note_on_lack(explanation)}; ")
    text.append("for", style=_ground(1.0))
    text.append(" and ")
    text.append("against", style=_ground(-1.0))
    text.append(f" {explanation.label}\n")
    for sentence, sentiment in item.sentences:
        text.append(f"  {sentiment:+.3f}  {' '.join(sentence.split())}\n")
    return text


def _ground(strength: float) -> str:
    """Black on a ground of colour, paler where the contribution, from -1 to 1, is weaker."""
    if abs(strength) < WEAK:
        return ""
    red, green, blue = (
        round(255 - (255 - channel) * abs(strength) * 0.8)
        for channel in (FOR if strength > 0 else AGAINST)
    )
    return f"black on rgb({red},{green},{blue})"
