"""What a report is made of, whether a terminal or a page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy_lstm_sentiment.pipeline.explain import Explanation


@dataclass(frozen=True)
class Table:
    """Rows of cells under a caption; the first cell of a row names it.

    sortable: Whether a page lets its reader sort the rows.
    """

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    sortable: bool = False


@dataclass(frozen=True)
class Quotes:
    """Passages of texts under a heading."""

    title: str
    passages: Sequence[str]


@dataclass(frozen=True)
class Chart:
    """A picture.

    alt: Says in words what it shows: all that a terminal or a screen reader gives.
    draw: Draws it on a matplotlib Axes.
    """

    title: str
    alt: str
    draw: Callable[[Any], None]


@dataclass(frozen=True)
class ColouredText:
    """A text whose words are coloured by what they contribute.

    sentences: Each sentence with its sentiment, from -1 to 1, where there are several.
    """

    explanation: Explanation
    sentences: Sequence[tuple[str, float]] = ()
    title: str = ""


Item = str | Table | Chart | ColouredText | Quotes


@dataclass(frozen=True)
class Section:
    """Paragraphs, tables, pictures and texts under a heading.

    page_only: Too long for a terminal.
    """

    title: str
    items: Sequence[Item]
    page_only: bool = False


@dataclass(frozen=True)
class Report:
    """A title, a sentence or two that say the result, and sections.

    data: The same for programs; JSON can hold it.
    """

    title: str
    summary: str
    sections: Sequence[Section]
    data: dict[str, Any] = field(default_factory=dict)

    def with_guesses(self, guesses: Sequence[str]) -> Report:
        """The report, whose data say as well what was guessed at in reading the inputs."""
        return replace(self, data={**self.data, "guesses": list(guesses)})

    @property
    def charts(self) -> list[Chart]:
        return [item for part in self.sections for item in part.items if isinstance(item, Chart)]


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def number(value: float) -> str:
    """A whole number as it is, any other to four significant digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:#.4g}"
