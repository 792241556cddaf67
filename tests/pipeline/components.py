"""Untrained components, and examples for them."""

from small_pipeline import REVIEWS, SMALL_MODEL, make_vectors_nlp
from spacy.training import Example

TEXTS = [text for text, _ in REVIEWS]
CATS = {
    "POSITIVE": {"POSITIVE": 1.0, "NEGATIVE": 0.0},
    "NEGATIVE": {"POSITIVE": 0.0, "NEGATIVE": 1.0},
}


def new_nlp(**settings):
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL, **settings})
    return nlp


THREE = [*REVIEWS, ("the film", "NEUTRAL"), ("this book , and it", "NEUTRAL")]


def with_neutral(nlp):
    """Examples of three labels."""
    labels = ("POSITIVE", "NEGATIVE", "NEUTRAL")
    return [
        Example.from_dict(
            nlp.make_doc(text), {"cats": {name: float(name == label) for name in labels}}
        )
        for text, label in THREE
    ]
