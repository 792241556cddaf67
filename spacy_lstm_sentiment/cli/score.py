"""`spacy-lstm-sentiment score`: sentiment scores for the rows of files."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from spacy_lstm_sentiment import PRETRAINED
from spacy_lstm_sentiment.cli.imports import lasting_imports
from spacy_lstm_sentiment.cli.pipelines import load_pipeline, one_line
from spacy_lstm_sentiment.cli.ray import silence_ray
from spacy_lstm_sentiment.cli.score_options import (
    Address,
    AsJson,
    BatchSize,
    By,
    Delimiter,
    DryRun,
    Engine,
    Explain,
    Finish,
    Force,
    GpuId,
    Html,
    IdField,
    Inputs,
    KeepEmpty,
    Limit,
    MaxErrors,
    Model,
    NeutralBand,
    NProcess,
    NumActors,
    NumCpus,
    NumGpus,
    OnePart,
    Output,
    PartFormat,
    PerSentence,
    Prefix,
    Quiet,
    Rejects,
    Resume,
    SafeCsv,
    ShardSize,
    TextField,
    Timeout,
    Where,
    WholeFile,
)
from spacy_lstm_sentiment.cli.tables import Encoding, Escape, Quoting
from spacy_lstm_sentiment.errors import InputError, Interrupted, require
from spacy_lstm_sentiment.late_torch import import_torch_late, needs_no_torch

if TYPE_CHECKING:
    from spacy_lstm_sentiment.bulk import RayCluster, Summary
    from spacy_lstm_sentiment.reports.outputs import Outputs

SOME_REJECTED = 3


def score(
    inputs: Inputs,
    output: Output,
    model: Model = None,
    text_field: TextField = None,
    id_field: IdField = None,
    per_sentence: PerSentence = False,
    explain: Explain = 0,
    neutral_band: NeutralBand = None,
    batch_size: BatchSize = 1000,
    n_process: NProcess = None,
    timeout: Timeout = 300.0,
    gpu_id: GpuId = -1,
    engine: Engine = Where.local,
    address: Address = None,
    num_actors: NumActors = None,
    num_cpus_per_actor: NumCpus = None,
    num_gpus_per_actor: NumGpus = None,
    format: PartFormat = None,
    part: OnePart = None,
    finish: Finish = False,
    shard_size: ShardSize = None,
    prefix: Prefix = "",
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
    whole_file: WholeFile = False,
    rejects: Rejects = None,
    keep_empty: KeepEmpty = False,
    safe_csv: SafeCsv = False,
    max_errors: MaxErrors = None,
    limit: Limit = None,
    resume: Resume = True,
    force: Force = False,
    dry_run: DryRun = False,
    html: Html = None,
    by: By = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Score the sentiment of texts: adds label, score (P(POSITIVE)) and sentiment (-1 to 1).

    Rows keep their columns and order. The exit code is 3 where some could not be scored:
    those go to OUTPUT.rejects.jsonl, or to standard error with --output -. A run that was
    interrupted goes on when the same command is given again.
    """
    if gpu_id >= 0 and n_process is not None and n_process > 1:
        raise typer.BadParameter("--n-process is for the CPU: leave it out with --gpu-id")
    of_ray = {
        "address": address,
        "num_actors": num_actors,
        "num_cpus_per_actor": num_cpus_per_actor,
        "num_gpus_per_actor": num_gpus_per_actor,
    }
    of_local = {"n_process": n_process, "gpu_id": gpu_id if gpu_id >= 0 else None}
    _check_engine(engine, of_ray, of_local)

    if by and html is None:
        raise typer.BadParameter("--by is for the page: name it with --html")
    with lasting_imports():
        if engine is Where.local and gpu_id < 0 and needs_no_torch(Path(model or PRETRAINED)):
            import_torch_late()
        from spacy_lstm_sentiment import bulk

    page = _page(html, force, [*inputs, output]) if html else None

    if gpu_id >= 0:
        _require_gpu(gpu_id)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        summary = bulk.score(
            inputs,
            output,
            load_pipeline(model),
            text_field=text_field,
            id_field=id_field,
            per_sentence=per_sentence,
            explain=explain,
            neutral_band=neutral_band,
            batch_size=batch_size,
            n_process=1 if gpu_id >= 0 else n_process or _n_cores(),
            timeout=timeout,
            cluster=_cluster(of_ray) if engine is Where.ray else None,
            format=format,
            part=part,
            finish=finish,
            shard_size=shard_size,
            prefix=prefix,
            encoding=encoding,
            delimiter=delimiter,
            quoting=quoting,
            escape=escape,
            whole_file=whole_file,
            rejects=rejects,
            keep_empty=keep_empty,
            safe_csv=safe_csv,
            max_errors=max_errors,
            tally_by=(by or ()) if html else None,
            limit=limit,
            resume=resume,
            force=force,
            dry_run=dry_run,
            quiet=quiet,
        )
    except KeyboardInterrupt as error:
        number = error.args[0] if error.args else signal.SIGINT
        raise Interrupted(f"interrupted; {_how_to_resume(output)}", number) from None
    except MemoryError:
        raise InputError(f"out of memory; {_how_to_resume(output)}") from None
    _report(summary, output, rejects, quiet=quiet, as_json=as_json, dry_run=dry_run)
    if page and not dry_run:
        _write_page(page, summary, output)
    if summary.n_rejected:
        raise typer.Exit(SOME_REJECTED)


