"""`spacy-lstm-sentiment explain`: words coloured by what they contribute."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.cli.report_options import Force, Html, Json
from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting

if TYPE_CHECKING:
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.records.notices import Note

Source = Annotated[
    str,
    typer.Argument(
        metavar="TEXT|FILE",
        help="A text; or a file of texts: .txt (a document a line), JSONL, CSV, TSV or .spacy.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(help="Pipeline to explain, a folder or a package.", show_default="ours, English"),
]
Label = Annotated[str, typer.Option(help="The label for or against which words speak.")]
TextField = Annotated[str, typer.Option(help="A table's field with the text.")]
Limit = Annotated[int, typer.Option(min=1, help="Explain no more than so many texts of a file.")]


def explain(
    text: Source,
    model: Model = None,
    label: Label = "POSITIVE",
    text_field: TextField = "text",
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
    limit: Limit = 10,
    html: Html = None,
    json: Json = None,
    force: Force = False,
) -> None:
    """Show why texts score as they do: each word's contribution, and each sentence's sentiment.

    A text of n words is read at up to 524,288 / n points of a path, from 2 to 1,025; what few
    points miss is said.
    """
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.records.notices import Notices
    from spacy_lstm_sentiment.reports.explanations import describe_explanations, explain_texts
    from spacy_lstm_sentiment.reports.outputs import Outputs

    outputs = Outputs(html, json, None, force)
    outputs.check(model, text if _is_file(text) else None)
    dialect = Dialect(encoding, delimiter, quoting, escape)
    notices = Notices()
    texts = _texts(text, text_field, dialect, notices)[:limit]
    items = explain_texts(load_pipeline(model), texts, label)
    outputs.write(describe_explanations(items, label).with_guesses(notices.said))


def _texts(text: str, text_field: str, dialect: "Dialect", note: "Note") -> list[str]:
    """The text, or those of the file that has it for a name."""
    from spacy_lstm_sentiment.reports.texts import read_texts

    if not _is_file(text):
        return [text]
    found = read_texts(Path(text), text_field=text_field, dialect=dialect, note=note)
    return [item.text for item in found]


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # too long for a name
        return False
