"""How much of a pipeline's time is the component's: `nlp.pipe` against `nlp.make_doc` alone.

    python benchmarks/pipe.py [--data aclImdb_v1.tar.gz] [--model PATH]

With spaCy's tokenizer and with the fast one, of each of which make_doc is the floor, and with
`score_texts`, which makes no Docs; then where the time of one thread goes, stage by stage.
"""

from collections.abc import Callable

import spacy
import torch
from common import arguments, load_texts, report, time_in_turn, with_spacy_tokenizer
from spacy.language import Language
from thinc.api import Model

import spacy_lstm_sentiment
from spacy_lstm_sentiment import score_texts
from spacy_lstm_sentiment.models.leaves import NGRAM_BAG, STATIC_VECTORS, leaves
from spacy_lstm_sentiment.models.static_vectors import distinct_vectors
from spacy_lstm_sentiment.pipeline.text_scorer import find_text_scorer


def main() -> None:
    parser = arguments(__doc__, documents=5000, repetitions=5)
    parser.add_argument("--model", help="pipeline to measure instead of the one that ships")
    options = parser.parse_args()
    texts = load_texts(options.data, options.documents)
    fast = spacy.load(options.model) if options.model else spacy_lstm_sentiment.load()
    pipelines = {"spaCy's tokenizer": with_spacy_tokenizer(fast), "fast tokenizer": fast}
    sides: dict[str, Callable[[], object]] = {}
    for name, nlp in pipelines.items():
        sides[f"make_doc, {name}"] = lambda nlp=nlp: [nlp.make_doc(text) for text in texts]
        sides[f"nlp.pipe, {name}"] = lambda nlp=nlp: exhaust(nlp.pipe(texts))
    sides["score_texts, fast tokenizer"] = lambda: score_texts(texts, fast)
    seconds = time_in_turn(sides, options.repetitions)
    floors = {name: seconds[f"make_doc, {name}"] for name in pipelines}
    report(
        "pipe",
        [
            {
                "side": name,
                "documents/s": f"{len(texts) / median:,.0f}",
                "against make_doc": f"{floors[name.partition(', ')[2]] / median:.2f}x",
            }
            for name, median in seconds.items()
        ],
        options,
    )
    torch.set_num_threads(1)
    stages = time_in_turn(stages_of(fast, texts), options.repetitions)
    report(
        "stages",
        [
            {"stage": name, "microseconds/document": f"{1e6 * median / len(texts):.0f}"}
            for name, median in stages.items()
        ],
        options,
    )


def exhaust(docs: object) -> None:
    for _ in docs:  # type: ignore[attr-defined]
        pass


def stages_of(nlp: Language, texts: list[str]) -> dict[str, Callable[[], object]]:
    """The stages of scoring, each on batches of 256 documents, on one thread."""
    component = nlp.get_pipe("lstm_sentiment")
    layers = leaves(component.model)
    docs = [nlp.make_doc(text) for text in texts]
    batches = [docs[start : start + 256] for start in range(0, len(docs), 256)]

    def run(function: Callable[..., object], *first: Model) -> Callable[[], object]:
        return lambda: [function(*first, batch) for batch in batches]

    scorer = find_text_scorer(nlp)
    assert scorer is not None
    stages = {
        "documents (fast tokenizer)": lambda: [nlp.make_doc(text) for text in texts],
        "the same without Docs": lambda: [
            scorer.read(texts[start : start + 256]) for start in range(0, len(texts), 256)
        ],
        "look the words up": run(distinct_vectors, layers[STATIC_VECTORS]),
        "all of the model": run(component.predict),
    }
    if NGRAM_BAG in layers:
        stages["of it, n-grams"] = run(layers[NGRAM_BAG].predict)
    return stages


if __name__ == "__main__":
    main()
