"""The function `bulk.score`: what is asked of a run, checked before anything is read or written."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spacy import Language

from spacy_lstm_sentiment.bulk.engines.base import TIMEOUT, Engine
from spacy_lstm_sentiment.bulk.engines.cluster import RayCluster, import_ray
from spacy_lstm_sentiment.bulk.engines.processes import Processes
from spacy_lstm_sentiment.bulk.folder_run import check_folder, find_folder
from spacy_lstm_sentiment.bulk.output_checks import check_outputs
from spacy_lstm_sentiment.bulk.plan import RowOptions
from spacy_lstm_sentiment.bulk.progress import show_progress
from spacy_lstm_sentiment.bulk.rejects import rejects_path
from spacy_lstm_sentiment.bulk.rows import (
    Columns,
    Inputs,
    check_inputs,
    guess_text_field,
)
from spacy_lstm_sentiment.bulk.run import Run
from spacy_lstm_sentiment.bulk.scorer import Scorer, ScoringOptions
from spacy_lstm_sentiment.bulk.sinks.formats import STANDARD_OUTPUT, FormatOptions, choose_format
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.inputs import find_inputs
from spacy_lstm_sentiment.records.notices import Notices

# Rows of a part: those of a file are joined, those of a folder are what people have to handle.
IN_A_FILE, IN_A_FOLDER = 1000, 50_000


def score(
    inputs: Iterable[str | Path],
    output: str | Path,
    nlp: Language,
    *,
    text_field: str | None = None,
    id_field: str | None = None,
    per_sentence: bool = False,
    explain: int = 0,
    neutral_band: float | None = None,
    batch_size: int = 1000,
    n_process: int = 1,
    timeout: float = TIMEOUT,
    cluster: RayCluster | None = None,
    shard_size: int | None = None,
    prefix: str = "",
    encoding: str = "utf-8",
    delimiter: str | None = None,
    quoting: str | None = None,
    escape: str | None = None,
    whole_file: bool = False,
    rejects: str | Path | None = None,
    keep_empty: bool = False,
    safe_csv: bool = False,
    max_errors: int | None = None,
    tally_by: Iterable[str] | None = None,
    limit: int | None = None,
    resume: bool = True,
    force: bool = False,
    format: str | None = None,
    part: str | None = None,
    finish: bool = False,
    dry_run: bool = False,
    quiet: bool = False,
) -> Summary:
    """Score the rows of `inputs` into `output`: their columns, and label, score and sentiment.

    The rows keep their order. Those that cannot be scored go to `rejects`, by default
    `output`.rejects.jsonl (standard error where `output` is "-", standard output). The work is
    kept in the folder `output`.spacy-lstm-sentiment until all is done; after whatever interruption
    the same call goes on from there. An `output` that ends in a slash is a folder of parts, on a
    disk or in object storage (`bulk.folder_output`). docs/api.md has the arguments. Raises
    InputError, before anything is written, for inputs, an output or a pipeline that cannot be used,
    and for parts of another run.
    """
    named, target = [str(path) for path in inputs], str(output)
    to_folder = find_folder(target, format, part, finish, rejects)
    extension = choose_format(f"part{to_folder.suffix}" if to_folder else target, safe_csv)
    dialect = Dialect(encoding, delimiter, quoting, escape)
    notices = Notices()
    files = Inputs(find_inputs(named, whole_file), dialect, whole_file, notices)
    rejected = str(rejects or rejects_path(target))
    if to_folder is None:
        check_outputs(target, rejected, named, files.paths, force)
    else:
        check_folder(target, named, files.paths)
        to_folder.check(files.paths)
    options = ScoringOptions(neutral_band, per_sentence, explain, batch_size)
    names = [prefix + name for name in options.columns]
    with show_progress(quiet) as progress, _sentences(nlp, per_sentence):
        columns = Columns(_text_field(files, text_field), id_field, names)
        by = None if tally_by is None else tuple(tally_by)
        check_inputs(files, columns, by or ())
        run = Run(
            inputs=files,
            columns=columns,
            rows=RowOptions(
                columns.text_field, options, id_field, keep_empty, max_errors, tally_by=by
            ),
            format=FormatOptions(extension, options.columns, prefix, is_safe=safe_csv),
            nlp=nlp,
            engine=_engine(cluster, 1 if dry_run else n_process, timeout),
            shard_size=shard_size or (IN_A_FOLDER if to_folder else IN_A_FILE),
            limit=limit,
            progress=progress,
        )
        Scorer(nlp, options).check()
        start = time.perf_counter()
        if dry_run:
            summary = run.try_out()
        elif target == STANDARD_OUTPUT:
            summary = run.stream(rejected)
        elif to_folder is not None:
            summary = run.write_folder(target, to_folder, resume, force)
        else:
            summary = run.write(target, rejected, resume, force)
        summary.seconds = time.perf_counter() - start
        summary.guesses = notices.said
    return summary


def _engine(cluster: RayCluster | None, n_process: int, timeout: float) -> Engine:
    if cluster is None:
        return Processes(n_process, timeout)
    import_ray()
    from spacy_lstm_sentiment.bulk.engines.ray_actors import RayActors

    return RayActors(cluster, timeout)


def _text_field(inputs: Inputs, text_field: str | None) -> str:
    if text_field is not None:
        return text_field
    guess = guess_text_field(inputs)
    if guess != "text":
        inputs.note(f'The text is in the column "{guess}", it seems; otherwise name --text-field')
    return guess


@contextmanager
def _sentences(nlp: Language, per_sentence: bool) -> Iterator[None]:
    """See to it that the pipeline sets sentence boundaries, where they are needed."""
    assigned = (name for pipe in nlp.pipe_names for name in nlp.get_pipe_meta(pipe).assigns)
    if not per_sentence or "token.is_sent_start" in assigned:
        yield
        return
    nlp.add_pipe("sentencizer", first=True)
    try:
        yield
    finally:
        nlp.remove_pipe("sentencizer")
