"""Microseconds a row to read and to write, without scoring: columns and rows of Arrow, and JSONL.

    pip install ".[arrow]"
    python benchmarks/columns.py

A row has a text, a whole number, a decimal, a moment and a list. Reading ends where a process would
score: with the texts of a shard that has been packed and unpacked. Writing begins with results that
are there, and ends with the joined output. Between two formats with columns, rows stay columns;
with JSONL on one side they go one by one.
"""

import datetime
import os
import pickle
import shlex
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import spacy
from common import arguments, load_texts, report, time_in_turn

from spacy_lstm_sentiment.bulk.parts import LocalParts
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.rows import Columns, Inputs, look_ahead, read_split
from spacy_lstm_sentiment.bulk.scorer import Scored, ScoringOptions
from spacy_lstm_sentiment.bulk.shards import Shard, cut_shards
from spacy_lstm_sentiment.bulk.sinks.formats import FormatOptions
from spacy_lstm_sentiment.bulk.workspace import Workspace
from spacy_lstm_sentiment.records.blocks import Item
from spacy_lstm_sentiment.records.splits import as_one

SHARD = 1000
OPTIONS = ScoringOptions()
FORMATS = ("jsonl", "parquet", "arrow")
RESULT = Scored([["POSITIVE", 0.75, 0.5]], 0, 0)


def main() -> None:
    options = arguments(__doc__, documents=20_000, repetitions=3).parse_args()
    texts = load_texts(options.data, options.documents)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = {kind: write(folder / f"rows.{kind}", texts) for kind in FORMATS}
        seconds = time_in_turn(sides(folder, inputs), options.repetitions)
    rows = [
        {"what": what, "microseconds a row": f"{1e6 * median / len(texts):.2f}"}
        for what, median in seconds.items()
    ]
    report("columns", rows, options)
    print(f"\n{shlex.join([Path(sys.executable).name, *sys.argv])}")


def sides(folder: Path, inputs: dict[str, Path]) -> dict[str, Callable[[], object]]:
    """What is timed: each format alone, as it is read; and every way from one to another."""
    found: dict[str, Callable[[], object]] = {}
    for kind, path in inputs.items():
        found[f"read {kind}"] = lambda path=path: [texts_of(unpacked(s)) for s in read(path)]
    for source, path in inputs.items():
        for target in FORMATS:
            run = Writing(folder / f"{source}-{target}", path, target)
            found[f"{source} to {target}, write parts"] = run.write_parts
            found[f"{source} to {target}, join"] = run.join
    return found


def write(path: Path, texts: list[str]) -> Path:
    """A file of rows of several types."""
    n = len(texts)
    start = datetime.datetime(2026, 1, 1)
    table = pa.table(
        {
            "id": range(n),
            "text": texts,
            "price": [Decimal(number) / 100 for number in range(n)],
            "at": [start + datetime.timedelta(minutes=number) for number in range(n)],
            "tags": [[f"t{number % 7}", "all"] for number in range(n)],
        }
    )
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".arrow":
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
    else:
        arrow = path.with_suffix(".arrow")
        write(arrow, texts)
        raws = (row.raw for shard in read(arrow) for item in shard.items for row in item.rows())
        path.write_text("".join(f"{raw}\n" for raw in raws), encoding="utf-8")
    return path


def items_of(path: Path) -> list[Item]:
    (split,) = as_one([str(path)])
    return list(read_split(Inputs([]), Columns("text", None, OPTIONS.columns), split))


def read(path: Path) -> list[Shard]:
    return list(cut_shards(items_of(path), SHARD))


def unpacked(shard: Shard) -> Shard:
    return pickle.loads(pickle.dumps(shard))


def texts_of(shard: Shard) -> list[str]:
    return [
        text
        for item in shard.items
        for text in (item.values("text") if hasattr(item, "values") else [item.fields["text"]])
    ]


class Writing:
    """Shards of a file written to one of another format, with results that are there already."""

    def __init__(self, folder: Path, source: Path, target: str) -> None:
        parts = folder / "parts"
        parts.mkdir(parents=True)
        output = folder / f"joined.{target}"
        self.workspace = Workspace(folder, parts, output, folder / "rejects.jsonl")
        self.shards = read(source)
        first, _ = look_ahead(iter(self.shards[0].items), "text")
        format = FormatOptions(f".{target}", OPTIONS.columns).format(first, [str(source)])
        rows = RowOptions("text", OPTIONS)
        self.plan = Plan(rows, format, OPTIONS.columns, LocalParts(parts))

    def write_parts(self) -> None:
        for shard in self.shards:
            self.plan.apply(Unscored(), shard)

    def join(self) -> None:
        if not os.listdir(self.workspace.parts):  # noqa: PTH208
            self.write_parts()
        self.workspace.join(self.plan.format, as_one([]))


class Unscored:
    """Stands for a scorer, and says of each text the same."""

    nlp = SimpleNamespace(max_length=spacy.blank("en").max_length)

    def __call__(self, texts: list[str]) -> list[Scored]:
        return [RESULT] * len(texts)


if __name__ == "__main__":
    main()
