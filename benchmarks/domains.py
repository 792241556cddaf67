"""Accuracy by domain, on labelled .spacy files that no training has read.

    python benchmarks/domains.py corpus/dev/*.spacy [--model PATH]

Of each file: the accuracy and the area under the ROC curve of P(POSITIVE) against P(NEGATIVE) over
its texts of these two labels; over all of its texts macro-F1 of the labels that it has, and the
expected calibration error; and the median distance from 0 of its neutral texts. Models are chosen
by the means of the last row.
"""

import argparse
from pathlib import Path

import numpy as np
import spacy
from sklearn.metrics import f1_score, roc_auc_score
from spacy.language import Language
from spacy.tokens import DocBin
from spacy.vocab import Vocab

import spacy_lstm_sentiment
from spacy_lstm_sentiment.training.calibration import expected_calibration_error

LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL")
COLUMNS = ("accuracy", "AUC", "macro-F1", "ECE", "neutral from 0")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", help="pipeline to measure instead of the one that ships")
    options = parser.parse_args()
    nlp = spacy.load(options.model) if options.model else spacy_lstm_sentiment.load()
    rows = []
    print(f"| file | texts | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 2)}")
    for path in options.files:
        n, row = measure(nlp, path)
        rows.append(row)
        print_row(path.stem, f"{n:,}", row)
    print_row("mean", "", list(np.nanmean(rows, axis=0)))


def measure(nlp: Language, path: Path) -> tuple[int, list[float]]:
    """The number of texts, and a figure for each column, nan where there is none."""
    docs = [doc for doc in DocBin().from_disk(path).get_docs(Vocab()) if any(doc.cats.values())]
    gold = np.array([max(LABELS, key=lambda name: doc.cats.get(name, 0.0)) for doc in docs])
    scored = nlp.pipe(doc.text for doc in docs)
    found = np.array([[doc.cats.get(label, 0.0) for label in LABELS] for doc in scored])
    sentiment = found[:, 0] - found[:, 1]
    polar, neutral = gold != "NEUTRAL", gold == "NEUTRAL"
    positive = gold == "POSITIVE"
    row = [np.nan] * len(COLUMNS)
    if polar.any():
        row[0] = 100 * np.mean((sentiment > 0)[polar] == positive[polar])
    if len(set(positive[polar])) == 2:
        row[1] = 100 * roc_auc_score(positive[polar], sentiment[polar])
    known = sorted(set(gold))
    if len(known) > 1:
        best = np.array(LABELS)[found.argmax(axis=1)]
        row[2] = 100 * f1_score(gold, best, labels=known, average="macro")
    columns = np.array([LABELS.index(label) for label in gold])
    row[3] = expected_calibration_error(found, columns)
    if neutral.any():
        row[4] = float(np.median(np.abs(sentiment[neutral])))
    return len(docs), row


def print_row(name: str, n: str, row: list[float]) -> None:
    cells = [f"{value:.1f}" for value in row[:3]] + [f"{value:.3f}" for value in row[3:]]
    print(f"| {name} | {n} | {' | '.join(cells).replace('nan', '-')} |")


if __name__ == "__main__":
    main()
