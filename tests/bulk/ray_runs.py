"""Runs of the command on a Ray cluster of this machine, and what has to come of them."""

import json
import subprocess
import sys
import time
from pathlib import Path

from loopback_cluster import processes

from spacy_lstm_sentiment.bulk.places import Place

N_ROWS = 2000
SHARD = 20

# A component of a package that the nodes have, too.
FAULTY = """
import os, signal, time
from pathlib import Path
from spacy import Language

@Language.factory("faulty")
def make(nlp, name):
    return obey

def obey(doc):
    if doc.text.startswith("hungry"):
        raise RuntimeError("CUDA out of memory. Tried to allocate 9 GiB")
    if doc.text.startswith("hang"):
        while True:
            pass
    if doc.text.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if doc.text.startswith("wait "):
        while not Path(doc.text.removeprefix("wait ")).exists():
            time.sleep(0.1)
    if doc.text.startswith("once "):
        marker = Path(doc.text.removeprefix("once "))
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return doc
"""


def command(model: str, *more: str, output: str = "out.csv") -> list[str]:
    start = [sys.executable, "-m", "spacy_lstm_sentiment", "score", "in.jsonl", "--model", model]
    size = ["--shard-size", str(SHARD), "--batch-size", "10"]
    return [*start, "--output", output, *size, "--json", *more]


def local(model: str, **options: str) -> list[str]:
    return command(model, "--n-process", "2", **options)


def on_ray(model: str, *more: str, **options: str) -> list[str]:
    return command(model, "--engine", "ray", *more, **options)


def run(*args: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(args, capture_output=True, encoding="utf-8", timeout=300, **options)


def start(args: list[str], n_parts: int) -> subprocess.Popen:
    """A run that has so many parts and is under way still."""
    process = subprocess.Popen(
        args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    while process.poll() is None and len(parts()) < n_parts:
        time.sleep(0.001)
    assert process.poll() is None, process.communicate()
    assert len(parts()) < N_ROWS // SHARD // 2
    return process


def parts() -> list[Path]:
    return list(Path("out.csv.spacy-lstm-sentiment").glob("*/*.part"))


def n_done() -> int:
    """The rows that are in parts."""
    places = [Place.of(part.stem) for part in parts()]
    return sum(place.end - place.first for place in places)


def last(text: str) -> str:
    """The last line; those before it may tell of progress, where the machine is busy."""
    return text.splitlines()[-1]


def actor_at_work() -> int:
    """The process of an actor that has a shard in its hands."""
    found: list[int] = []
    while not found and processes("ray::Actor"):
        found = processes("ray::Actor.score")
    return found[0]


def raylet_of(actor: int) -> int:
    """The process of an actor's node."""
    status = Path(f"/proc/{actor}/status").read_text()
    return int(status.partition("PPid:")[2].split()[0])


def assert_complete(expected, code: int, stdout: str, stderr: str) -> None:
    rows, rejects, summary = expected
    assert code == 3, stderr
    assert Path("out.csv").read_bytes() == rows
    assert rows.count(b"\n") == 1 + N_ROWS - 2
    assert Path("out.csv.rejects.jsonl").read_bytes() == rejects
    assert not Path("out.csv.spacy-lstm-sentiment").exists()
    times = {"seconds": 0, "rows_per_second": 0}
    assert {**json.loads(stdout), **times} == {**summary, **times}


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err
