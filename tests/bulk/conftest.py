"""A pipeline whose sentiment is known beforehand: it counts the words "good" and "bad"."""

import os
import resource
import signal
from pathlib import Path

import pytest
import spacy
import torch
from spacy import Language
from spacy.tokens import Doc


class WordSentiment:
    def __call__(self, doc: Doc) -> Doc:
        words = [token.lower_ for token in doc]
        self.obey(words, doc.text)
        good, bad = words.count("good"), words.count("bad")
        positive = (good + 0.5) / (good + bad + 1)
        if "threads" in words:
            positive = 1 / torch.get_num_threads()
        doc.cats = {"POSITIVE": positive, "NEGATIVE": 1 - positive}
        return doc

    def obey(self, words: list[str], text: str) -> None:
        """Words that make the process suffer."""
        if "explode" in words:
            raise RuntimeError("it went\noff")
        if "die" in words:
            os._exit(1)
        if "kill" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "terminate" in words:
            os.kill(os.getpid(), signal.SIGTERM)
        if "hungry" in words:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 26), most))
            try:
                bytearray(1 << 28)
            finally:
                resource.setrlimit(resource.RLIMIT_AS, (most, most))
        if text.startswith("once "):
            marker = Path(text.removeprefix("once "))
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)


@Language.factory("word_sentiment")
def make_word_sentiment(nlp: Language, name: str) -> WordSentiment:
    return WordSentiment()


@pytest.fixture(scope="session")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment")
    return nlp
