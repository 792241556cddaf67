"""Training and scoring on the GPU against the CPU, in one run; without a GPU, the CPU alone.

    python benchmarks/gpu.py [--documents 2000] [--words 250]

Documents are random words with random vectors: speed does not depend on what they mean.
"""

import argparse
import json

import numpy
import spacy
import torch
from pipe import time_in_turn
from spacy.language import Language
from spacy.training import Example
from spacy.vectors import Vectors
from thinc.api import CupyOps, use_ops

VOCABULARY = [f"word{number}" for number in range(20_000)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--words", type=int, default=250)
    parser.add_argument("--repetitions", type=int, default=3)
    options = parser.parse_args()
    devices = ["cpu"]
    if torch.cuda.is_available() and CupyOps.xp is not None:
        devices.append("gpu")
    else:
        print("No GPU that torch and cupy can use: measuring the CPU alone.")
    results = {}
    for device in devices:
        for mixed_precision in (False, True):
            name = f"{device}, {'bfloat16' if mixed_precision else 'float32'}"
            results[name] = measure(device, mixed_precision, options)
            speeds = ", ".join(f"{k} {v:,.0f} documents/s" for k, v in results[name].items())
            print(f"{name}: {speeds}")
    if "gpu" in devices:
        for precision in ("float32", "bfloat16"):
            for task, speed in results[f"gpu, {precision}"].items():
                ratio = speed / results[f"cpu, {precision}"][task]
                print(f"{task} in {precision}: the GPU runs at {ratio:.1f}x of the CPU")
    print(json.dumps(results))


def measure(device: str, mixed_precision: bool, options: argparse.Namespace) -> dict[str, float]:
    if device == "gpu":
        spacy.require_gpu(0)
    else:
        spacy.require_cpu()
    with use_ops("cupy" if device == "gpu" else "numpy"):
        nlp, examples = make_task(options.documents, options.words, mixed_precision)
        optimizer = nlp.initialize(lambda: examples)
        component = nlp.get_pipe("lstm_sentiment")
        docs = [example.predicted for example in examples]

        def train() -> None:
            for start in range(0, len(examples), 32):
                nlp.update(examples[start : start + 32], sgd=optimizer)
            synchronize(device)

        def score() -> None:
            for _ in component.pipe(docs, batch_size=256):
                pass
            synchronize(device)

        seconds = time_in_turn({"training": train, "scoring": score}, options.repetitions)
    return {task: len(docs) / median for task, median in seconds.items()}


def make_task(documents: int, words: int, mixed_precision: bool) -> tuple[Language, list[Example]]:
    rng = numpy.random.default_rng(0)
    nlp = spacy.blank("en")
    table = rng.normal(size=(len(VOCABULARY), 100)).astype("float32")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=table, keys=VOCABULARY)
    encode = {"mixed_precision": mixed_precision}
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"encode": encode}}})
    examples = []
    for number in range(documents):
        picked = rng.integers(len(VOCABULARY), size=rng.integers(words // 2, words * 3 // 2))
        doc = spacy.tokens.Doc(nlp.vocab, words=[VOCABULARY[word] for word in picked])
        cats = {"POSITIVE": float(number % 2), "NEGATIVE": float(1 - number % 2)}
        examples.append(Example.from_dict(doc, {"cats": cats}))
    return nlp, examples


def synchronize(device: str) -> None:
    if device == "gpu":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
