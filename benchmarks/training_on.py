"""What the pipeline that ships gains from 200 texts of one's own, and what it forgets.

    python benchmarks/training_on.py [--seeds 3]

Accuracy, in percent, on 100 other messages to a helpdesk (corpus/tickets_test.jsonl), and on short
reviews and single sentences of the kind that it was trained on (corpus/test.jsonl,
corpus/sentences_dev.jsonl); the mean over the seeds. Prints docs/training_on.md's table.
"""

import argparse
import random
from pathlib import Path
from statistics import mean

import srsly
from spacy.language import Language
from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Adam, fix_random_seed

import spacy_lstm_sentiment

CORPUS = Path(__file__).parents[1] / "corpus"
LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL")
MEASURED = ("tickets_test", "test", "sentences_dev")
RATE, EPOCHS, BATCH, DROPOUT = 0.0005, 10, 20, 0.3

Rows = list[dict[str, str]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    shipped = spacy_lstm_sentiment.load()
    print(f"| trained on | {' | '.join(MEASURED)} |\n|---|{'---|' * len(MEASURED)}")
    print_row("nothing more", [[accuracy(shipped, read(part)) for part in MEASURED]])
    for name, rehearsed in (("200 tickets", 0), ("200 tickets, with rehearsal", BATCH)):
        print_row(name, [measure(seed, rehearsed) for seed in seeds])


def print_row(name: str, measured: list[list[float]]) -> None:
    cells = (f"{100 * mean(column):.1f}" for column in zip(*measured, strict=True))
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def measure(seed: int, rehearsed: int) -> list[float]:
    nlp = train_on(read("tickets"), read("train") + read("sentences"), seed, rehearsed)
    return [accuracy(nlp, read(part)) for part in MEASURED]


def train_on(own: Rows, known: Rows, seed: int, rehearsed: int) -> Language:
    """The pipeline that ships after some epochs of one's own texts; after each update it rehearses
    as many of the texts that it knew, whose labels nobody reads."""
    fix_random_seed(seed)
    nlp = spacy_lstm_sentiment.load()
    optimizer = nlp.resume_training(sgd=Adam(RATE))
    examples = [
        Example.from_dict(
            nlp.make_doc(row["text"]),
            {"cats": {label: float(label == row["label"]) for label in LABELS}},
        )
        for row in own
    ]
    for _ in range(EPOCHS):
        random.shuffle(examples)
        for batch in minibatch(examples, BATCH):
            nlp.update(batch, sgd=optimizer, drop=DROPOUT)
            docs = [nlp.make_doc(row["text"]) for row in random.sample(known, rehearsed)]
            nlp.rehearse([Example(doc, doc) for doc in docs], sgd=optimizer)
    return nlp


def read(part: str) -> Rows:
    return list(srsly.read_jsonl(CORPUS / f"{part}.jsonl"))


def accuracy(nlp: Language, rows: Rows) -> float:
    docs = nlp.pipe(row["text"] for row in rows)
    return mean(doc._.sentiment_label == row["label"] for doc, row in zip(docs, rows, strict=True))


if __name__ == "__main__":
    main()
