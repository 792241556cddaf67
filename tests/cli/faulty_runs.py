"""Runs of the command that meet a fault, and what has to come of them all the same."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import spacy
import warm_start
from spacy.training import Example

N_ROWS = 2000
SHARD = 20
PATIENCE = 600  # seconds, for a machine that has others to serve


def make_model(path: Path) -> str:
    """A pipeline that any process can load."""
    nlp = spacy.blank("en")
    bow = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True}
    nlp.add_pipe("textcat", config={"model": {**bow, "ngram_size": 1, "no_output_layer": False}})
    cats = {"good": {"POSITIVE": 1.0, "NEGATIVE": 0.0}, "bad": {"POSITIVE": 0.0, "NEGATIVE": 1.0}}
    examples = [Example.from_dict(nlp.make_doc(w), {"cats": c}) for w, c in cats.items()]
    nlp.initialize(lambda: examples)
    nlp.to_disk(path)
    return str(path)


def write_input() -> None:
    """Rows, two of which are broken."""
    words = ["good", "bad", "so so"]
    lines = [json.dumps({"id": n, "text": f"{words[n % 3]} {n} " * 50}) for n in range(N_ROWS)]
    lines[7] = lines[333] = "broken"
    Path("in.jsonl").write_text("\n".join(lines))


def command(model: str, output: str = "out.csv", *more: str, inputs: str = "in.jsonl") -> list[str]:
    start = [sys.executable, "-m", "spacy_lstm_sentiment", "score", inputs, "--output", output]
    size = ["--shard-size", str(SHARD), "--batch-size", "10", "--n-process", "2"]
    return [*start, "--model", model, *size, *more]


def run(*args: str, **options) -> subprocess.CompletedProcess:
    """Run a command; but for options of the process, forked from one that has begun."""
    if args[1] == "-m" and not options:
        args = (*warm_start.python(), *args[1:])
    return subprocess.run(args, capture_output=True, encoding="utf-8", timeout=PATIENCE, **options)


def heed_interrupts() -> None:
    """A shell has what it starts with `&` ignore them, and so do all processes below that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(args: list[str]) -> subprocess.Popen:
    return subprocess.Popen(
        args,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )


def n_parts(output: str = "out.csv") -> int:
    return len(list(Path(f"{output}.spacy-lstm-sentiment").glob("*/*.part")))


def wait_for_parts(process: subprocess.Popen, n: int) -> None:
    while process.poll() is None and n_parts() < n:
        time.sleep(0.001)


def complete_run(model: str) -> tuple[bytes, bytes]:
    """The rows and the rejects of a run that meets no fault."""
    done = run(*command(model, "whole.csv"))
    assert done.returncode == 3, done.stderr
    rows, rejects = (Path(f"whole.csv{end}").read_bytes() for end in ("", ".rejects.jsonl"))
    assert rows.count(b"\n") == 1 + N_ROWS - 2
    return rows, rejects


def assert_complete(whole: tuple[bytes, bytes]) -> None:
    """Look for the same of a run that has met one."""
    rows, rejects = whole
    assert Path("out.csv").read_bytes() == rows
    assert Path("out.csv.rejects.jsonl").read_bytes() == rejects
    assert not Path("out.csv.spacy-lstm-sentiment").exists()
