"""Seconds that `explain` takes for documents of growing length, and what its points miss.

    python benchmarks/explain.py [--words 200 2000 20000] [--write]

Documents are the short reviews of the corpus here, one after the other, up to so many words. Prints
a table: the points of the path that were read, seconds, and the share of the logit's change that is
due to no token.
"""

from collections.abc import Callable

from common import arguments, load_texts, report, time_in_turn
from spacy.tokens import Doc

import spacy_lstm_sentiment


def main() -> None:
    parser = arguments(__doc__, documents=3, repetitions=3)
    parser.add_argument("--words", type=int, nargs="+", default=[200, 2000, 20_000])
    options = parser.parse_args()
    options.documents = len(options.words)
    nlp = spacy_lstm_sentiment.load()
    # Reviews have 40 words on average, and none is empty.
    words = " ".join(load_texts(options.data, max(options.words))).split()
    docs = {f"{n:,}": nlp(" ".join(words[:n])) for n in options.words}
    sides = {name: explainer(doc) for name, doc in docs.items()}
    seconds = time_in_turn(sides, options.repetitions)
    rows = [
        {**describe(name, doc), "seconds": round(seconds[name], 1)} for name, doc in docs.items()
    ]
    report("explain", rows, options)


def explainer(doc: Doc) -> Callable[[], object]:
    return lambda: spacy_lstm_sentiment.explain(doc)


def describe(name: str, doc: Doc) -> dict[str, str | float]:
    read: list[int] = []
    explanation = spacy_lstm_sentiment.explain(doc, on_read=read.append)
    change = explanation.logit - explanation.baseline_logit
    missed = abs(explanation.unattributed / change)
    return {"words": name, "points": sum(read) // len(doc), "missed": f"{missed:.1%}"}


if __name__ == "__main__":
    main()
