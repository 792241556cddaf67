"""Accuracy by speed: pipelines of different widths, on the same reviews.

    python benchmarks/curve.py training/widths/*/model-last

Accuracy as `benchmarks/domains.py` has it, on films and as the mean over the files of corpus/dev;
documents/s of `nlp.pipe` and of `score_texts`, which read in as many threads as there are cores,
the pipelines in turn.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import spacy
from common import ROOT, arguments, load_texts, report, time_in_turn
from domains import measure
from spacy.language import Language

from spacy_lstm_sentiment import score_texts
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, NGRAM_BAG, leaves

PAGE = ROOT / "docs" / "accuracy.md"
WAYS = ("nlp.pipe", "score_texts")


def main() -> None:
    parser = arguments(__doc__, documents=5000, repetitions=5)
    parser.add_argument("pipelines", type=Path, nargs="+")
    parser.add_argument("--dev", type=Path, default=ROOT / "corpus" / "dev")
    options = parser.parse_args()
    texts = load_texts(options.data, options.documents)
    pipelines = {str(path): spacy.load(path) for path in options.pipelines}
    sides: dict[str, Callable[[], object]] = {}
    for name, nlp in pipelines.items():
        sides[f"{name} nlp.pipe"] = lambda nlp=nlp: [doc.sentiment for doc in nlp.pipe(texts)]
        sides[f"{name} score_texts"] = lambda nlp=nlp: score_texts(texts, nlp)
    seconds = time_in_turn(sides, options.repetitions)
    rows = [
        {
            **describe(nlp),
            **accuracies(nlp, sorted(options.dev.glob("*.spacy"))),
            **{f"{way}/s": f"{len(texts) / seconds[f'{name} {way}']:,.0f}" for way in WAYS},
        }
        for name, nlp in pipelines.items()
    ]
    report("curve", rows, options, PAGE)


def describe(nlp: Language) -> dict[str, str | float]:
    layers = leaves(nlp.get_pipe("lstm_sentiment").model)
    encoder = layers[LSTM_ENCODER]
    units = encoder.get_dim("nO") // (1 + encoder.attrs["bidirectional"])
    return {
        "LSTM": f"{units} units{' each way' if encoder.attrs['bidirectional'] else ''}",
        "n-grams": "yes" if NGRAM_BAG in layers else "no",
    }


def accuracies(nlp: Language, files: list[Path]) -> dict[str, str | float]:
    found = {path.stem: measure(nlp, path)[1][0] for path in files}
    return {"films": f"{found['imdb']:.1f}", "mean of all": f"{np.nanmean([*found.values()]):.1f}"}


if __name__ == "__main__":
    main()
