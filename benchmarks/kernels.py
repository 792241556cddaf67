"""What reads documents, kernel by kernel, for each instruction set of this processor.

    python benchmarks/kernels.py [--data aclImdb_v1.tar.gz]

From documents to pooled states, words looked up and projected, on one thread: the least of its own
time, so that a busy machine can be measured. In pipelines the fastest is taken; the environment
variables SPACY_LSTM_SENTIMENT_KERNEL and SPACY_LSTM_SENTIMENT_ISA force another.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import torch
from common import arguments, load_texts, report, time_in_turn
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vectors import Vectors
from thinc.api import Model
from thinc.types import Floats2d

import spacy_lstm_sentiment
from spacy_lstm_sentiment.models.inference import FusedReader, find_fused_reader
from spacy_lstm_sentiment.models.kernels.choice import Kernel, available
from spacy_lstm_sentiment.models.kernels.padded import PaddedKernel
from spacy_lstm_sentiment.models.pytorch.lstm import cpu_has_bfloat16
from spacy_lstm_sentiment.models.static_vectors import StaticVectors
from spacy_lstm_sentiment.models.word_table import table_in

BATCH = 1000


def main() -> None:
    options = arguments(__doc__, documents=1000, repetitions=5).parse_args()
    torch.set_num_threads(1)
    nlp = spacy_lstm_sentiment.load()
    docs = [nlp.make_doc(text) for text in load_texts(options.data, options.documents)]
    nodes = nlp.get_pipe("lstm_sentiment").model.walk()
    (reading,) = [node for node in nodes if "max_padded_tokens" in node.attrs]
    fused = find_fused_reader(reading.layers[0], 0)
    assert fused is not None
    static = static_vectors(nlp, docs)
    sides = {}
    for kernel in all_kernels():
        for mixed in (False, True) if isinstance(kernel, PaddedKernel) else (False,):
            if mixed and not cpu_has_bfloat16():
                continue
            name = f"{kernel.name}, {'bfloat16' if mixed else 'float32'}"
            for embed in (static, fused.embed):
                reader = replace(fused, kernel=kernel, embed=embed)
                sides[name, embed is fused.embed] = side(reader, mixed, docs)
    seconds = time_in_turn(sides, options.repetitions, time.process_time, min)
    report(
        "kernels",
        [
            {
                "kernel": name,
                "vectors of the vocab": f"{1e6 * seconds[name, False] / len(docs):.0f}",
                "a WordTable's": f"{1e6 * seconds[name, True] / len(docs):.0f}",
            }
            for name, of_table in sides
            if of_table
        ],
        options,
        measure="microseconds a document, the least",
    )


def static_vectors(nlp: Language, docs: list[Doc]) -> Model[list[Doc], list[Floats2d]]:
    """The words of the pipeline's own table as vectors of its vocab."""
    table = table_in(nlp)
    assert table is not None
    vectors = Vectors(
        strings=nlp.vocab.strings, data=table.vectors.astype("float32"), attr=table.attr
    )
    for key, row in zip(table.keys.tolist(), table.rows.tolist(), strict=True):
        vectors.add(key, row=row)
    nlp.vocab.vectors = vectors
    layer = StaticVectors()
    layer.initialize(X=docs[:1])
    return layer


def all_kernels() -> list[Kernel]:
    """With every instruction set."""
    kernels = available()
    native = kernels[0]
    if isinstance(native, PaddedKernel):
        return kernels
    return [*(replace(native, isa=isa) for isa in native.supported()), *kernels[1:]]


def side(reader: FusedReader, mixed: bool, docs: list[Doc]) -> Callable[[], object]:
    def run() -> None:
        reader.lstm.module.mixed_precision = mixed
        for start in range(0, len(docs), BATCH):
            reader(docs[start : start + BATCH])

    return run


if __name__ == "__main__":
    main()
