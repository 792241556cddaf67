"""How much of a pipeline's time is the component's: `nlp.pipe` against `nlp.make_doc` alone.

    python benchmarks/pipe.py [--data reviews.jsonl] [--model PATH] [--documents 2000]

Both sides run in turn in one process; medians of the repetitions are compared. Without --data
the corpus of the repository is repeated.
"""

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import spacy
import srsly
import torch

import spacy_lstm_sentiment

CORPUS = Path(__file__).parents[1] / "corpus" / "train.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=CORPUS, help="JSONL with a field text")
    parser.add_argument("--model", help="pipeline to measure instead of the one that ships")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    nlp = spacy.load(options.model) if options.model else spacy_lstm_sentiment.load()
    records = itertools.cycle(srsly.read_jsonl(options.data))
    texts = [record["text"] for record in itertools.islice(records, options.documents)]
    sides = {
        "nlp.make_doc": lambda: [nlp.make_doc(text) for text in texts],
        "nlp.pipe": lambda: list(nlp.pipe(texts)),
    }
    seconds = time_in_turn(sides, options.repetitions)
    for name, median in seconds.items():
        print(f"{name:14} {len(texts) / median:8,.0f} documents/s")
    ratio = seconds["nlp.make_doc"] / seconds["nlp.pipe"]
    print(f"nlp.pipe runs at {ratio:.2f}x of nlp.make_doc, on {options.threads} threads")
    print(json.dumps({"documents": len(texts), "seconds": seconds, "ratio": ratio}))


def time_in_turn(sides: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Median seconds of each side, after a warm-up; the sides take turns."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for repetition in range(repetitions + 1):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            if repetition:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


if __name__ == "__main__":
    main()
