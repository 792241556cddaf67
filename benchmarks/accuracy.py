"""Accuracy on the texts of the repository, by domain and by phenomenon; and on a .spacy file.

    python benchmarks/accuracy.py [--model PATH] [--dev corpus/dev/imdb.spacy]

Of the corpus, only parts that the pipeline that ships was not trained on. Sentences without
sentiment have no right answer among two labels; for those the mean distance of the sentiment from
0 is shown. A .spacy file is read by the pipeline's own tokenizer and by spaCy's.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.tokens import Doc, DocBin

import spacy_lstm_sentiment

CORPUS = Path(__file__).parents[1] / "corpus"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="pipeline to measure instead of the one that ships")
    parser.add_argument("--dev", type=Path, help="a labelled .spacy file to measure on as well")
    options = parser.parse_args()
    nlp = spacy.load(options.model) if options.model else spacy_lstm_sentiment.load()
    print("Single sentences")
    print_accuracy("domain", nlp, read("sentences_dev"))
    print("\nShort reviews")
    print_accuracy("domain", nlp, read("dev", "test"))
    print("\nChallenge sentences")
    print_accuracy("phenomenon", nlp, read("challenge"))
    if options.dev:
        docs = list(DocBin().from_disk(options.dev).get_docs(nlp.vocab))
        print(f"\n{options.dev}: {len(docs):,} documents")
        print(f"the pipeline's tokenizer: {accuracy(nlp, docs):.4f}")
        nlp.tokenizer = spacy.blank("en", vocab=nlp.vocab).tokenizer
        print(f"spaCy's tokenizer: {accuracy(nlp, docs):.4f}")


def accuracy(nlp: Language, docs: list[Doc]) -> float:
    scored = nlp.pipe(doc.text for doc in docs)
    right = [
        max(found.cats, key=found.cats.__getitem__) == max(gold.cats, key=gold.cats.__getitem__)
        for found, gold in zip(scored, docs, strict=True)
    ]
    return sum(right) / len(right)


def read(*parts: str) -> list[dict[str, Any]]:
    return [record for part in parts for record in srsly.read_jsonl(CORPUS / f"{part}.jsonl")]


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
