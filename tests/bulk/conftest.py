"""A pipeline whose sentiment is known beforehand: it counts the words "good" and "bad"."""

import os

import pytest
import spacy
from spacy import Language
from spacy.tokens import Doc


class WordSentiment:
    def __call__(self, doc: Doc) -> Doc:
        words = [token.lower_ for token in doc]
        if "explode" in words:
            raise RuntimeError("it went\noff")
        if "die" in words:
            os._exit(1)
        good, bad = words.count("good"), words.count("bad")
        positive = (good + 0.5) / (good + bad + 1)
        doc.cats = {"POSITIVE": positive, "NEGATIVE": 1 - positive}
        return doc


@Language.factory("word_sentiment")
def make_word_sentiment(nlp: Language, name: str) -> WordSentiment:
    return WordSentiment()


@pytest.fixture(scope="session")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment")
    return nlp
