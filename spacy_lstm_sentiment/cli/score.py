"""`spacy-lstm-sentiment score`: sentiment scores for the rows of files."""

import sys
from typing import Annotated

import typer

from spacy_lstm_sentiment.cli.pipelines import load_pipeline, one_line
from spacy_lstm_sentiment.errors import InputError

SOME_REJECTED = 3

Inputs = Annotated[
    list[str],
    typer.Argument(
        help="Files: .jsonl, .ndjson, .csv, .tsv, or .txt (a document a line), each also with .gz;"
        " - is standard input, JSONL or plain text.",
    ),
]
Output = Annotated[
    str,
    typer.Option(
        help="File to write: .jsonl, .csv, .tsv, each also with .gz; - is JSONL on stdout."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="Pipeline to score with, a folder or a package.", show_default="ours, English"
    ),
]
TextField = Annotated[str, typer.Option(help="Column with the text.")]
NProcess = Annotated[int, typer.Option(min=1, help="Processes that score.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Rows that go through the pipeline at a time.")]
GpuId = Annotated[int, typer.Option(min=-1, help="GPU to score on; -1 is the CPU.")]
Prefix = Annotated[
    str, typer.Option(help="What to put before the names label, score and sentiment.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace OUTPUT, and its rejects.")]


def score(
    inputs: Inputs,
    output: Output,
    model: Model = None,
    text_field: TextField = "text",
    n_process: NProcess = 1,
    batch_size: BatchSize = 1000,
    gpu_id: GpuId = -1,
    prefix: Prefix = "",
    force: Force = False,
) -> None:
    """Score the sentiment of texts: adds label, score (P(POSITIVE)) and sentiment (-1 to 1).

    Rows keep their columns and order. The exit code is 3 where some could not be scored:
    those go to OUTPUT.rejects.jsonl, or to standard error with --output -.
    """
    if gpu_id >= 0 and n_process > 1:
        raise typer.BadParameter("--n-process is for the CPU: leave it out with --gpu-id")

    from spacy_lstm_sentiment import bulk
    from spacy_lstm_sentiment.bulk.sinks import STANDARD_OUTPUT, rejects_path

    if gpu_id >= 0:
        _require_gpu(gpu_id)
    summary = bulk.score(
        inputs,
        output,
        load_pipeline(model),
        text_field=text_field,
        batch_size=batch_size,
        n_process=n_process,
        prefix=prefix,
        force=force,
    )
    to_file = output != STANDARD_OUTPUT
    rejects = str(rejects_path(output)) if to_file else "standard error"
    print(summary.describe(output if to_file else "standard output", rejects), file=sys.stderr)
    if summary.n_rejected:
        raise typer.Exit(SOME_REJECTED)


def _require_gpu(gpu_id: int) -> None:
    import spacy

    try:
        spacy.require_gpu(gpu_id)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"--gpu-id {gpu_id}: {one_line(error)}") from None
