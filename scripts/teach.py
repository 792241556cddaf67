"""Lets teachers label what has no labels, for the student to learn from.

    python scripts/teach.py ENCODER [--gpu-id N]

Whole reviews are labelled by a wide LSTM, pretrained as a language model and trained on the
labelled reviews, and by a classifier of n-grams. ENCODER is a pretrained transformer, by its folder
or its name on Hugging Face's hub: it is fine-tuned on all labelled texts, and labels single
sentences of the reviews, and short phrases made of the opinion lexicon. With `none` those are left
out.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from random import Random

import spacy
from spacy.tokens import DocBin

REVIEWS = "corpus/imdb/train.spacy"
UNLABELLED = "corpus/imdb/unsup.spacy"
STUDENT = Path("corpus/student")
PHRASES = Path("corpus/unpacked/phrases.spacy")
ENCODER = Path("training/encoder")
N_SENTENCES = 60_000
FRAMES = (
    *("{}!", "so {}", "very {}", "it was {}", "I find it {}", "less {}"),
    *("not {}", "not {} at all", "it wasn't {}", "never {}", "no {}"),
)
FRAMES_OF_A_WORD = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("--gpu-id", type=int, default=-1)
    options = parser.parse_args()
    STUDENT.mkdir(parents=True, exist_ok=True)
    teachers = ["--teacher", train_lstm(options.gpu_id), "--ngrams-of", REVIEWS]
    ours("distill", UNLABELLED, str(STUDENT / "reviews_unlabelled.spacy"), *teachers)
    if options.encoder != "none":
        teacher = ["--teacher", fine_tune(options.encoder)]
        sentences = str(STUDENT / "sentences_of_reviews.spacy")
        ours("distill", UNLABELLED, sentences, "--sentences", str(N_SENTENCES), *teacher)
        write_phrases()
        ours("distill", str(PHRASES), str(STUDENT / "phrases.spacy"), *teacher)


def train_lstm(gpu_id: int) -> str:
    """512 units each way, without n-grams, which the other teacher has."""
    settings = ["--gpu-id", str(gpu_id), "--paths.vectors", "vectors/joined"]
    settings += ["--components.lstm_sentiment.model.linear_model", "null"]
    settings += ["--components.lstm_sentiment.model.tok2vec.encode.width", "1024"]
    language_model = ["configs/lstm.cfg", "training/language_model", *settings]
    run("spacy", "pretrain", *language_model, "--paths.raw_text", "corpus/imdb")
    settings += ["--paths.train", REVIEWS, "--paths.dev", "corpus/dev/imdb.spacy"]
    settings += ["--paths.init_tok2vec", "training/language_model/model-last.bin"]
    settings += ["--training.optimizer.learn_rate.initial_rate", "0.0005"]
    settings += ["--training.optimizer.learn_rate.total_steps", "4000"]
    settings += ["--training.max_steps", "3500", "--training.optimizer.grad_clip", "1.0"]
    run("spacy", "train", "configs/lstm.cfg", "--output", "training/lstm_teacher", *settings)
    return "training/lstm_teacher/model-best"


def fine_tune(encoder: str) -> str:
    if not (ENCODER / "teacher.json").exists():
        corpora = [REVIEWS, *sorted(map(str, Path("corpus/domains").glob("*.spacy")))]
        ours("finetune", *corpora, "--output", str(ENCODER), "--encoder", encoder)
    return str(ENCODER)


def write_phrases() -> None:
    """Words of the opinion lexicon in a few frames each: their labels are the teacher's to say."""
    nlp, random = spacy.blank("en"), Random(0)
    words = []
    for name in ("positive", "negative"):
        docs = DocBin().from_disk(f"corpus/domains/words_{name}.spacy").get_docs(nlp.vocab)
        words += [doc.text for doc in docs]
    phrases = [
        frame.format(word) for word in words for frame in random.sample(FRAMES, FRAMES_OF_A_WORD)
    ]
    DocBin(attrs=["ORTH"], docs=map(nlp.make_doc, phrases)).to_disk(PHRASES)


def ours(*arguments: str) -> None:
    run("spacy_lstm_sentiment", *arguments)


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
