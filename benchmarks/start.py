"""How long `score` takes to start: one row, whole processes, against what it imports.

    python benchmarks/start.py

Each side is a process of its own from start to exit, on files that the warm-up has read already.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import arguments, load_texts, report, time_in_turn, write_jsonl

from spacy_lstm_sentiment.models.kernels.choice import KERNEL

SPACY_ALONE = """
from spacy_lstm_sentiment.late_torch import import_torch_late
import_torch_late()
import spacy
"""


def main() -> None:
    options = arguments(__doc__, documents=1, repetitions=11).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_jsonl(folder / "rows.jsonl", load_texts(options.data, options.documents))
        output = folder / "scored.jsonl"
        score = ["-m", "spacy_lstm_sentiment", "score", rows, "--output", output, "--force"]
        sides = {
            "score": run(*score),
            "score --n-process 1": run(*score, "--n-process", "1"),
            "score, on torch's kernel": run(*score, "--n-process", "1", kernel="torch"),
            "import spacy, without torch": run("-c", SPACY_ALONE),
            "import spacy": run("-c", "import spacy"),
            "import torch": run("-c", "import torch"),
            "nothing": run("-c", ""),
        }
        seconds = time_in_turn(sides, options.repetitions)
    report(
        "start",
        [{"process": side, "seconds": f"{median:.2f}"} for side, median in seconds.items()],
        options,
    )


def run(*arguments: object, kernel: str = "") -> Callable[[], object]:
    environment = {**os.environ, KERNEL: kernel}
    command = [sys.executable, *map(str, arguments)]

    def side() -> object:
        return subprocess.run(command, check=True, capture_output=True, env=environment)

    return side


if __name__ == "__main__":
    main()
