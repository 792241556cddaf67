"""What reading in splits is worth: processes, the main one's share, memory, planning, resuming.

    python benchmarks/splits.py [--data aclImdb_v1.tar.gz] [--rows 100000]

Whole processes of `score` on the same rows with one process and with two, in turn, of which one has
the compiled kernel read on all cores, too; the main process's share of a core is of the time
between its first part and its last. Planning is all that
comes before the first shard: of a million short rows in 1,000 files, and of a million in one, all
but the last of which are done.
"""

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from common import arguments, load_texts, report, write_jsonl
from memory import resident

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk import score
from spacy_lstm_sentiment.bulk.engines.processes import Processes
from spacy_lstm_sentiment.bulk.scorer import Scored, Scorer
from spacy_lstm_sentiment.bulk.workspace import work_path
from spacy_lstm_sentiment.errors import InputError

MILLION, N_FILES = 1_000_000, 1000
TICKS = 100  # of the kernel's clock, a second


class ReachedError(Exception):
    """The first shard is to be scored."""


def main() -> None:
    parser = arguments(__doc__, documents=20_000, repetitions=3)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    texts = load_texts(options.data, min(options.documents, options.rows))
    rows = list(itertools.islice(itertools.cycle(texts), options.rows))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = write_jsonl(folder / "rows.jsonl", rows)
        figures = processes(source, options)
        figures |= {"seconds to plan a million rows in 1,000 files": planned(folder)}
        figures |= {"seconds to go on from a million rows": resumed(folder)}
    options.documents = options.rows
    report("splits", [{"what": k, "figure": f"{v:,.3g}"} for k, v in figures.items()], options)


def processes(source: Path, options: argparse.Namespace) -> dict[str, float]:
    """One process against two, in turn: on one thread, and on as many as there are cores."""
    sides = (1, 1), (1, None), (2, None)
    runs: list[list[dict[str, float]]] = [[] for _ in sides]
    for _ in range(options.repetitions):
        for (n_process, n_threads), done in zip(sides, runs, strict=True):
            done.append(whole_process(source, n_process, n_threads))
    alone, one, two = map(median, runs)
    return {
        "seconds with one process on one thread": alone["seconds"],
        "seconds with one process on all cores": one["seconds"],
        "seconds with two processes": two["seconds"],
        "two processes against one on one thread, times as fast": alone["seconds"] / two["seconds"],
        "two processes against one on all cores, times as fast": one["seconds"] / two["seconds"],
        "per cent of a core for the main process": 100 * two["share"],
        "peak MB of the main process": two["main"],
        "peak MB of a worker": two["worker"],
    }


def median(done: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(each[name] for each in done) for name in done[0]}


def whole_process(source: Path, n_process: int, n_threads: int | None) -> dict[str, float]:
    output = source.with_name("scored.jsonl")
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "score", source, "--output", output]
    command += ["--force", "--quiet", "--n-process", n_process]
    start = time.perf_counter()
    threads = {"OMP_NUM_THREADS": str(n_threads)} if n_threads else {}
    process = subprocess.Popen(list(map(str, command)), env={**os.environ, **threads})
    samples, main, worker = list[tuple[float, float]](), 0, 0
    while process.poll() is None:
        if next(work_path(str(output)).glob("*/*.part"), None):
            samples.append((time.perf_counter(), cpu_seconds(process.pid)))
        main = max(main, resident(process.pid))
        worker = max([worker, *map(resident, children(process.pid))])
        time.sleep(0.1)
    assert process.returncode == 0
    (begun, used), (ended, used_at_end) = samples[0], samples[-1]
    return {
        "seconds": time.perf_counter() - start,
        "share": (used_at_end - used) / max(ended - begun, 1e-9),
        "main": main / 1e6,
        "worker": worker / 1e6,
    }


def cpu_seconds(pid: int) -> float:
    """What a process has used of processors, its children's not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, task.read_text().split())


def planned(folder: Path) -> float:
    """Seconds before the first shard of a million rows in many files."""
    inputs = folder / "many"
    inputs.mkdir()
    for number in range(N_FILES):
        write_jsonl(inputs / f"{number:04d}.jsonl", short_texts(MILLION // N_FILES))
    return seconds_to_first_shard(inputs, folder / "many.jsonl")


def resumed(folder: Path) -> float:
    """Seconds before the first shard of a run of which all but the last rows are done."""
    source, output = write_jsonl(folder / "million.jsonl", short_texts(MILLION)), folder / "o.jsonl"
    with patch.object(Scorer, "__call__", unscored):
        try:
            score([source], output, spacy_lstm_sentiment.load(), quiet=True, max_errors=0)
        except InputError:  # the last row has no text
            return seconds_to_first_shard(source, output)
    raise AssertionError("all rows have a text")


def short_texts(n: int) -> list[str]:
    return [f"A good film, the {number}th." for number in range(n - 1)] + [""]


def unscored(self: Scorer, texts: list[str]) -> list[Scored]:
    """The same of each text, at once."""
    return [Scored([["POSITIVE", 0.5, 0.0]], 1, 0)] * len(texts)


def seconds_to_first_shard(source: Path, output: Path) -> float:
    nlp = spacy_lstm_sentiment.load()
    start = time.perf_counter()
    with patch.object(Processes, "run", side_effect=ReachedError):
        try:
            score([source], output, nlp, quiet=True, max_errors=0)
        except ReachedError:
            return time.perf_counter() - start
    raise AssertionError("no shard was asked for")


if __name__ == "__main__":
    main()
