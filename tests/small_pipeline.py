"""A corpus and a pipeline so small that a test trains it in a second."""

import numpy
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.vectors import Vectors

PRAISE = ["good", "great", "loved", "wonderful", "fun", "delightful"]
BLAME = ["bad", "awful", "hated", "boring", "dull", "dreadful"]
OTHER = [
    "i",
    "the",
    "was",
    "it",
    "a",
    "and",
    "film",
    "book",
    "this",
    "not",
    "very",
    "really",
    ",",
    ".",
    "!",
]
WIDTH = 12

REVIEWS = [
    ("I loved this wonderful film!", "POSITIVE"),
    ("Boring, dull and dreadful.", "NEGATIVE"),
    ("A great book and a really good film. It was fun and the film was delightful.", "POSITIVE"),
    ("I hated it.", "NEGATIVE"),
    ("Delightful!", "POSITIVE"),
    ("the film was awful and the book was bad , really really bad , not fun", "NEGATIVE"),
]


def make_vectors_nlp() -> Language:
    """A blank pipeline with vectors in which praise and blame point in opposite directions."""
    rng = numpy.random.default_rng(0)
    nlp = spacy.blank("en")
    words = [*PRAISE, *BLAME, *OTHER]
    table = rng.normal(scale=0.3, size=(len(words), WIDTH)).astype("float32")
    table[: len(PRAISE), 0] += 1.0
    table[len(PRAISE) : len(PRAISE) + len(BLAME), 0] -= 1.0
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=table, keys=words, name="test", attr="LOWER"
    )
    return nlp


def make_examples(nlp: Language, reviews=REVIEWS) -> list[Example]:
    return [
        Example.from_dict(
            nlp.make_doc(text),
            {
                "cats": {
                    "POSITIVE": float(label == "POSITIVE"),
                    "NEGATIVE": float(label == "NEGATIVE"),
                }
            },
        )
        for text, label in reviews
    ]


SMALL_MODEL = {"tok2vec": {"encode": {"width": 16, "mixed_precision": False}}}


def train_small(nlp: Language, examples: list[Example], steps: int = 30) -> dict[str, float]:
    """Train every trainable component until it knows the examples; the last losses."""
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    losses: dict[str, float] = {}
    for _ in range(steps):
        losses = {}
        nlp.update(examples, sgd=optimizer, losses=losses)
    return losses
