"""The pictures of all reports: what each draws, and what it says in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from spacy_lstm_sentiment.reports.report import Chart, number, percent

# Told apart with any colour vision, on a light and on a dark ground.
BLUE, ORANGE, GREY = "#1e78ff", "#f06e00", "#888888"


def histogram_chart(lengths: Sequence[int], recommended: int) -> Chart:
    """How many documents have which length in tokens, and where the recommended cut lies."""
    median, longest = float(np.median(lengths)), max(lengths)
    # The few longest would leave nothing to see of the others.
    end = max(float(np.percentile(lengths, 99)), recommended, 1.0)

    def draw(axes: Any) -> None:
        axes.hist(np.minimum(lengths, end), bins=min(50, int(end)), color=BLUE)
        axes.axvline(recommended, color=ORANGE, label=f"max_length {recommended}")
        axes.set(xlabel="tokens", ylabel="documents")
        axes.legend()

    alt = (
        f"of {len(lengths):,} documents half have no more than {median:,.0f} tokens, the longest "
        f"{longest:,}; the recommended max_length is {recommended:,}. The last bar holds all that "
        "is longer."
    )
    return Chart("Length of documents", alt, draw)


def curves_chart(
    title: str,
    axis: str,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    marks: Mapping[str, float],
    alt: str,
) -> Chart:
    """Quantities by training step; vertical lines mark steps."""

    def draw(axes: Any) -> None:
        for (name, (xs, ys)), color in zip(curves.items(), (BLUE, ORANGE, GREY), strict=False):
            axes.plot(xs, ys, color=color, marker=".", label=name)
        for (name, step), style in zip(marks.items(), ("--", ":"), strict=False):
            axes.axvline(step, color=GREY, linestyle=style, label=name)
        axes.set(xlabel="training step", ylabel=axis)
        axes.legend(fontsize=9)

    return Chart(title, alt, draw)


def confusion_chart(confusion: Mapping[str, Mapping[str, int]]) -> Chart:
    """Documents by gold label, in rows, and predicted label, in columns."""
    labels = list(confusion)
    counts = np.array([[confusion[gold][label] for label in labels] for gold in labels])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(axes: Any) -> None:
        axes.pcolormesh(shares, cmap="Blues", vmin=0.0, vmax=1.0)
        for row, column in np.ndindex(counts.shape):
            color = "white" if shares[row, column] > 0.5 else "black"
            text = f"{counts[row, column]:,}\n{percent(shares[row, column])}"
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=color)
        ticks = np.arange(len(labels)) + 0.5
        axes.set_xticks(ticks, labels)
        axes.set_yticks(ticks, labels, rotation=90, va="center")
        axes.set(xlabel="predicted", ylabel="gold")
        axes.invert_yaxis()

    said = [
        f"of {counts[row].sum():,} {label}, {percent(shares[row, row])} are predicted right"
        for row, label in enumerate(labels)
    ]
    return Chart("Confusion matrix", "; ".join(said) + ".", draw)


def roc_chart(curves: Mapping[str, tuple[npt.NDArray, npt.NDArray, float]]) -> Chart:
    """The ROC curve of each label: false positive rates, true positive rates, area."""

    def draw(axes: Any) -> None:
        for (label, (x, y, area)), color in zip(curves.items(), (BLUE, ORANGE, GREY), strict=False):
            axes.plot(x, y, color=color, label=f"{label}, area {area:.3f}")
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="chance")
        axes.set(xlabel="false positive rate", ylabel="true positive rate")
        axes.legend(fontsize=9)

    areas = ", ".join(f"{area:.3f} for {label}" for label, (_, _, area) in curves.items())
    return Chart("ROC curve", f"the area under the curve is {areas}; 0.5 is chance.", draw)


def reliability_chart(bins: Sequence[tuple[float, float, int]], error: float) -> Chart:
    """Accuracy by confidence: (mean confidence, accuracy, documents) of each bin."""

    def draw(axes: Any) -> None:
        confidence, accuracy, sizes = zip(*bins, strict=True)
        low = min(0.5, *confidence)
        axes.plot([low, 1], [low, 1], color=GREY, linestyle=":", label="as sure as right")
        axes.plot(confidence, accuracy, color=BLUE, zorder=1)
        area = 10 + 140 * np.array(sizes) / max(sizes)
        axes.scatter(confidence, accuracy, s=area, color=BLUE, label="documents, by size")
        axes.set(
            xlabel="mean confidence", ylabel="accuracy", ylim=(min(0.5, *accuracy) - 0.06, 1.06)
        )
        axes.legend(fontsize=9, loc="lower right")

    n_documents = sum(size for _, _, size in bins)
    gap = sum(size * (sure - right) for sure, right, size in bins) / n_documents
    alt = (
        f"the model is on average {percent(abs(gap))} {'more' if gap > 0 else 'less'} sure than "
        f"right; the expected calibration error is {error:.3f}."
    )
    return Chart("Reliability", alt, draw)


def accuracy_chart(by: str, groups: Sequence[tuple[str, int, float, float, float]]) -> Chart:
    """Accuracy of groups: (name, documents, accuracy, ends of its interval)."""

    def draw(axes: Any) -> None:
        names, _, accuracy, low, high = zip(*groups, strict=True)
        places = np.arange(len(names))
        errors = np.abs(np.array([low, high]) - accuracy)
        axes.errorbar(accuracy, places, xerr=errors, fmt="o", color=BLUE, capsize=3)
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.set(xlabel="accuracy", xlim=(min(low) - 0.05, min(max(high) + 0.05, 1.02)))

    best = max(groups, key=lambda group: group[2])
    worst = min(groups, key=lambda group: group[2])
    alt = (
        f"best is {best[0]} with {percent(best[2])}, worst {worst[0]} with {percent(worst[2])}; "
        "the bars are 95% intervals."
    )
    return Chart(f"Accuracy by {by}", alt, draw)


def trials_chart(scores: Sequence[tuple[int, float]]) -> Chart:
    """The score of each trial, and the best so far."""
    numbers, values = zip(*scores, strict=True)
    best = np.maximum.accumulate(values)

    def draw(axes: Any) -> None:
        axes.scatter(numbers, values, color=BLUE, label="trial")
        axes.step(numbers, best, where="post", color=ORANGE, label="best so far")
        axes.set(xlabel="trial", ylabel="score")
        axes.legend(fontsize=9)

    alt = (
        f"of {len(values)} trials that were not pruned, the best scores {number(max(values))} and "
        f"the worst {number(min(values))}."
    )
    return Chart("Score of the trials", alt, draw)


def parameter_chart(name: str, points: Sequence[tuple[Any, float]], logarithmic: bool) -> Chart:
    """The score by the value of a parameter."""
    best = max(points, key=lambda point: point[1])
    is_number = all(isinstance(value, int | float) for value, _ in points)

    def draw(axes: Any) -> None:
        values = [value if is_number else str(value) for value, _ in points]
        axes.scatter(values, [score for _, score in points], color=BLUE)
        if logarithmic:
            axes.set_xscale("log")
        elif all(isinstance(value, int) for value in values):
            axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set(xlabel=name.rpartition(".")[2], ylabel="score")

    said = number(best[0]) if is_number else best[0]
    return Chart(f"Score by {name.rpartition('.')[2]}", f"the best trial has {said}.", draw)
