"""`spacy-lstm-sentiment calibrate`: probabilities that can be taken at their word."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.convert import Labels, Stars
from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting

if TYPE_CHECKING:
    from spacy import Language

    from spacy_lstm_sentiment.training.calibration import Calibration

ModelFolder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="Folder of a trained pipeline.")
]
Data = Annotated[
    Path,
    typer.Argument(
        exists=True,
        help="Labelled documents that the model was not trained on: a .spacy file, or a JSONL, "
        "CSV or TSV.",
    ),
]
Output = Annotated[
    Path | None, typer.Option(help="Folder to write the pipeline to; without it, MODEL itself.")
]
TextField = Annotated[str, typer.Option(help="The table's field with the text.")]
LabelField = Annotated[str, typer.Option(help="The table's field with the label.")]
BatchSize = Annotated[
    int, typer.Option(min=1, help="Documents that go through the pipeline at a time.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a pipeline in --output.")]


def calibrate(
    model: ModelFolder,
    data: Data,
    output: Output = None,
    text_field: TextField = "text",
    label_field: LabelField = "label",
    labels: Labels = None,
    stars: Stars = None,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
    batch_size: BatchSize = 1000,
    force: Force = False,
) -> None:
    """Fit the model's probabilities to how often it is right; the labels it predicts stay.

    Divides the logits by one temperature, fitted on DATA (Guo et al., 2017).
    """
    if output and model.resolve() in output.resolve().parents:
        raise typer.BadParameter("--output lies inside MODEL.")
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.training import calibration
    from spacy_lstm_sentiment.training.examples import read_examples
    from spacy_lstm_sentiment.training.folders import require_writable

    if output:
        require_writable(output, force, [model, data], [path.name for path in model.iterdir()])
    nlp = load_pipeline(model)
    examples = read_examples(
        data,
        nlp,
        text_field=text_field,
        label_field=label_field,
        labels=labels,
        stars=stars,
        dialect=Dialect(encoding, delimiter, quoting, escape),
    )
    result = calibration.calibrate(nlp, examples, batch_size=batch_size)
    _write(nlp, model, output or model)
    typer.echo(_summary(result, output or model))


def _write(nlp: "Language", model: Path, output: Path) -> None:
    import shutil

    from spacy_lstm_sentiment.training.folders import whole_folder

    with whole_folder(output) as folder:
        shutil.copytree(model, folder)  # with what is not spaCy's: a README, a licence
        nlp.to_disk(folder)


def _summary(result: "Calibration", output: Path) -> str:
    return (
        f"temperature {result.temperature:.4g}, from {result.documents:,} documents: {output}\n"
        f"{'':26}{'before':>8}{'after':>8}\n"
        f"{'log loss':26}{result.log_loss_before:8.4f}{result.log_loss_after:8.4f}\n"
        f"{'expected calibration error':26}{result.ece_before:8.4f}{result.ece_after:8.4f}"
    )
