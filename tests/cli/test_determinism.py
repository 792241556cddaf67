"""One seed, two processes, the same weights: on a CPU."""

import subprocess
import sys
from pathlib import Path

import pytest
from small_pipeline import REVIEWS, make_examples, make_vectors_nlp
from spacy.tokens import DocBin

CONFIG = Path(__file__).parents[2] / "configs" / "lstm.cfg"


@pytest.fixture
def data(tmp_path):
    nlp = make_vectors_nlp()
    DocBin(docs=[e.reference for e in make_examples(nlp, REVIEWS * 10)]).to_disk(
        tmp_path / "reviews.spacy"
    )
    nlp.to_disk(tmp_path / "vectors")
    return tmp_path


def train(data, output, *overrides):
    paths = {"train": "reviews.spacy", "dev": "reviews.spacy", "vectors": "vectors"}
    arguments = [f"--paths.{name}={data / path}" for name, path in paths.items()]
    arguments += ["--training.max_steps=6", "--training.eval_frequency=3", *overrides]
    subprocess.run(
        [sys.executable, "-m", "spacy", "train", CONFIG, "--output", data / output, *arguments],
        check=True,
        capture_output=True,
    )
    return (data / output / "model-last" / "lstm_sentiment" / "model").read_bytes()


def test_two_trainings_give_equal_weights_and_the_seed_matters(data):
    first = train(data, "first")
    assert train(data, "second") == first
    assert train(data, "third", "--system.seed=1") != first
