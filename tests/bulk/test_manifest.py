"""What a run's manifest says of its pipeline."""

import pytest
import spacy
import torch
from small_pipeline import make_examples

from spacy_lstm_sentiment.bulk.manifest import hash_pipeline, make_manifest
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, NGRAM_BAG, SOFTMAX, leaves
from spacy_lstm_sentiment.models.word_table import table_in


def layer(nlp, name):
    return leaves(nlp.get_pipe("lstm_sentiment").model)[name]


def change_torch(nlp):
    with torch.no_grad():
        next(layer(nlp, LSTM_ENCODER).shims[0].module.parameters())[0, 0] += 1


def change_softmax(nlp):
    layer(nlp, SOFTMAX).get_param("W")[0, 0] += 1


def change_attribute(nlp):
    layer(nlp, SOFTMAX).attrs["softmax_temperature"] = 2.0


def change_labels(nlp):
    nlp.get_pipe("lstm_sentiment").cfg["labels"] = ("NEGATIVE", "POSITIVE")


def change_ngrams(nlp):
    layer(nlp, NGRAM_BAG).get_param("E")[7] += 1


def change_table(nlp):
    table = table_in(nlp)
    table.vectors = table.vectors + table.vectors.dtype.type(1)


def add_component(nlp):
    nlp.add_pipe("sentencizer")


def change_vectors(nlp):
    nlp.vocab.vectors.data[0, 0] += 1


@pytest.fixture
def nlp(vectors_nlp):
    """A pipeline with each kind of thing that a score depends on."""
    embed = {"@architectures": "spacy-lstm-sentiment.WordTable.v1"}
    ngrams = {"@architectures": "spacy-lstm-sentiment.NgramBag.v1", "rows": 64}
    model = {"tok2vec": {"embed": embed, "encode": {"width": 8}}, "linear_model": ngrams}
    vectors_nlp.add_pipe("lstm_sentiment", config={"model": model})
    vectors_nlp.initialize(lambda: make_examples(vectors_nlp))
    return vectors_nlp


@pytest.mark.parametrize(
    "change",
    [
        change_torch,
        change_softmax,
        change_attribute,
        change_labels,
        change_ngrams,
        change_table,
        add_component,
        change_vectors,
    ],
)
def test_each_change_shows(nlp, tmp_path, change):
    before = hash_pipeline(nlp)
    nlp.to_disk(tmp_path)
    other = spacy.load(tmp_path)
    assert hash_pipeline(other) == before
    change(other)
    assert hash_pipeline(other) != before
    assert hash_pipeline(nlp) == before


def test_a_file_that_is_given_twice_is_not_the_file_once(nlp, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("good\n")
    once, twice = (make_manifest(nlp, [str(path)] * n, {}) for n in (1, 2))
    assert twice.difference(once) == "other inputs"
