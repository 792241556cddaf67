"""`spacy-lstm-sentiment insights`: what scored rows say, by group, over time, and why."""

from enum import Enum
from functools import partial
from typing import Annotated

import typer

from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.cli.report_options import Force, Html, Json


class Period(str, Enum):
    """Lengths of periods."""

    day = "day"
    week = "week"
    month = "month"


Scored = Annotated[
    list[str],
    typer.Argument(
        help="What score wrote: files, folders, patterns or URLs of .jsonl, .csv or .tsv, each also"
        " with .gz, .bz2, .xz or .zst, .parquet, .arrow."
    ),
]
By = Annotated[list[str] | None, typer.Option(help="Column to group the rows by. Can be repeated.")]
Time = Annotated[str | None, typer.Option(help="Column with the rows' dates.")]
TimeFormat = Annotated[
    str | None,
    typer.Option(help="How the dates are written, such as %d/%m/%Y.", show_default="found out"),
]
Every = Annotated[
    Period | None, typer.Option(help="Length of the periods.", show_default="by the data")
]
TextField = Annotated[
    str | None,
    typer.Option(help="Column with the texts.", show_default="text, where there is one"),
]
Prefix = Annotated[
    str | None,
    typer.Option(help="What is before the names of score's columns.", show_default="found out"),
]
Groups = Annotated[
    int, typer.Option(min=1, help="Groups of a column to show; all others are counted together.")
]
Model = Annotated[
    str | None,
    typer.Option(
        help="Pipeline that has scored, a folder or a package: it says what moved it.",
        show_default="ours, English",
    ),
]
Explain = Annotated[
    int, typer.Option(min=0, help="Negative texts whose words the pipeline explains.")
]
NoTexts = Annotated[
    bool, typer.Option("--no-texts", help="Leave out excerpts, for pages that leave the house.")
]
Memory = Annotated[
    str, typer.Option(help="Memory for counting; what does not fit goes to temporary files.")
]


def insights(
    scored: Scored,
    by: By = None,
    time: Time = None,
    time_format: TimeFormat = None,
    every: Every = None,
    text_field: TextField = None,
    prefix: Prefix = None,
    groups: Groups = 20,
    model: Model = None,
    explain: Explain = 120,
    no_texts: NoTexts = False,
    memory: Memory = "400MB",
    html: Html = None,
    json: Json = None,
    force: Force = False,
) -> None:
    """Say what scored rows say: which groups stand out, what changed, and in which words."""
    from spacy_lstm_sentiment.reports.insights.analysis import Wishes, analyse
    from spacy_lstm_sentiment.reports.insights.describe import describe_insights
    from spacy_lstm_sentiment.reports.insights.reading import Asked
    from spacy_lstm_sentiment.reports.outputs import Outputs

    outputs = Outputs(html, json, None, force)
    outputs.check(model, *scored)
    asked = Asked(by or (), time, time_format, text_field, prefix)
    wishes = Wishes(every.value if every else None, groups, not no_texts, explain, memory)
    result = analyse(scored, asked, wishes, partial(load_pipeline, model))
    outputs.write(describe_insights(result))
