"""What the benchmarks share: texts, sides that take turns, and results for people and programs."""

import argparse
import itertools
import json
import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import spacy
import srsly
import torch
from spacy.language import Language

from spacy_lstm_sentiment.models.kernels.choice import ISA, KERNEL, available
from spacy_lstm_sentiment.training.corpus import read_reviews

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"


def arguments(description: str | None, documents: int, repetitions: int) -> argparse.ArgumentParser:
    """The options that all benchmarks have."""
    parser = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    parser.add_argument(
        "--data", type=Path, help="aclImdb_v1.tar.gz or a JSONL; else the corpus here, repeated"
    )
    parser.add_argument("--documents", type=int, default=documents)
    parser.add_argument("--repetitions", type=int, default=repetitions)
    parser.add_argument("--write", action="store_true", help="into results/ and the docs")
    return parser


def load_texts(data: Path | None, n_documents: int) -> list[str]:
    """So many texts, alike in their mix of lengths wherever the list is cut."""
    if data is None:
        records = itertools.cycle(srsly.read_jsonl(ROOT / "corpus" / "train.jsonl"))
        return [record["text"] for record in itertools.islice(records, n_documents)]
    texts = [review.text for review in read_reviews(data)]
    if len(texts) < n_documents:
        raise SystemExit(f"{data} has {len(texts)} texts: ask for no more with --documents")
    return texts[:: len(texts) // n_documents][:n_documents]


def with_spacy_tokenizer(trained: Language) -> Language:
    """The component of a trained pipeline behind spaCy's own tokenizer."""
    nlp = spacy.blank("en")
    nlp.vocab.vectors = trained.vocab.vectors
    nlp.add_pipe("lstm_sentiment", source=trained)
    return nlp


def write_jsonl(path: Path, texts: list[str]) -> Path:
    srsly.write_jsonl(path, ({"id": n, "text": text} for n, text in enumerate(texts)))
    return path


def time_in_turn(
    sides: dict[str, Callable[[], object]],
    repetitions: int,
    clock: Callable[[], float] = time.perf_counter,
    pick: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """Median seconds of each side, after a warm-up; the sides take turns."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for repetition in range(repetitions + 1):
        for name, run in sides.items():
            start = clock()
            run()
            if repetition:
                times[name].append(clock() - start)
    return {name: pick(values) for name, values in times.items()}


def report(
    name: str,
    rows: list[dict[str, str | float]],
    options: argparse.Namespace,
    page: Path = PAGE,
    measure: str = "medians",
) -> None:
    """Print rows as a table; with --write also as JSON, and in a page of the docs.

    There each kind of processor has a table of its own, the one that was written last.
    """
    documents = "1 document" if options.documents == 1 else f"{options.documents:,} documents"
    settings = f"{documents}, {measure} of {options.repetitions} runs in turn"
    result = {"where": f"{machine()}; {settings}; {date.today()}", "rows": rows}
    print(_table(result))
    if options.write:
        RESULTS.mkdir(exist_ok=True)
        written = json.dumps(result, indent=2)
        (RESULTS / f"{name}.{instructions()}.json").write_text(f"{written}\n")
        found = [json.loads(path.read_text()) for path in sorted(RESULTS.glob(f"{name}.*.json"))]
        _replace_block(page, name, "\n\n".join(map(_table, found)))


def _table(result: dict[str, Any]) -> str:
    rows = result["rows"]
    lines = [
        f"| {' | '.join(rows[0])} |",
        f"|{'---|' * len(rows[0])}",
        *(f"| {' | '.join(map(str, row.values()))} |" for row in rows),
    ]
    return "\n".join([*lines, "", f"{result['where']}."])


def _replace_block(page: Path, name: str, text: str) -> None:
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    block = re.compile(f"(?<={re.escape(start)}).*?(?={re.escape(end)})", re.DOTALL)
    content, n_blocks = block.subn(lambda _: text, page.read_text(encoding="utf-8"))
    if n_blocks != 1:
        raise SystemExit(f"{page} has no block {name}")
    page.write_text(content, encoding="utf-8")


def machine() -> str:
    """Processor, cores, versions and what reads documents, in one phrase."""
    facts = _facts()
    found = re.search(r"model name\s*: (.*)", facts)
    processor = found.group(1) if found else platform.processor() or platform.machine()
    forced = " (forced)" if os.environ.get(KERNEL) or os.environ.get(ISA) else ""
    return (
        f"{processor} {instructions()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, torch {torch.__version__},"
        f" kernel {available()[0].name}{forced}"
    )


def instructions() -> str:
    """The fastest instructions of the processor for what is done here."""
    return next((f for f in ("amx_bf16", "avx512_bf16", "avx2") if f in _facts()), "generic")


def _facts() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    return cpuinfo.read_text() if cpuinfo.exists() else ""
