"""`spacy-lstm-sentiment plot`: the curves of a training."""

from pathlib import Path
from typing import Annotated

import typer

from spacy_lstm_sentiment.cli.report_options import Force, Html, Json, Png

TrainingDir = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, help="Folder of `spacy train --output`.")
]


def plot(
    training_dir: TrainingDir,
    html: Html = None,
    json: Json = None,
    png: Png = None,
    force: Force = False,
) -> None:
    """Show a training's loss and accuracy, the chosen step, and where overfitting starts.

    Reads training.jsonl, which spacy-lstm-sentiment.JSONLLogger.v1 writes; also while it runs.
    """
    from spacy_lstm_sentiment.reports.outputs import Outputs
    from spacy_lstm_sentiment.reports.training_curves import describe_curves, read_curves
    from spacy_lstm_sentiment.training.jsonl_logger import LOG_FILE

    outputs = Outputs(html, json, png, force)
    outputs.check(training_dir / LOG_FILE)
    outputs.write(describe_curves(read_curves(training_dir), training_dir))
