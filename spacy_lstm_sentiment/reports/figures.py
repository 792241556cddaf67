"""Charts as pictures, drawn by matplotlib, which needs no display here."""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, BinaryIO

from spacy_lstm_sentiment.errors import require
from spacy_lstm_sentiment.reports.report import Chart

INCHES = (4.8, 3.4)  # small, so that letters stay readable on a phone
DOTS_PER_INCH = 150

# A colour that no chart uses: in a page, what has it takes the colour of the page's text.
INK = "#010203"

_SVG_ID = re.compile(r' id="[A-Za-z.]+_\d+"')


def draw(charts: Sequence[Chart], ink: str = "black") -> Any:
    """A matplotlib Figure of the charts, two in a row.

    RAISES MissingExtra: matplotlib is not installed.
    """
    Figure = require("matplotlib.figure", "reports", "Drawing").Figure
    n_columns = min(len(charts), 2)
    n_rows = -(-len(charts) // 2)
    with _style(ink):
        figure = Figure((INCHES[0] * n_columns, INCHES[1] * n_rows), layout="constrained")
        for number, chart in enumerate(charts, start=1):
            axes = figure.add_subplot(n_rows, n_columns, number)
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_title(chart.title)
            chart.draw(axes)
    return figure


def write_png(charts: Sequence[Chart], file: BinaryIO) -> None:
    """All charts in one picture. RAISES MissingExtra: matplotlib is not installed."""
    draw(charts).savefig(file, format="png", dpi=DOTS_PER_INCH)


def to_svg(chart: Chart) -> str:
    """An <svg> element for a page, in the page's colours and read out as the chart's alt text.

    RAISES MissingExtra: matplotlib is not installed.
    """
    file = io.StringIO()
    figure = draw([chart], INK)
    metadata = {"Date": None, "Creator": None, "Format": None, "Type": None}
    with _style(INK, chart.title):
        figure.savefig(file, format="svg", transparent=True, metadata=metadata)
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = _SVG_ID.sub("", svg)  # every chart has a figure_1
    label = escape(f"{chart.title}: {chart.alt}")
    return svg.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)


@contextmanager
def _style(ink: str, salt: str = "") -> Iterator[None]:
    import matplotlib

    settings: dict[Any, Any] = {
        "font.size": 10,
        "axes.titlesize": 11,
        "svg.fonttype": "none",  # letters stay text
        "text.parse_math": False,  # names out of data may have dollars
        "svg.hashsalt": salt or "chart",
        **dict.fromkeys(
            ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), ink
        ),
        "legend.frameon": False,
    }
    with matplotlib.rc_context(settings):
        yield
