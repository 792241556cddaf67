"""Minutes of training to a dev accuracy: configs/lstm.cfg on IMDB.

    spacy project run imdb-corpus; spacy project run glove-vectors
    python benchmarks/train.py [--goal 0.88]

From the start of `spacy train`, reading of the corpus included, to the first evaluation at the
goal; scikit-learn's TF-IDF(1,2) and logistic regression on the same texts beside it.
"""

import argparse
import re
import subprocess
import sys
import time
from datetime import date

import spacy
from common import ROOT, machine
from spacy.tokens import DocBin

PATHS = {
    "train": "corpus/imdb/train.spacy",
    "dev": "corpus/dev/imdb.spacy",
    "vectors": "vectors/glove",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--goal", type=float, default=0.88)
    parser.add_argument("--eval-frequency", type=int, default=250)
    options = parser.parse_args()
    minutes, updates, accuracy = train_to(options.goal, options.eval_frequency)
    print("| side | minutes | dev accuracy |\n|---|---|---|")
    print(f"| configs/lstm.cfg, {updates} updates | {minutes:.1f} | {accuracy:.3f} |")
    minutes, accuracy = train_scikit_learn()
    print(f"| scikit-learn TF-IDF(1,2) + LR | {minutes:.1f} | {accuracy:.3f} |")
    print(f"\n{machine()}; {date.today()}")


def train_to(goal: float, eval_frequency: int) -> tuple[float, int, float]:
    command = [sys.executable, "-m", "spacy", "train", "configs/lstm.cfg"]
    command += [f"--paths.{name}={path}" for name, path in PATHS.items()]
    command += [f"--training.eval_frequency={eval_frequency}"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            row = re.match(r"\s*\d+\s+(\d+)\s+\S+\s+(\S+)", line)
            if row and float(row[2]) >= 100 * goal:
                process.terminate()
                return (time.perf_counter() - start) / 60, int(row[1]), float(row[2]) / 100
    raise SystemExit(f"the training ended below {goal}")


def train_scikit_learn() -> tuple[float, float]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    (train, train_labels), (dev, dev_labels) = (read(PATHS[part]) for part in ("train", "dev"))
    start = time.perf_counter()
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10)
    )
    model.fit(train, train_labels)
    return (time.perf_counter() - start) / 60, float(model.score(dev, dev_labels))


def read(path: str) -> tuple[list[str], list[bool]]:
    docs = list(DocBin().from_disk(ROOT / path).get_docs(spacy.blank("en").vocab))
    return [doc.text for doc in docs], [doc.cats["POSITIVE"] == 1.0 for doc in docs]


if __name__ == "__main__":
    main()
