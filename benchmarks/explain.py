"""Seconds that `explain` takes for documents of growing length, and what its points miss.

    python benchmarks/explain.py [--words 200 2000 20000]

Documents are the short reviews of the corpus here, one after the other, up to so many words. Prints
a table: the points of the path that were read, seconds, and the share of the logit's change that is
due to no token.
"""

import argparse
import time

from common import load_texts

import spacy_lstm_sentiment


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, nargs="+", default=[200, 2000, 20_000])
    options = parser.parse_args()
    nlp = spacy_lstm_sentiment.load()
    # Reviews have 40 words on average, and none is empty.
    words = " ".join(load_texts(None, max(options.words))).split()
    print("| words | points | seconds | missed |\n|---|---|---|---|")
    for n_words in options.words:
        doc = nlp(" ".join(words[:n_words]))
        read: list[int] = []
        start = time.perf_counter()
        explanation = spacy_lstm_sentiment.explain(doc, on_read=read.append)
        seconds = time.perf_counter() - start
        change = explanation.logit - explanation.baseline_logit
        missed = abs(explanation.unattributed / change)
        print(f"| {n_words:,} | {sum(read) // len(doc):,} | {seconds:.1f} | {missed:.1%} |")


if __name__ == "__main__":
    main()
