"""`spacy-lstm-sentiment evaluate`: how good a pipeline is, and where it errs."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.convert import Labels, Split, Stars
from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.cli.report_options import Force, Html, Json, Png
from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting
from spacy_lstm_sentiment.errors import require

if TYPE_CHECKING:
    from spacy_lstm_sentiment.reports.texts import Text

Model = Annotated[str, typer.Argument(help="Pipeline to evaluate, a folder or a package.")]
Data = Annotated[
    Path,
    typer.Argument(
        help="Labelled documents that it was not trained on: .spacy, JSONL, CSV, TSV, or "
        "aclImdb_v1.tar.gz or its folder."
    ),
]
By = Annotated[
    list[str] | None,
    typer.Option(help="Show accuracy by this column too. Can be repeated. IMDB has rating, film."),
]
Compare = Annotated[
    str | None, typer.Option(help="Another pipeline to compare with, by McNemar's exact test.")
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        help="Compare with the majority label, and TF-IDF with logistic regression, learnt from "
        "these labelled documents."
    ),
]
Mistakes = Annotated[int, typer.Option(min=0, help="Most confident mistakes to show.")]
SplitOption = Annotated[Split, typer.Option(help="The part of the IMDB data set.")]
TextField = Annotated[str, typer.Option(help="A table's field with the text.")]
LabelField = Annotated[str, typer.Option(help="A table's field with the label.")]


def evaluate(
    model: Model,
    data: Data,
    by: By = None,
    compare: Compare = None,
    baseline: Baseline = None,
    mistakes: Mistakes = 10,
    split: SplitOption = Split.train,
    text_field: TextField = "text",
    label_field: LabelField = "label",
    labels: Labels = None,
    stars: Stars = None,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
    html: Html = None,
    json: Json = None,
    png: Png = None,
    force: Force = False,
) -> None:
    """Measure a pipeline on labelled documents, with intervals, groups, comparisons, mistakes."""
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.records.notices import Notices
    from spacy_lstm_sentiment.reports import evaluation
    from spacy_lstm_sentiment.reports.evaluation_report import describe_evaluation
    from spacy_lstm_sentiment.reports.outputs import Outputs
    from spacy_lstm_sentiment.reports.texts import read_texts
    from spacy_lstm_sentiment.training.labels import make_coding

    outputs = Outputs(html, json, png, force)
    outputs.check(model, data, compare, baseline)
    notices = Notices()
    read = partial(
        read_texts,
        text_field=text_field,
        label_field=label_field,
        coding=make_coding(labels, stars),
        dialect=Dialect(encoding, delimiter, quoting, escape),
        note=notices,
    )
    require("sklearn", "reports", "Evaluation")
    nlp = load_pipeline(model)
    texts = read(data, split=split.value)
    columns = list(by or ())
    if "rating" in texts[0].columns and "rating" not in columns:
        columns.append("rating")
    rivals = {}
    if compare:
        rivals[compare] = evaluation.predict(load_pipeline(compare), texts).predicted
    if baseline:
        training = read(baseline)
        rivals.update(_baselines(training, texts))
    result = evaluation.evaluate(nlp, texts, by=columns, rivals=rivals, n_mistakes=mistakes)
    report = describe_evaluation(result, model, str(data))
    outputs.write(report.with_guesses(notices.said))


def _baselines(training: "list[Text]", texts: "list[Text]") -> dict[str, list[str]]:
    from spacy_lstm_sentiment.reports.baselines import majority, tfidf

    return {"the majority": majority(training, texts), "TF-IDF": tfidf(training, texts)}
