"""A report as one HTML page that needs nothing but itself."""

from collections.abc import Sequence
from html import escape

from spacy_lstm_sentiment.pipeline.render import render
from spacy_lstm_sentiment.reports.figures import to_svg
from spacy_lstm_sentiment.reports.report import Chart, ColouredText, Item, Quotes, Report, Table
from spacy_lstm_sentiment.reports.terminal import is_numeric

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --text: #1c2024; --soft: #59636e;
  --line: #d5dae0; --band: #f5f7f9; --link: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --text: #e6e8ea; --soft: #a2abb4; --line: #39414a; --band: #1d2226;
    --link: #8ab4f8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-top: 1rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { max-width: 46rem; margin: .5rem 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; list-style: none; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; position: sticky; left: 0;
  max-width: calc(100vw - 2rem); }
th, td { padding: .35rem .8rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { font-weight: 600; border-bottom-width: 2px; }
tbody tr:nth-child(even) { background: var(--band); }
.prose { min-width: 15rem; }
.number { text-align: right; white-space: nowrap; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr));
  gap: 1.5rem; margin: 1rem 0; }
.charts figure { margin: 0; max-width: 34rem; }
.charts figcaption { color: var(--soft); font-size: .9rem; }
svg { width: 100%; height: auto; display: block; }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; margin: 0;
  cursor: pointer; text-align: inherit; }
thead button::after { content: " \\2195"; color: var(--soft); }
[aria-sort="ascending"] button::after { content: " \\2191"; color: inherit; }
[aria-sort="descending"] button::after { content: " \\2193"; color: inherit; }
blockquote { margin: .4rem 0; padding-left: .8rem; border-left: 3px solid var(--line);
  max-width: 46rem; }
"""

# Sorts by the column whose heading is pressed: numbers, the greatest first, or names.
SCRIPT = """
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const body = table.tBodies[0], headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const isNumber = heading.classList.contains("number");
    const key = row => {
      const text = row.cells[column].textContent;
      return isNumber ? parseFloat(text.replaceAll(",", "")) || 0 : text;
    };
    const compare = isNumber ? (a, b) => key(a) - key(b) : (a, b) => key(a).localeCompare(key(b));
    heading.querySelector("button").addEventListener("click", () => {
      const was = heading.getAttribute("aria-sort");
      const up = was ? was === "descending" : !isNumber;
      headings.forEach(other => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...[...body.rows].sort((a, b) => up ? compare(a, b) : compare(b, a)));
    });
  });
}
"""

PROSE = 30  # characters, beyond which a cell is not squeezed to the width of a word

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{summary}</p>
{contents}
{sections}
</main>{script}
</body>
</html>
"""


def render_page(report: Report) -> str:
    """The page. RAISES InputError: The report has charts, and matplotlib is not installed."""
    titles = [escape(section.title) for section in report.sections]
    links = "".join(
        f'<li><a href="#section-{number}">{title}</a></li>' for number, title in enumerate(titles)
    )
    sections = "\n".join(
        f'<section id="section-{number}" aria-labelledby="title-{number}">\n'
        f'<h2 id="title-{number}">{titles[number]}</h2>\n{_items(section.items)}</section>'
        for number, section in enumerate(report.sections)
    )
    return PAGE.format(
        title=escape(report.title),
        style=STYLE,
        summary=escape(report.summary),
        contents=f'<nav aria-label="Contents"><ul>{links}</ul></nav>' if len(titles) > 1 else "",
        sections=sections,
        script=f"\n<script>{SCRIPT}</script>" if _has_sortable(report) else "",
    )


def _has_sortable(report: Report) -> bool:
    items = (item for section in report.sections for item in section.items)
    return any(isinstance(item, Table) and item.sortable for item in items)


def _items(items: Sequence[Item]) -> str:
    """The items in their order; neighbouring charts side by side."""
    parts: list[str] = []
    charts: list[str] = []
    for item in [*items, ""]:
        if isinstance(item, Chart):
            charts.append(_chart(item))
            continue
        if charts:
            parts.append(f'<div class="charts">\n{"".join(charts)}</div>\n')
            charts = []
        parts.append(_item(item))
    return "".join(parts)


def _item(item: Item) -> str:
    if isinstance(item, Table):
        return _table(item)
    if isinstance(item, ColouredText):
        return _coloured_text(item)
    if isinstance(item, Quotes):
        return _quotes(item)
    return f"<p>{escape(str(item))}</p>\n" if item else ""


def _chart(chart: Chart) -> str:
    caption = escape(f"{chart.title}: {chart.alt}")
    return f"<figure>\n{to_svg(chart)}<figcaption>{caption}</figcaption>\n</figure>\n"


def _table(table: Table) -> str:
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.header)
    classes = [_class(column) for column in columns]
    head = "".join(
        f'<th scope="col"{kind}>{_heading(name, table.sortable)}</th>'
        for name, kind in zip(table.header, classes, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row"{classes[0]}>{escape(row[0])}</th>'
        + "".join(
            f"<td{kind}>{escape(cell)}</td>"
            for cell, kind in zip(row[1:], classes[1:], strict=True)
        )
        + "</tr>\n"
        for row in table.rows
    )
    caption = escape(table.caption)
    return (  # a region that can be reached and scrolled with the keys, where it is too wide
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0">\n'
        f"<table{' data-sortable' if table.sortable else ''}>\n"
        f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _heading(name: str, sortable: bool) -> str:
    return f'<button type="button">{escape(name)}</button>' if sortable else escape(name)


def _quotes(item: Quotes) -> str:
    passages = "".join(f'<blockquote dir="auto">{escape(p)}</blockquote>\n' for p in item.passages)
    return f"<h3>{escape(item.title)}</h3>\n{passages}"


def _class(cells: Sequence[str]) -> str:
    if is_numeric(cells):
        return ' class="number"'
    return ' class="prose"' if max(map(len, cells)) > PROSE else ""


def _coloured_text(item: ColouredText) -> str:
    rows = [(sentence, f"{sentiment:+.3f}") for sentence, sentiment in item.sentences]
    sentences = _table(Table("Sentences", ("sentence", "sentiment"), rows)) if rows else ""
    title = f"<h3>{escape(item.title)}</h3>\n" if item.title else ""
    return f"{title}{render(item.explanation)}{sentences}"
