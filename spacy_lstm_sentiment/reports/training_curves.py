"""What the log of a training tells: which step was chosen, and where overfitting starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import srsly

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.charts import curves_chart
from spacy_lstm_sentiment.reports.report import Chart, Report, Section, Table, number
from spacy_lstm_sentiment.training.jsonl_logger import LOG_FILE
from spacy_lstm_sentiment.training.monitor import Record

DEV_LOSS = "sentiment_loss"


@dataclass(frozen=True)
class TrainingCurves:
    """The evaluations of a training.

    best: The one whose pipeline is model-best: the first of the highest score.
    overfitting: The one from which on the dev set's loss is higher than it was, while that of the
        training examples falls; None where that does not happen, or the dev loss is not logged.
    """

    records: list[Record]
    best: Record
    overfitting: Record | None


def read_curves(folder: Path) -> TrainingCurves:
    """The log in a training's folder.

    RAISES InputError: There is none, or it is empty or no log.
    """
    path = folder / LOG_FILE
    if not path.exists():
        raise InputError(
            f"{path}: no such file: name the folder of `spacy train --output`, and put "
            "spacy-lstm-sentiment.JSONLLogger.v1 into its config's [training.logger]"
        )
    try:
        records: list[Record] = list(srsly.read_jsonl(path))
        for record in records:
            record["step"], record["score"], record["loss"], record["scores"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a log of JSONLLogger: {error}") from None
    if not records:
        raise InputError(f"{path}: has no evaluation yet: let the training go on")
    best = max(records, key=lambda record: record["score"])
    return TrainingCurves(records, best, find_overfitting(records))


def find_overfitting(records: list[Record]) -> Record | None:
    """The evaluation of the least dev loss, if the training went on to learn by heart after it:
    its own loss fell further, and the dev set's did not."""
    known = [record for record in records if DEV_LOSS in record["scores"]]
    if not known:
        return None
    turn = min(known, key=lambda record: record["scores"][DEV_LOSS])
    fell_further = _training_loss(known[-1]) < _training_loss(turn)
    rose = known[-1]["scores"][DEV_LOSS] > turn["scores"][DEV_LOSS]
    return turn if fell_further and rose else None


def describe_curves(curves: TrainingCurves, folder: Path) -> Report:
    best, last = curves.best, curves.records[-1]
    summary = (
        f"The best of {len(curves.records)} evaluations, at step {best['step']:,} (epoch "
        f"{best['epoch']}), scores {number(best['score'])}; the last, at step {last['step']:,}, "
        f"{number(last['score'])}. {_verdict(curves)}"
    )
    return Report(
        f"Training: {folder}",
        summary,
        [Section("Curves", _charts(curves)), Section("Evaluations", [_table(curves)])],
        {
            "best_step": best["step"],
            "best_score": best["score"],
            "overfitting_from_step": curves.overfitting and curves.overfitting["step"],
            "evaluations": curves.records,
        },
    )


def _verdict(curves: TrainingCurves) -> str:
    turn = curves.overfitting
    if turn:
        return (
            f"Overfitting starts at step {turn['step']:,}: from there on the loss on dev is above "
            f"{number(turn['scores'][DEV_LOSS])}, while the loss on the training examples falls "
            f"to {number(_training_loss(curves.records[-1]))}. Later steps learn by heart."
        )
    if any(DEV_LOSS in record["scores"] for record in curves.records):
        return "There is no sign of overfitting: a longer training may gain something."
    return "The log has no loss on dev, so that overfitting cannot be told."


def _charts(curves: TrainingCurves) -> list[Chart]:
    records, best = curves.records, curves.best
    marks = {f"chosen, step {best['step']}": best["step"]}
    if curves.overfitting:
        step = curves.overfitting["step"]
        marks[f"overfitting from step {step}"] = step
    with_loss = [record for record in records if DEV_LOSS in record["scores"]]
    losses = {"training": (_steps(records), [_training_loss(record) for record in records])}
    if with_loss:
        losses["dev"] = _steps(with_loss), [record["scores"][DEV_LOSS] for record in with_loss]
    first, last = records[0], records[-1]
    loss_alt = (
        f"the loss on the training examples goes from {number(_training_loss(first))} to "
        f"{number(_training_loss(last))}. {_verdict(curves)}"
    )
    accuracies = [
        (record["step"], record["scores"].get("sentiment_acc", record["score"]))
        for record in records
    ]
    steps, values = (list(column) for column in zip(*accuracies, strict=True))
    accuracy_alt = (
        f"accuracy on dev goes from {number(values[0])} to {number(values[-1])}; the chosen step "
        f"is {best['step']:,}."
    )
    return [
        curves_chart("Loss", "mean squared error", losses, marks, loss_alt),
        curves_chart("Accuracy", "accuracy", {"dev": (steps, values)}, marks, accuracy_alt),
    ]


def _table(curves: TrainingCurves) -> Table:
    def row(record: Record) -> tuple[str, ...]:
        loss: Any = record["scores"].get(DEV_LOSS)
        return (
            str(record["step"]),
            str(record["epoch"]),
            number(_training_loss(record)),
            "" if loss is None else number(loss),
            number(record["score"]),
            number(record["learn_rate"]),
            number(max(record["gradient_norm"].values(), default=0.0)),
            f"{record['words_per_second']:,.0f}",
            "chosen" if record is curves.best else "",
        )

    header = ("step", "epoch", "training loss", "dev loss", "score", "learning rate")
    return Table(
        "Each evaluation of the training",
        (*header, "gradient norm", "words/s", "note"),
        [row(record) for record in curves.records],
    )


def _steps(records: list[Record]) -> list[float]:
    return [record["step"] for record in records]


def _training_loss(record: Record) -> float:
    loss: Mapping[str, float] = record["loss"]
    return sum(loss.values())
