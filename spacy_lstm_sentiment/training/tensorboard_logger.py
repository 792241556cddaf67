"""A training in TensorBoard: curves while it runs, a card and a confusion matrix at its end."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from spacy import Language

from spacy_lstm_sentiment.errors import require
from spacy_lstm_sentiment.training.jsonl_logger import LogStep, SetupLogger, output_folder
from spacy_lstm_sentiment.training.monitor import Record, TrainingMonitor

FOLDER = "tensorboard"


def TensorBoardLogger(log_dir: str | None = None) -> SetupLogger:
    """A logger that writes event files for TensorBoard.

    Every evaluation writes the scores, the loss, the learning rate, the gradient norm and the words
    per second; the end writes a text card, and the confusion matrix of the best evaluation.

    log_dir (str | None): The folder to write to. `null`: `tensorboard` in the output folder of
        `spacy train`; without one, nothing is written.
    RAISES MissingExtra: TensorBoard or matplotlib is not installed.
    """
    for package in ("tensorboard", "matplotlib"):
        require(package, "tensorboard", "TensorBoardLogger")
    from torch.utils.tensorboard import SummaryWriter

    from spacy_lstm_sentiment.reports.charts import confusion_chart
    from spacy_lstm_sentiment.reports.figures import draw

    def setup(
        nlp: Language, stdout: IO[str] = sys.stdout, stderr: IO[str] = sys.stderr
    ) -> tuple[LogStep, Callable[[], None]]:
        monitor = TrainingMonitor(nlp)
        writer: SummaryWriter | None = None
        records: list[Record] = []

        def log_step(info: dict[str, Any] | None) -> None:
            nonlocal writer
            if info is None:
                return
            records.append(monitor.record(info))
            folder = Path(log_dir) if log_dir else (output_folder(info) or Path()) / FOLDER
            if writer is None and (log_dir or output_folder(info)):
                writer = SummaryWriter(str(folder), purge_step=0)
            if writer is not None:
                for tag, value in _scalars(records[-1]):
                    writer.add_scalar(tag, value, records[-1]["step"])
                writer.flush()

        def finalize() -> None:
            monitor.close()
            if writer is None:
                return
            best = max(records, key=lambda record: record["score"])
            writer.add_text("training", _card(nlp, records, best), best["step"])
            confusion = best["scores"].get("sentiment_confusion")
            if confusion:
                chart = confusion_chart(confusion)
                writer.add_figure("dev/confusion", draw([chart]), best["step"])
            writer.close()

        return log_step, finalize

    return setup


def _scalars(record: Record) -> Iterator[tuple[str, float]]:
    yield "dev/score", record["score"]
    for name, value in record["scores"].items():
        if isinstance(value, int | float):
            yield f"dev/{name}", value
    for quantity in ("loss", "gradient_norm"):
        for component, value in record[quantity].items():
            yield f"{quantity}/{component}", value
    for quantity in ("learn_rate", "words_per_second"):
        yield f"training/{quantity}", record[quantity]


def _card(nlp: Language, records: list[Record], best: Record) -> str:
    """What was trained and how it ended, in Markdown."""
    last = records[-1]
    rows = {
        "pipeline": ", ".join(nlp.pipe_names),
        "labels": ", ".join(f"{name}: {labels}" for name, labels in nlp.pipe_labels.items()),
        "best score": f"{best['score']:.4f} at step {best['step']} (epoch {best['epoch']})",
        "last score": f"{last['score']:.4f} at step {last['step']} (epoch {last['epoch']})",
        "words read": f"{last['words']:,}",
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    config = nlp.config.interpolate().to_str().replace("\n", "\n    ")
    return f"| training | |\n|---|---|\n{table}\n\nConfig:\n\n    {config}"
