"""A training's log: a JSON object an evaluation, in the folder of the trained pipelines."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import srsly
from spacy import Language

from spacy_lstm_sentiment.training.monitor import TrainingMonitor

LOG_FILE = "training.jsonl"

LogStep = Callable[[dict[str, Any] | None], None]
SetupLogger = Callable[..., tuple[LogStep, Callable[[], None]]]


def JSONLLogger() -> SetupLogger:
    """A logger that writes `training.jsonl` beside `model-best` and `model-last`.

    Each evaluation is on disk as soon as it is done; a new training into the folder begins the file
    anew. A training without an output folder writes nothing.
    """

    def setup(
        nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr
    ) -> tuple[LogStep, Callable[[], None]]:
        monitor = TrainingMonitor(nlp)
        n_records = 0

        def log_step(info: dict[str, Any] | None) -> None:
            nonlocal n_records
            if info is None:
                return
            record = monitor.record(info)
            folder = output_folder(info)
            if folder is not None:
                with (folder / LOG_FILE).open("a" if n_records else "w", encoding="utf-8") as file:
                    file.write(srsly.json_dumps(record) + "\n")
                n_records += 1

        return log_step, monitor.close

    return setup


def output_folder(info: dict[str, Any]) -> Path | None:
    """The folder that `spacy train --output` named, which has model-last in it."""
    path = info.get("output_path")
    return Path(path).parent if path else None
