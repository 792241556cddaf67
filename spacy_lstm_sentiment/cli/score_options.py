"""The arguments and options of `spacy-lstm-sentiment score`."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from spacy_lstm_sentiment.cli.tables import DEFAULT_DELIMITER, DELIMITER


class Where(str, Enum):
    """Machines that score."""

    local = "local"
    ray = "ray"


Inputs = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders, patterns or URLs: .jsonl, .ndjson, .csv, .tsv, .txt (a document a"
        " line), each also with .gz, .bz2, .xz or .zst; .parquet, .arrow; - is standard input,"
        " JSONL or plain text.",
    ),
]
Output = Annotated[
    str,
    typer.Option(
        help="File to write: .jsonl, .csv, .tsv, each also with .gz, .bz2, .xz or .zst; .parquet,"
        " .arrow; - is JSONL on stdout. With a slash at the end a folder of parts, also"
        " s3://, gs:// or az://."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        help="Pipeline to score with, a folder or a package.", show_default="ours, English"
    ),
]
TextField = Annotated[
    str | None,
    typer.Option(help="Column with the text.", show_default="text, or the only one of texts"),
]
IdField = Annotated[str | None, typer.Option(help="Column that tells rows apart in the rejects.")]
PerSentence = Annotated[bool, typer.Option("--per-sentence", help="Write a row for each sentence.")]
Explain = Annotated[
    int, typer.Option(min=0, help="Add so many of the words that contribute most, for or against.")
]
NeutralBand = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        max=1.0,
        help="Label NEUTRAL where the sentiment is nearer to 0 than this.",
        show_default="the pipeline's own",
    ),
]
BatchSize = Annotated[int, typer.Option(min=1, help="Rows that go through the pipeline at a time.")]
NProcess = Annotated[
    int | None,
    typer.Option(min=1, help="Processes that score; 1 with --gpu-id.", show_default="cores"),
]
Timeout = Annotated[
    float,
    typer.Option(
        min=0.0,
        help="Seconds that a process may take for 100,000 characters, and for any document; 0 is"
        " as long as it likes. With --n-process 1 nobody is there to see.",
    ),
]
GpuId = Annotated[int, typer.Option(min=-1, help="GPU to score on; -1 is the CPU.")]
Engine = Annotated[
    Where, typer.Option(help="Score in processes on this machine, or on a Ray cluster.")
]
Address = Annotated[
    str | None,
    typer.Option(
        help="With --engine ray: host:port of the cluster's head.",
        show_default="RAY_ADDRESS, or the cluster that this machine is in",
    ),
]
NumActors = Annotated[
    int | None,
    typer.Option(
        min=1, help="With --engine ray: processes that score.", show_default="all there is room for"
    ),
]
NumCpus = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="With --engine ray: CPUs and threads of each.",
        show_default="1",
    ),
]
NumGpus = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        help="With --engine ray: GPUs of each; several share one with less than 1.",
        show_default="0",
    ),
]
PartFormat = Annotated[
    str | None,
    typer.Option(
        help="Where OUTPUT is a folder: the parts' format, as jsonl.zst, csv or parquet.",
        show_default="jsonl.gz",
    ),
]
OnePart = Annotated[
    str | None,
    typer.Option(help="Where OUTPUT is a folder: score a share of the rows, as 3/16."),
]
Finish = Annotated[
    bool,
    typer.Option("--finish", help="After all --part runs: see that all is there, and say so."),
]
ShardSize = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Rows that are kept or lost together.",
        show_default="1,000, in a folder 50,000",
    ),
]
Prefix = Annotated[str, typer.Option(help="What to put before the names of the new columns.")]
Delimiter = Annotated[
    str | None,
    typer.Option(help=f"{DELIMITER} With it, - is a table.", show_default=DEFAULT_DELIMITER),
]
WholeFile = Annotated[bool, typer.Option("--whole-file", help="Read each file as one document.")]
Rejects = Annotated[
    str | None,
    typer.Option(
        help="Where the rows go that cannot be scored.",
        show_default="OUTPUT.rejects.jsonl, or stderr",
    ),
]
KeepEmpty = Annotated[
    bool,
    typer.Option(
        "--keep-empty", help="Write rows without a text with empty results, and reject none."
    ),
]
SafeCsv = Annotated[
    bool,
    typer.Option(
        "--safe-csv", help="Write no cell of CSV or TSV that is a formula to a spreadsheet."
    ),
]
MaxErrors = Annotated[
    int | None, typer.Option(min=0, help="Stop where more rows than this are rejected.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Read no more rows than this.")]
Resume = Annotated[
    bool,
    typer.Option("--resume/--no-resume", help="Go on where a run was interrupted, or start over."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace OUTPUT, and its rejects.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, score 100 rows, and write nothing.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors and guesses.")]
Html = Annotated[
    Path | None, typer.Option(help="Write a page on the results: shares, sentiment, groups.")
]
By = Annotated[
    list[str] | None, typer.Option(help="With --html: column to group by. Can be repeated.")
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="Print the summary as JSON, on stdout, or on stderr with --output -."
    ),
]
