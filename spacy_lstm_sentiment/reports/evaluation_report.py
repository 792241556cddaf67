"""An evaluation, told and drawn so that it can be sent to somebody."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import spacy_lstm_sentiment
from spacy_lstm_sentiment.reports.charts import (
    accuracy_chart,
    confusion_chart,
    reliability_chart,
    roc_chart,
)
from spacy_lstm_sentiment.reports.evaluation import Evaluation, Group, Mistake
from spacy_lstm_sentiment.reports.explanations import strongest_words
from spacy_lstm_sentiment.reports.measures import reliability, roc_auc, roc_curve
from spacy_lstm_sentiment.reports.report import (
    Chart,
    ColouredText,
    Report,
    Section,
    Table,
    number,
    percent,
)

MEANINGS = {
    "accuracy": "share of the documents whose label is right",
    "precision": "share of the documents with this label predicted that have it",
    "recall": "share of the documents with this label that are found",
    "F": "harmonic mean of precision and recall",
    "ROC AUC": "how often one with the label gets more of it than one without; 0.5 is chance",
    "log loss": "surprise at the right label, in nats; 0 is best",
    "Brier score": "squared error of the probabilities; 0 is best",
    "expected calibration error": "how far confidence and accuracy are apart; 0 is best",
}
EXCERPT = 160  # characters


def describe_evaluation(evaluation: Evaluation, model: str, data: str) -> Report:
    accuracy = evaluation.measures["accuracy"]
    left_out = ""
    if evaluation.n_left_out:
        left_out = f"{evaluation.n_left_out:,} with no label that it knows are left out. "
    summary = (
        f"{percent(accuracy.value)} of {len(evaluation.gold):,} documents are labelled right (95% "
        f"interval {percent(accuracy.low)} to {percent(accuracy.high)}). {left_out}"
        f"spacy-lstm-sentiment {spacy_lstm_sentiment.__version__}, {date.today().isoformat()}."
    )
    sections = [
        Section("Measures", [_measures_table(evaluation)]),
        Section("Pictures", [*_charts(evaluation), _confusion_table(evaluation)]),
        *(_groups_section(by, groups) for by, groups in evaluation.groups.items()),
    ]
    if evaluation.rivals:
        sections.append(_rivals_section(evaluation))
    sections.append(_mistakes_section(evaluation))
    coloured = [item for item in map(_coloured, evaluation.mistakes) if item]
    if coloured:
        sections.append(Section("Mistakes in colour", coloured, page_only=True))
    return Report(f"{model} on {data}", summary, sections, _data(evaluation, model, data))


def _measures_table(evaluation: Evaluation) -> Table:
    rows = [
        [
            name,
            f"{estimate.value:.4f}",
            f"{estimate.low:.4f} to {estimate.high:.4f}",
            MEANINGS.get(name) or MEANINGS[name.split()[0]],
        ]
        for name, estimate in evaluation.measures.items()
    ]
    header = ["measure", "value", "95% interval", "what it is"]
    return Table("Measures, with bootstrap intervals", header, rows)


def _charts(evaluation: Evaluation) -> list[Chart]:
    charts = [confusion_chart(evaluation.confusion)]
    curves = {}
    labels = evaluation.labels if len(evaluation.labels) > 2 else evaluation.labels[:1]
    for column, label in enumerate(labels):
        positive = evaluation.gold == column
        if positive.any() and not positive.all():
            scores = evaluation.probabilities[:, column]
            curves[label] = (*roc_curve(scores, positive), roc_auc(scores, positive))
    if curves:
        charts.append(roc_chart(curves))
    bins = reliability(evaluation.probabilities, evaluation.gold)
    error = evaluation.measures["expected calibration error"].value
    return [*charts, reliability_chart(bins, error)]


def _confusion_table(evaluation: Evaluation) -> Table:
    rows = [
        [gold, *(number(count) for count in predicted.values())]
        for gold, predicted in evaluation.confusion.items()
    ]
    header = ["gold", *(f"predicted {label}" for label in evaluation.labels)]
    return Table("Documents by gold and predicted label", header, rows)


def _groups_section(by: str, groups: Sequence[Group]) -> Section:
    chart = accuracy_chart(by, [(g.name, g.n_texts, g.accuracy, g.low, g.high) for g in groups])
    rows = [
        [g.name, number(g.n_texts), percent(g.accuracy), f"{percent(g.low)} to {percent(g.high)}"]
        for g in groups
    ]
    unit = " in tokens" if by == "length" else ""
    table = Table(f"Accuracy by {by}{unit}", [by, "documents", "accuracy", "95% interval"], rows)
    return Section(f"By {by}", [chart, table])


def _rivals_section(evaluation: Evaluation) -> Section:
    accuracy = evaluation.measures["accuracy"].value
    rows = [["this pipeline", percent(accuracy), "", "", "", ""]]
    for rival in evaluation.rivals:
        difference = accuracy - rival.accuracy
        verdict = "no difference shown"
        if rival.test.p_value < 0.05:
            verdict = "worse" if difference > 0 else "better"
        rows.append(
            [
                rival.name,
                percent(rival.accuracy),
                number(rival.test.only_first),
                number(rival.test.only_second),
                f"{rival.test.p_value:.2g}",
                verdict,
            ]
        )
    caption = (
        "Others on the same documents; p by McNemar's exact test, a difference where below 0.05"
    )
    header = [
        "classifier",
        "accuracy",
        "only this right",
        "only the other right",
        "p",
        "the other is",
    ]
    return Section("Compared with others", [Table(caption, header, rows)])


def _mistakes_section(evaluation: Evaluation) -> Section:
    if not evaluation.mistakes:
        return Section("Most confident mistakes", ["There is no mistake."])
    rows = [
        [
            f"{mistake.confidence:.4f}",
            mistake.gold,
            mistake.predicted,
            _words(mistake),
            _excerpt(mistake.text),
        ]
        for mistake in evaluation.mistakes
    ]
    header = ["confidence", "gold", "predicted", "words that speak for it", "text"]
    return Section("Most confident mistakes", [Table("Surest first", header, rows)])


def _words(mistake: Mistake) -> str:
    return ", ".join(strongest_words(mistake.explanation)) if mistake.explanation else ""


def _coloured(mistake: Mistake) -> ColouredText | None:
    title = f"{mistake.predicted} with {mistake.confidence:.4f}, gold {mistake.gold}"
    return ColouredText(mistake.explanation, title=title) if mistake.explanation else None


def _excerpt(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}..."


def _data(evaluation: Evaluation, model: str, data: str) -> dict[str, object]:
    return {
        "model": model,
        "data": data,
        "documents": len(evaluation.gold),
        "left_out": evaluation.n_left_out,
        "measures": {name: asdict(value) for name, value in evaluation.measures.items()},
        "confusion": evaluation.confusion,
        "groups": {by: [asdict(g) for g in groups] for by, groups in evaluation.groups.items()},
        "rivals": [asdict(rival) for rival in evaluation.rivals],
        "mistakes": [
            {
                "text": mistake.text,
                "gold": mistake.gold,
                "predicted": mistake.predicted,
                "confidence": mistake.confidence,
                "words": strongest_words(mistake.explanation) if mistake.explanation else [],
            }
            for mistake in evaluation.mistakes
        ],
    }
