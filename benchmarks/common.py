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
    """Print rows as a table; with --write also as JSON, and as a table in a page of the docs."""
    settings = f"{options.documents:,} documents, {measure} of {options.repetitions} runs in turn"
    where = f"{machine()}; {settings}; {date.today()}"
    table = "\n".join(
        [
            f"| {' | '.join(rows[0])} |",
            f"|{'---|' * len(rows[0])}",
            *(f"| {' | '.join(map(str, row.values()))} |" for row in rows),
        ]
    )
    print(f"{table}\n\n{where}")
    if options.write:
        RESULTS.mkdir(exist_ok=True)
        result = json.dumps({"where": where, "rows": rows}, indent=2)
        (RESULTS / f"{name}.json").write_text(f"{result}\n")
        _replace_block(page, name, f"{table}\n\n{where}.")


def _replace_block(page: Path, name: str, text: str) -> None:
    start, end = f"<!-- {name} -->\n", f"\n<!-- /{name} -->"
    block = re.compile(f"(?<={re.escape(start)}).*?(?={re.escape(end)})", re.DOTALL)
    content, n_blocks = block.subn(lambda _: text, page.read_text(encoding="utf-8"))
    if n_blocks != 1:
        raise SystemExit(f"{page} has no block {name}")
    page.write_text(content, encoding="utf-8")


def machine() -> str:
    """Processor, cores, versions and what reads documents, in one phrase."""
    cpuinfo = Path("/proc/cpuinfo")
    facts = cpuinfo.read_text() if cpuinfo.exists() else ""
    found = re.search(r"model name\s*: (.*)", facts)
    processor = found.group(1) if found else platform.processor() or platform.machine()
    fastest = next((flag for flag in ("amx_bf16", "avx512_bf16", "avx2") if flag in facts), "")
    forced = " (forced)" if os.environ.get(KERNEL) or os.environ.get(ISA) else ""
    return (
        f"{processor} {fastest}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"torch {torch.__version__}, kernel {available()[0].name}{forced}"
    )
