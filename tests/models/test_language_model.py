import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from small_pipeline import make_vectors_nlp
from thinc.api import Adam, chain, fix_random_seed, get_current_ops

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.language_model import PretrainLanguageModel
from spacy_lstm_sentiment.models.lstm_encoder import LSTMEncoder
from spacy_lstm_sentiment.models.static_vectors import StaticVectors

NLP = make_vectors_nlp()
# Every word but "film" has one word only that comes after it, and one before.
TEXTS = ["the film was good", "the film was good", "was good", "good", ""]


def make_model(**settings):
    fix_random_seed(0)
    tok2vec = chain(StaticVectors(), LSTMEncoder(**{"width": 8, **settings}))
    tok2vec.initialize(X=[NLP.make_doc("film")])
    model = PretrainLanguageModel()(NLP.vocab, tok2vec)
    model.initialize()
    return model


def loss_of(model, docs, predicted):
    return model.attrs["loss"](get_current_ops(), docs, predicted)


def plain_cross_entropy(pairs):
    """The mean over (prediction, word) of -log softmax over the distinct words, as often as they
    are there."""
    words = [word for _, word in pairs]
    losses = []
    for prediction, word in pairs:
        weights = {w: words.count(w) * numpy.exp(prediction @ NLP.vocab[w].vector) for w in words}
        losses.append(-numpy.log(weights[word] / sum(weights.values())))
    return numpy.mean(losses)


def test_loss_is_the_cross_entropy_of_the_words_beside():
    docs = [NLP.make_doc(text) for text in TEXTS]
    width = NLP.vocab.vectors_length
    n_tokens = sum(map(len, docs))
    predicted = numpy.random.default_rng(0).normal(size=(n_tokens, 2 * width)).astype("f")
    rows = iter(predicted)
    after, before = [], []
    for doc in docs:
        states = [next(rows) for _ in doc]
        after += [(s[:width], t.text) for s, t in zip(states, doc[1:], strict=False)]
        before += [(s[width:], t.text) for s, t in zip(states[1:], doc, strict=False)]
    expected = plain_cross_entropy(after) + plain_cross_entropy(before)
    loss, gradient = loss_of(make_model(), docs, predicted)
    assert loss == pytest.approx(expected, rel=0.01)  # its products are in bfloat16
    assert gradient.shape == predicted.shape
    assert_allclose(gradient[3, :width], 0.0)  # no word comes after the last one
    assert_allclose(gradient[4, width:], 0.0)  # nor before the first one of the next document
    assert numpy.abs(gradient[4, :width]).max() > 0.0


def test_words_without_a_vector_are_not_predicted():
    docs = [NLP.make_doc("film xyzzy good")]
    width = NLP.vocab.vectors_length
    loss, gradient = loss_of(make_model(), docs, numpy.ones((3, 2 * width), dtype="f"))
    assert_allclose(gradient[0, :width], 0.0)
    assert_allclose(gradient[2, width:], 0.0)
    assert loss == 0.0  # "good" and "film" are alone on their sides


@pytest.mark.parametrize("texts", [[""], ["film"], ["film", "", "good"]])
def test_no_neighbours_no_loss(texts):
    model = make_model()
    docs = [NLP.make_doc(text) for text in texts]
    predicted, _ = model.begin_update(docs)
    loss, gradient = loss_of(model, docs, predicted)
    assert loss == 0.0
    assert not gradient.any()


@pytest.mark.parametrize("bidirectional", [True, False])
def test_it_learns_what_comes_next(bidirectional):
    model = make_model(width=16, bidirectional=bidirectional)
    docs = [NLP.make_doc(text) for text in TEXTS]
    optimizer = Adam(0.02)
    losses = []
    for _ in range(80):
        predicted, backprop = model.begin_update(docs)
        loss, gradient = loss_of(model, docs, predicted)
        backprop(gradient)
        model.finish_update(optimizer)
        losses.append(loss)
    assert predicted.shape[1] == NLP.vocab.vectors_length * (1 + bidirectional)
    assert losses[-1] < 0.1 * losses[0]


def test_a_word_is_predicted_without_having_been_seen():
    """Predictions from the left do not change with what is on the right, nor the other way."""
    model = make_model()
    width = NLP.vocab.vectors_length
    a = model.predict([NLP.make_doc("the film was good")])
    b = model.predict([NLP.make_doc("the film was bad")])
    assert_allclose(a[:3, :width], b[:3, :width], atol=1e-6)
    assert numpy.abs(a[:3, width:] - b[:3, width:]).max() > 1e-4
    c = model.predict([NLP.make_doc("a film was good")])
    assert_allclose(a[1:, width:], c[1:, width:], atol=1e-6)


def test_stacked_layers_are_refused():
    with pytest.raises(InputError, match="depth of 1"):
        make_model(depth=2)


def test_other_layers_are_refused():
    tok2vec = spacy.blank("en").add_pipe("tok2vec").model
    with pytest.raises(InputError, match="hashembed"):
        PretrainLanguageModel()(NLP.vocab, tok2vec)
