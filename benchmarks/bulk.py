"""The `score` command, whole-process, against `spacy apply` and scikit-learn on the same rows.

    pip install ".[bench]"
    python benchmarks/bulk.py --data aclImdb_v1.tar.gz

Each side is a process of its own from start to exit, that reads a JSONL file of all rows: `score`
writes JSONL, `spacy apply` its own .spacy, and scikit-learn's TF-IDF(1,2) and logistic regression,
saved before, JSONL, in one process and in as many. The last row is `score` on a single row: the
time to start.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import arguments, load_texts, report, time_in_turn, write_jsonl

import spacy_lstm_sentiment

SKLEARN = """
import json, multiprocessing, pickle, sys

def score(rows):
    return model.predict_proba([row["text"] for row in rows])[:, 1].tolist()

if __name__ == "__main__":
    model = pickle.load(open(sys.argv[1], "rb"))
    rows = [json.loads(line) for line in open(sys.argv[2])]
    n = int(sys.argv[4])
    chunks = [rows[start : start + 500] for start in range(0, len(rows), 500)]
    if n == 1:
        scored = map(score, chunks)
    else:
        pool = multiprocessing.get_context("fork").Pool(n)
        scored = pool.imap(score, chunks)
    with open(sys.argv[3], "w") as out:
        for chunk, scores in zip(chunks, scored):
            for row, value in zip(chunk, scores):
                out.write(json.dumps({**row, "score": value}) + "\\n")
"""


def main() -> None:
    parser = arguments(__doc__, documents=5000, repetitions=3)
    parser.add_argument("--n-process", type=int, default=2)
    options = parser.parse_args()
    texts = load_texts(options.data, options.documents)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_jsonl(folder / "rows.jsonl", texts)
        one_row = write_jsonl(folder / "one.jsonl", texts[:1])
        model = save_scikit_learn(texts, folder / "model.pkl")
        n = str(options.n_process)
        score = [sys.executable, "-m", "spacy_lstm_sentiment", "score"]
        output = ["--output", folder / "scored.jsonl", "--force"]
        apply = [sys.executable, "-m", "spacy", "apply", spacy_lstm_sentiment.PRETRAINED, rows]
        (folder / "sklearn_score.py").write_text(SKLEARN)
        sklearn = [sys.executable, folder / "sklearn_score.py", model, rows]
        sklearn += [folder / "sklearn.jsonl"]
        sides = {
            f"score --n-process {n}": run(*score, rows, *output, "--n-process", n),
            "score --n-process 1": run(*score, rows, *output, "--n-process", "1"),
            f"spacy apply --n-process {n}": run(
                *(*apply, folder / "applied.spacy", "--force", "--n-process", n),
                *("--batch-size", "256", "--text-key", "text"),
            ),
            "scikit-learn TF-IDF(1,2) + LR": run(*sklearn, 1),
            f"the same, {n} processes": run(*sklearn, n),
            "score, one row": run(*score, one_row, *output),
        }
        seconds = time_in_turn(sides, options.repetitions)
    ours = seconds[f"score --n-process {n}"]
    report(
        "bulk",
        [
            {
                "side": side,
                "seconds": f"{median:.2f}",
                "rows/s": "" if "one row" in side else f"{len(texts) / median:,.0f}",
                f"score -n {n} against it": "" if "one row" in side else f"{median / ours:.2f}x",
            }
            for side, median in seconds.items()
        ],
        options,
    )


def run(*command: object) -> Callable[[], object]:
    def side() -> object:
        return subprocess.run(list(map(str, command)), check=True, capture_output=True)

    return side


def save_scikit_learn(texts: list[str], path: Path) -> Path:
    """A classifier of these texts with labels by chance, which its speed does not depend on."""
    import pickle

    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression()
    )
    model.fit(texts, [random.Random(n).random() < 0.5 for n in range(len(texts))])
    path.write_bytes(pickle.dumps(model))
    return path


if __name__ == "__main__":
    main()
