"""Accuracy by speed: pipelines of different widths, on the same reviews.

    python benchmarks/curve.py training/student/model-best training/student_128/model-best

Accuracy on a labelled .spacy file, by default IMDB's dev split; documents/s of `nlp.pipe`, which
reads in as many threads as there are cores, the pipelines in turn.
"""

from pathlib import Path

import spacy
from accuracy import accuracy
from common import ROOT, arguments, load_texts, report, time_in_turn
from spacy.language import Language
from spacy.tokens import DocBin

from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, NGRAM_BAG, leaves

PAGE = ROOT / "docs" / "accuracy.md"


def main() -> None:
    parser = arguments(__doc__, documents=5000, repetitions=5)
    parser.add_argument("pipelines", type=Path, nargs="+")
    parser.add_argument("--dev", type=Path, default=ROOT / "corpus" / "imdb" / "dev.spacy")
    options = parser.parse_args()
    texts = load_texts(options.data, options.documents)
    pipelines = {str(path): spacy.load(path) for path in options.pipelines}
    gold = list(DocBin().from_disk(options.dev).get_docs(spacy.blank("en").vocab))
    sides = {
        name: lambda nlp=nlp: [doc.sentiment for doc in nlp.pipe(texts)]
        for name, nlp in pipelines.items()
    }
    seconds = time_in_turn(sides, options.repetitions)
    report(
        "curve",
        [row(*pair, gold, seconds, len(texts)) for pair in pipelines.items()],
        options,
        PAGE,
    )


def row(
    name: str, nlp: Language, gold: list[spacy.tokens.Doc], seconds: dict[str, float], n_texts: int
) -> dict[str, str | float]:
    layers = leaves(nlp.get_pipe("lstm_sentiment").model)
    encoder = layers[LSTM_ENCODER]
    units = encoder.get_dim("nO") // (1 + encoder.attrs["bidirectional"])
    return {
        "pipeline": name,
        "LSTM": f"{units} units{' each way' if encoder.attrs['bidirectional'] else ''}",
        "n-grams": "yes" if NGRAM_BAG in layers else "no",
        "dev accuracy": f"{accuracy(nlp, gold):.4f}",
        "documents/s": f"{n_texts / seconds[name]:,.0f}",
    }


if __name__ == "__main__":
    main()
