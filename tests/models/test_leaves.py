"""Layers by name, and models in which a name is that of two layers."""

from pathlib import Path

import numpy
import pytest
from small_pipeline import REVIEWS, make_examples, make_vectors_nlp
from spacy.ml.models.tok2vec import build_Tok2Vec_model
from thinc.api import Linear, Softmax_v2, chain, fix_random_seed

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.inference import find_table
from spacy_lstm_sentiment.models.language_model import create_objective
from spacy_lstm_sentiment.models.leaves import READING, SOFTMAX, is_made_of, leaves, names_of
from spacy_lstm_sentiment.models.lstm_encoder import LSTMEncoder
from spacy_lstm_sentiment.models.text_classifier import TextClassifier
from spacy_lstm_sentiment.models.word_table import WordTable
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.pipeline.explain import explain

PACKAGE = Path(spacy_lstm_sentiment.__file__).parent


def two_encoders():
    encoders = [LSTMEncoder(width=16, mixed_precision=False) for _ in range(2)]
    return build_Tok2Vec_model(WordTable(), chain(*encoders))


def test_each_name_is_that_of_its_layer():
    found = leaves(spacy_lstm_sentiment.load().get_pipe("lstm_sentiment").model)
    assert found.keys() == {*READING, "ngram_bag", SOFTMAX}
    assert all(node.name == name and not node.layers for name, node in found.items())


@pytest.mark.parametrize(
    "layers",
    [[Linear(), Linear()], [Linear(), chain(Softmax_v2(), Linear())]],
    ids=["flat", "deep"],
)
def test_a_name_of_two_layers_is_an_error_that_tells_all(layers):
    model = chain(*layers)
    with pytest.raises(InputError, match=r"several layers called linear, .* made of linear, "):
        leaves(model)
    assert is_made_of(model, names_of(model))
    assert not is_made_of(model, set(names_of(model)))


def test_a_model_of_two_encoders_is_read_by_both():
    """What knows one of them by its name would leave the other out: it is refused, or not done."""
    fix_random_seed(0)
    nlp = make_vectors_nlp()
    component = LSTMSentiment(nlp.vocab, TextClassifier(two_encoders(), ["max", "mean"]))
    examples = make_examples(nlp)
    component.initialize(lambda: examples, nlp=nlp)
    output = component.model.get_ref("output_layer")  # starts at zero, where all scores are equal
    output.set_param("W", numpy.random.default_rng(0).normal(size=(2, 32)).astype("f"))
    docs = [nlp.make_doc(text) for text in ("", *(text for text, _ in REVIEWS))]
    layers, _ = component.model.begin_update(docs)
    assert len(numpy.unique(layers[:, 0])) == len(docs)
    numpy.testing.assert_allclose(component.predict(docs), layers, atol=1e-6)
    assert find_table(component.model) is None
    with pytest.raises(InputError, match=r"cannot be explained.* lstm_encoder, lstm_encoder"):
        explain(component(docs[1]))
    with pytest.raises(InputError, match=r"PretrainLanguageModel .* lstm_encoder, lstm_encoder"):
        create_objective(nlp.vocab, two_encoders())


def test_no_other_module_finds_layers_by_name():
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if "node.name" in path.read_text(encoding="utf-8")
    ]
    assert found == ["models/leaves.py"]
