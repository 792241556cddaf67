"""Peak memory of the `score` command at growing numbers of rows: it has to be flat.

    python benchmarks/memory.py [--rows 10000 100000 1000000]

Rows are the short reviews of the corpus here, in turn, so that a million of them take minutes.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import srsly
from common import ROOT, arguments, report


def main() -> None:
    parser = arguments(__doc__, documents=1_000_000, repetitions=1)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options = parser.parse_args()
    options.documents = max(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(Path(folder), n_rows, options) for n_rows in options.rows]
    report("memory", rows, options)


def measure(folder: Path, n_rows: int, options: argparse.Namespace) -> dict[str, str | float]:
    lines = (ROOT / "corpus" / "train.jsonl").read_text(encoding="utf-8").splitlines(True)
    source = folder / "rows.jsonl"
    with source.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            file.write(lines[number % len(lines)])
    output = folder / "scored.jsonl"
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "score", source, "--output", output]
    command += ["--force", "--prefix", "predicted_", "--n-process", "1"]
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    assert process.returncode == 0
    n_scored = sum(1 for _ in srsly.read_jsonl(output))
    assert n_scored == n_rows, f"{n_scored} of {n_rows} rows came out"
    seconds = time.perf_counter() - start
    return {"rows": f"{n_rows:,}", "peak MB": round(peak / 1e6), "seconds": round(seconds, 1)}


def resident(pid: int) -> int:
    """Bytes of memory of a process, by the kernel's account."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    return 0


if __name__ == "__main__":
    main()
