"""Students of several widths, which learn the same from the pipeline that ships.

    python scripts/widths.py 32 48 64 96 [--updates 6000] [--gpu-id N]

A width is the LSTM's units each way. Reviews that have no labels, and sentences of them, are
labelled by the pipeline that ships; the rest is what `student` of the project learns from. How fast
and how good they are: `python benchmarks/curve.py training/widths/*/model-last`.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

SHIPPED = "spacy_lstm_sentiment/pretrained"
UNLABELLED = "corpus/imdb/unsup.spacy"
CORPUS = Path("corpus/widths")
N_SENTENCES = 60_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("widths", type=int, nargs="+")
    parser.add_argument("--updates", type=int, default=6000)
    parser.add_argument("--gpu-id", type=int, default=-1)
    options = parser.parse_args()
    make_corpus()
    for width in options.widths:
        train(width, options.updates, options.gpu_id)


def make_corpus() -> None:
    CORPUS.mkdir(parents=True, exist_ok=True)
    teacher = ["--teacher", SHIPPED]
    ours("distill", UNLABELLED, str(CORPUS / "reviews_unlabelled.spacy"), *teacher)
    sentences = str(CORPUS / "sentences_of_reviews.spacy")
    ours("distill", UNLABELLED, sentences, "--sentences", str(N_SENTENCES), *teacher)
    for path in [Path("corpus/imdb/train.spacy"), *Path("corpus/domains").glob("*.spacy")]:
        shutil.copy(path, CORPUS)


def train(width: int, updates: int, gpu_id: int) -> None:
    settings = ["--output", f"training/widths/{width}", "--gpu-id", str(gpu_id)]
    settings += ["--paths.train", str(CORPUS), "--paths.dev", "corpus/dev"]
    settings += ["--paths.vectors", SHIPPED]
    settings += ["--components.lstm_sentiment.model.linear_model.width", "2"]
    settings += ["--components.lstm_sentiment.model.linear_model.rows", str(2**19)]
    settings += ["--components.lstm_sentiment.model.tok2vec.encode.width", str(2 * width)]
    settings += ["--training.batcher.max_documents", "96", "--training.batcher.buffer", "2048"]
    settings += ["--training.optimizer.grad_clip", "60.0", "--training.patience", "0"]
    settings += ["--training.optimizer.learn_rate.total_steps", str(updates)]
    settings += ["--training.max_steps", str(updates), "--training.eval_frequency", "1500"]
    run("spacy", "train", "configs/lstm.cfg", *settings)


def ours(*arguments: str) -> None:
    run("spacy_lstm_sentiment", *arguments)


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
