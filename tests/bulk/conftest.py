"""A pipeline whose sentiment is known beforehand: it counts the words "good" and "bad"."""

import gzip
import os
import signal
import time
from pathlib import Path

import numpy
import pytest
import spacy
import torch
from spacy import Language
from spacy.tokens import Doc

from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record


def limit_memory(more: int) -> None:
    """Let this process have so many bytes more than it has."""
    import resource

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + more, most))


def unlimit_memory() -> None:
    if os.name != "posix":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def has_limit() -> bool:
    import resource

    return resource.getrlimit(resource.RLIMIT_AS)[0] >= 0


@pytest.fixture(autouse=True)
def _unlimited_memory():
    yield
    unlimit_memory()


@pytest.fixture(name="limit_memory")
def _limit_memory():
    return limit_memory


# Ways to want a quarter of a gigabyte that is not there.
APPETITES = {
    "hungry": lambda: bytearray(1 << 28),
    "tensor": lambda: torch.zeros(1 << 26),
    "array": lambda: numpy.ones(1 << 25),
}


class WordSentiment:
    def __init__(self, obeys: bool) -> None:
        self.obeys = obeys

    def __call__(self, doc: Doc) -> Doc:
        words = [token.lower_ for token in doc]
        if self.obeys:
            self.obey(words, doc.text)
        if "ballast" in words:
            doc.user_data["ballast"] = bytearray(100 << 20)
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
        if "hang" in words:
            while True:
                pass
        if "sleep" in words:
            time.sleep(3600)
        for word in APPETITES.keys() & words:
            limit_memory(1 << 26)
            try:
                APPETITES[word]()
            finally:
                unlimit_memory()
        if "ballast" in words and not has_limit():
            limit_memory(250 << 20)
        if text.startswith("busy "):
            marker = Path(text.removeprefix("busy "), f"{os.getpid()}")
            marker.touch()
            time.sleep(0.5)
            marker.unlink()
        if text.startswith("greedy ") and [*Path(text.removeprefix("greedy ")).iterdir()]:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 9 bytes")
        if text.startswith("remove "):
            Path(text.removeprefix("remove ")).unlink()
        if text.startswith("once "):
            marker = Path(text.removeprefix("once "))
            if not marker.exists():
                marker.touch()
                os.kill(os.getpid(), signal.SIGKILL)


@Language.factory("word_sentiment", default_config={"obeys": True})
def make_word_sentiment(nlp: Language, name: str, obeys: bool) -> WordSentiment:
    return WordSentiment(obeys)


@pytest.fixture(scope="session")
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment")
    return nlp


@pytest.fixture(scope="session")
def calm_nlp() -> Language:
    """The same for texts of any kind, some of which have words that are obeyed."""
    nlp = spacy.blank("en")
    nlp.add_pipe("word_sentiment", config={"obeys": False})
    return nlp


@pytest.fixture
def read(tmp_path):
    """The rows that a file with this name and these bytes gives."""

    def read(name: str, data: bytes) -> list[Record | BadRecord]:
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return list(read_records(str(path)))

    return read
