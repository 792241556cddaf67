"""`score --engine ray`: rows/s against actors, and what a run costs beside the scoring.

    pip install ".[ray]"
    python benchmarks/scaling.py --data aclImdb_v1.tar.gz

Without --address it starts a Ray of its own on this machine, and ends it. The second table is
arithmetic on the first: the actors that a day's reviews take; the runs over a shared folder, for
which one machine reads and joins; and the splits and parts of one run in object storage, where
actors read.
"""

import argparse
import os
import pickle
import secrets
import tempfile
from collections.abc import Callable
from functools import partial
from math import ceil
from pathlib import Path

from common import ROOT, arguments, load_texts, report, time_in_turn, write_jsonl

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk import RayCluster, score
from spacy_lstm_sentiment.bulk.engines.cluster import import_ray
from spacy_lstm_sentiment.bulk.parts import LocalParts
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, read_split
from spacy_lstm_sentiment.bulk.run import BYTES_A_ROW
from spacy_lstm_sentiment.bulk.scorer import ScoringOptions
from spacy_lstm_sentiment.bulk.scoring import IN_A_FOLDER
from spacy_lstm_sentiment.bulk.shards import Shard, cut_shards
from spacy_lstm_sentiment.bulk.sinks.formats import JsonFormat
from spacy_lstm_sentiment.bulk.workspace import Workspace
from spacy_lstm_sentiment.records.splits import as_one

PAGE = ROOT / "docs" / "scaling.md"
SHARD, SMALL_SHARD = 1000, 250
OPTIONS = ScoringOptions(batch_size=SMALL_SHARD)  # so that both have the same batches
FORMAT = JsonFormat(OPTIONS.columns)
DAY = 24 * 60 * 60


def main() -> None:
    parser = arguments(__doc__, documents=20_000, repetitions=3)
    parser.add_argument("--actors", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--address", help="of a cluster that is there, and sees --folder")
    parser.add_argument("--folder", type=Path, help="where the files of the runs go")
    options = parser.parse_args()
    options.actors = sorted({1, *options.actors})
    texts = load_texts(options.data, options.documents)
    if options.address is None:
        start_ray(options.actors[-1])
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        figures = measure(Path(name), texts, options)
    rows = [{"what": what, "figure": show(figure)} for what, figure in figures.items()]
    report("scaling", rows, options, PAGE)
    report("sizes", [size(n, figures) for n in (10**8, 10**10, 10**11)], options, PAGE)


def show(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def start_ray(n_cpus: int) -> None:
    """A Ray of one node, which ends with this process."""
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # loopback addresses alone
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    import_ray().init(
        "local",
        num_cpus=n_cpus,
        object_store_memory=100 << 20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
    )


def measure(folder: Path, texts: list[str], options: argparse.Namespace) -> dict[str, float]:
    """All that the arithmetic needs."""
    rows = write_jsonl(folder / "rows.jsonl", texts)
    workspace = leave_parts(folder, read(rows))
    most = options.actors[-1]
    sides = {
        "start": on_ray(write_jsonl(folder / "one.jsonl", texts[:1]), options.address, most),
        "small": on_ray(rows, options.address, 1, SMALL_SHARD),
        "local": run(rows, n_process=most),
        "read": lambda: [pickle.dumps(shard) for shard in read(rows)],
        "join": lambda: workspace.join(FORMAT, as_one([])),
        **{str(n): on_ray(rows, options.address, n) for n in options.actors},
    }
    seconds = time_in_turn(sides, options.repetitions)
    started = {n: seconds[str(n)] - seconds["start"] for n in options.actors}
    n_more = ceil(len(texts) / SMALL_SHARD) - ceil(len(texts) / SHARD)
    return {
        "start, seconds": seconds["start"],
        **{f"rows/s of {n} actors, once started": len(texts) / started[n] for n in started},
        f"rows/s of --n-process {most} instead, start included": len(texts) / seconds["local"],
        "milliseconds a shard more": 1000 * (seconds["small"] - seconds["1"]) / n_more,
        "rows/s that one machine reads and packs": len(texts) / seconds["read"],
        "rows/s that one machine joins": len(texts) / seconds["join"],
        "bytes a row of output": workspace.output.stat().st_size / len(texts),
    }


def run(source: Path, shard_size: int = SHARD, **where: object) -> Callable[[], object]:
    nlp = spacy_lstm_sentiment.load()
    output = source.with_name("scored.jsonl")
    sizes = {"batch_size": SMALL_SHARD, "shard_size": shard_size}
    return partial(score, [source], output, nlp, force=True, quiet=True, **sizes, **where)


def on_ray(
    source: Path, address: str | None, n_actors: int, shard_size: int = SHARD
) -> Callable[[], object]:
    return run(source, shard_size, cluster=RayCluster(address, n_actors))


def read(path: Path) -> list[Shard]:
    (split,) = as_one([str(path)])
    rows = read_split(Inputs([]), Columns("text", None, OPTIONS.columns), split)
    return list(cut_shards(rows, SHARD))


def leave_parts(folder: Path, shards: list[Shard]) -> Workspace:
    """A run whose parts have still to be joined."""
    parts = folder / "parts"
    parts.mkdir()
    plan = Plan(RowOptions("text", OPTIONS), FORMAT, OPTIONS.columns, LocalParts(parts))
    scorer = plan.scorer(spacy_lstm_sentiment.load())
    for shard in shards:
        plan.apply(scorer, shard)
    return Workspace(folder, parts, folder / "joined.jsonl", folder / "rejects.jsonl")


def size(n_rows: int, figures: dict[str, float]) -> dict[str, str | float]:
    """What so many rows a day take: actors to score them; runs over a shared folder, each on a
    machine that reads all of its rows, packs them and, at the end, joins what has come of them; and
    splits of one run in object storage, each of about as many bytes as rows of a part are given."""
    read, joined = (
        figures[f"rows/s that one machine {does}"] for does in ("reads and packs", "joins")
    )
    n_shards = n_rows / SHARD
    n_splits = n_rows * figures["bytes a row of output"] / (IN_A_FOLDER * BYTES_A_ROW)
    scoring = n_rows / figures["rows/s of 1 actors, once started"]
    overhead = n_shards * figures["milliseconds a shard more"] / 1000
    return {
        "rows a day": f"{n_rows:.0e}".replace("e+", "e"),
        "rows/s": f"{n_rows / DAY:,.0f}",
        "actors of one CPU": f"{ceil((scoring + overhead) / DAY):,}",
        "runs over a shared folder": f"{ceil(n_rows * (1 / read + 1 / joined) / DAY):,}",
        "splits in object storage": f"{n_splits:,.0f}",
        "splits/s": f"{n_splits / DAY:.2g}",
        "output, GB": f"{n_rows * figures['bytes a row of output'] / 1e9:,.0f}",
    }


if __name__ == "__main__":
    main()
