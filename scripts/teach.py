"""Lets teachers label what has no labels, for the student to learn from.

    python scripts/teach.py ENCODER [--gpu-id N]

ENCODER is a pretrained transformer, by its folder or its name on Hugging Face's hub: it is
fine-tuned on labelled texts of all domains, and labels single sentences of the reviews, phrases
made of lexicons, and variants of labelled texts. Whole reviews are labelled by a wide LSTM,
pretrained as a language model and trained on the labelled reviews, by a classifier of n-grams, and
by the encoder. With `none` there is no encoder, and of all these texts the reviews alone.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from random import Random

import spacy
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from unlabelled import nearest, phrases, variants

from spacy_lstm_sentiment.training.vectors import read_docs, read_pipeline_vectors

REVIEWS = "corpus/imdb/train.spacy"
UNLABELLED = "corpus/imdb/unsup.spacy"
STUDENT = Path("corpus/student")
LABELLED = Path("corpus/unpacked/labelled.spacy")
SHORT_TEXTS = Path("corpus/unpacked/short_texts.spacy")
ENCODER = Path("training/encoder")
N_SENTENCES = 60_000
# What a transformer can read in an hour of two cores.
MAX_TEXTS = {"train": 6_000, "treebank": 30_000, "pros": 10_000, "cons": 10_000}
LEXICONS = ("words_positive", "words_negative", "valences")
N_VARIANTS = 10_000  # of each other domain


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("encoder")
    parser.add_argument("--gpu-id", type=int, default=-1)
    options = parser.parse_args()
    STUDENT.mkdir(parents=True, exist_ok=True)
    encoder = [] if options.encoder == "none" else ["--teacher", fine_tune(options.encoder)]
    teachers = [*encoder, "--teacher", train_lstm(options.gpu_id), "--ngrams-of", REVIEWS]
    ours("distill", UNLABELLED, str(STUDENT / "reviews_unlabelled.spacy"), *teachers)
    if encoder:
        sentences = str(STUDENT / "sentences_of_reviews.spacy")
        ours("distill", UNLABELLED, sentences, "--sentences", str(N_SENTENCES), *encoder)
        write_short_texts()
        ours("distill", str(SHORT_TEXTS), str(STUDENT / "short_texts.spacy"), *encoder)


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
        write_labelled()
        ours("finetune", str(LABELLED), "--output", str(ENCODER), "--encoder", encoder)
    return str(ENCODER)


def write_labelled() -> None:
    """Each labelled text once, and not all of the domains that have most."""
    vocab, random, chosen = Vocab(), Random(0), DocBin()
    for path in [Path(REVIEWS), *corpora("corpus/domains")]:
        docs = {doc.text: doc for doc in read_docs(path, vocab)}
        n_docs = min(len(docs), MAX_TEXTS.get(path.stem, len(docs)))
        for doc in random.sample(list(docs.values()), n_docs):
            chosen.add(doc)
    chosen.to_disk(LABELLED)


def write_short_texts() -> None:
    """Phrases of the lexicons' words, and variants of labelled texts, as many of each domain."""
    nlp, random = spacy.blank("en"), Random(0)
    docs = {path.stem: list(read_docs(path, nlp.vocab)) for path in corpora("corpus/domains")}
    lexicons = [docs.pop(name) for name in LEXICONS]
    words = list(dict.fromkeys(doc.text for lexicon in lexicons for doc in lexicon))
    texts = phrases(words, random)
    found = read_pipeline_vectors(Path("vectors/joined"))
    seen = {token.lower_ for domain in docs.values() for doc in domain for token in doc}
    neighbours = nearest(seen, found.words, found.table)
    for domain in docs.values():
        texts += variants(random.choices(domain, k=N_VARIANTS), neighbours, random)
    held_out = {
        d.text.lower() for path in corpora("corpus/dev") for d in read_docs(path, nlp.vocab)
    }
    made = (nlp.make_doc(text) for text in dict.fromkeys(texts) if text.lower() not in held_out)
    DocBin(attrs=["ORTH", "SPACY"], docs=made).to_disk(SHORT_TEXTS)


def corpora(folder: str) -> list[Path]:
    return sorted(Path(folder).glob("*.spacy"))


def ours(*arguments: str) -> None:
    run("spacy_lstm_sentiment", *arguments)


def run(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


if __name__ == "__main__":
    main()
