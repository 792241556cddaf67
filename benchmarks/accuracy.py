"""Accuracy by domain on the corpus of the repository, and by phenomenon on its challenge sentences.

    python benchmarks/accuracy.py [--model PATH]

The pipeline that ships has seen none of these texts. Sentences without sentiment have no right
answer among two labels; for those the mean distance of the sentiment from 0 is shown.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language

import spacy_lstm_sentiment

CORPUS = Path(__file__).parents[1] / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="pipeline to measure instead of the one that ships")
    model = parser.parse_args().model
    nlp = spacy.load(model) if model else spacy_lstm_sentiment.load()
    reviews = [
        record
        for part in ("train", "dev", "test")
        for record in srsly.read_jsonl(CORPUS / f"{part}.jsonl")
    ]
    print_accuracy("domain", nlp, reviews)
    print_accuracy("phenomenon", nlp, list(srsly.read_jsonl(CORPUS / "challenge.jsonl")))


def print_accuracy(key: str, nlp: Language, records: list[dict[str, Any]]) -> None:
    right = defaultdict(list)
    distances = []
    for doc, record in zip(nlp.pipe(r["text"] for r in records), records, strict=True):
        if record["label"] == "NEUTRAL":
            distances.append(abs(doc._.sentiment))
        else:
            is_right = doc._.sentiment_label == record["label"]
            right[record[key]].append(is_right)
            right["all"].append(is_right)
    print(f"\n| {key} | texts | accuracy |\n|---|---|---|")
    for name, results in right.items():
        if name != "all":
            print_row(name, results)
    print_row("all", right["all"])
    if distances:
        print(f"| without sentiment | {len(distances)} | ", end="")
        print(f"mean distance from 0: {sum(distances) / len(distances):.2f} |")


def print_row(name: str, results: list[bool]) -> None:
    print(f"| {name} | {len(results)} | {100 * sum(results) / len(results):.1f} |")


if __name__ == "__main__":
    main()
