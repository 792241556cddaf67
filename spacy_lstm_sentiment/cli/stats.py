"""`spacy-lstm-sentiment stats`: what a corpus is made of."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from spacy_lstm_sentiment.cli.convert import Labels, Split, Stars
from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.cli.report_options import Force, Html, Json, Png
from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting

Corpus = Annotated[
    list[Path],
    typer.Argument(
        help="Files, a split each: .spacy, JSONL, CSV, TSV, .txt (a document a line), or "
        "aclImdb_v1.tar.gz or its folder."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="Pipeline, or vectors, whose tokens and vectors are counted: a folder or a package.",
        show_default="ours, English",
    ),
]
MaxLength = Annotated[
    int | None, typer.Option(min=1, help="Also say what this max_length would cut.")
]
SplitOption = Annotated[Split, typer.Option(help="The part of the IMDB data set.")]
TextField = Annotated[str, typer.Option(help="A table's field with the text.")]
LabelField = Annotated[str, typer.Option(help="A table's field with the label.")]


def stats(
    corpus: Corpus,
    model: Model = None,
    max_length: MaxLength = None,
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
    """Count documents, words, lengths, labels, duplicates, and the words without a vector.

    Recommends a max_length: the smallest round number that cuts at most 5% of the text.
    """
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.records.notices import Notices
    from spacy_lstm_sentiment.reports.corpus_report import describe_corpus
    from spacy_lstm_sentiment.reports.corpus_statistics import measure_corpus
    from spacy_lstm_sentiment.reports.outputs import Outputs
    from spacy_lstm_sentiment.reports.texts import read_texts
    from spacy_lstm_sentiment.training.labels import make_coding

    outputs = Outputs(html, json, png, force)
    outputs.check(model, *corpus)
    notices = Notices()
    read = partial(
        read_texts,
        text_field=text_field,
        label_field=label_field,
        coding=make_coding(labels, stars),
        dialect=Dialect(encoding, delimiter, quoting, escape),
        note=notices,
    )
    nlp = load_pipeline(model)
    texts = {str(path): read(path, split=split.value) for path in corpus}
    report = describe_corpus(measure_corpus(texts, nlp, max_length))
    outputs.write(report.with_guesses(notices.said))