def _check_engine(engine: Where, of_ray: dict[str, Any], of_local: dict[str, Any]) -> None:
    """Refuse options of the engine that is not asked for."""
    others, needed = (of_local, "local") if engine is Where.ray else (of_ray, "ray")
    for name, value in others.items():
        if value is not None:
            option = "--" + name.replace("_", "-")
            raise typer.BadParameter(f"{option} is for --engine {needed}")


def _cluster(of_ray: dict[str, Any]) -> "RayCluster":
    from spacy_lstm_sentiment.bulk import RayCluster

    silence_ray()
    return RayCluster(**{name: value for name, value in of_ray.items() if value is not None})


def _report(
    summary: "Summary",
    output: str,
    rejects: str | None,
    *,
    quiet: bool,
    as_json: bool,
    dry_run: bool,
) -> None:
    from spacy_lstm_sentiment.bulk.rejects import rejects_path
    from spacy_lstm_sentiment.bulk.sinks.formats import STANDARD_OUTPUT

    to_file = output != STANDARD_OUTPUT
    where = rejects or (rejects_path(output) if to_file else "standard error")
    name = output if to_file else "standard output"
    if dry_run:
        name = where = "nowhere, it is a dry run"
    if as_json:
        print(json.dumps(summary.report(name, where)), file=sys.stdout if to_file else sys.stderr)
    elif not quiet:
        print(summary.describe(name, where), file=sys.stderr)


def _page(html: Path, force: bool, others: list[str]) -> "Outputs":
    from spacy_lstm_sentiment.reports.outputs import Outputs

    require("matplotlib", "reports", "Drawing")
    page = Outputs(html=html, force=force)
    page.check(*others)
    return page


def _write_page(page: "Outputs", summary: "Summary", output: str) -> None:
    from spacy_lstm_sentiment.reports.insights.run_report import describe_run

    if summary.n_scored:
        page.save(describe_run(summary, output))
    else:
        print("No row was scored: there is no page", file=sys.stderr)


def _how_to_resume(output: str) -> str:
    from spacy_lstm_sentiment.bulk.workspace import is_begun, work_path

    if output.endswith("/"):
        return f"the parts in {output} are whole: give the same command again to go on from there"
    if not is_begun(output):
        return "nothing is kept"
    return (
        f"what is done is in {work_path(output)}: give the same command again to go on from there"
    )


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt(number)


def _n_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _require_gpu(gpu_id: int) -> None:
    import spacy

    try:
        spacy.require_gpu(gpu_id)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"--gpu-id {gpu_id}: {one_line(error)}") from None
