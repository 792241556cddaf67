"""The mean of two pipelines' weights, of which one has learnt on."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.training import Example

import spacy_lstm_sentiment
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, leaves
from spacy_lstm_sentiment.models.word_table import table_in

SCRIPT = Path(__file__).parents[1] / "scripts" / "average.py"


def average(monkeypatch, *paths):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, paths)])
    runpy.run_path(str(SCRIPT), run_name="__main__")


def weights(nlp):
    model = nlp.get_pipe("lstm_sentiment").model
    arrays = [layer.get_param(name) for layer in model.walk() for name in layer.param_names]
    state = leaves(model)[LSTM_ENCODER].shims[0].module.state_dict()
    return [*arrays, *(tensor.float().numpy() for tensor in state.values())]


def test_weights_are_the_means_of_both(tmp_path, monkeypatch):
    nlp = spacy_lstm_sentiment.load()
    example = Example.from_dict(nlp.make_doc("Grim."), {"cats": {"POSITIVE": 1.0}})
    nlp.update([example], sgd=nlp.resume_training())
    nlp.to_disk(tmp_path / "after")
    average(monkeypatch, spacy_lstm_sentiment.PRETRAINED, tmp_path / "after", tmp_path / "mean")
    before, after, mean = map(
        weights, (spacy_lstm_sentiment.load(), nlp, spacy.load(tmp_path / "mean"))
    )
    assert any((a != b).any() for a, b in zip(before, after, strict=True))
    for one, other, found in zip(before, after, mean, strict=True):
        expected = (one.astype("float32") + other.astype("float32")) / 2.0
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_pipelines_of_other_words_have_no_mean(tmp_path, monkeypatch):
    nlp = spacy_lstm_sentiment.load()
    table = table_in(nlp)
    table.vectors = table.vectors * 2
    nlp.to_disk(tmp_path / "other")
    with pytest.raises(SystemExit, match="other words or vectors"):
        average(monkeypatch, spacy_lstm_sentiment.PRETRAINED, tmp_path / "other", tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
