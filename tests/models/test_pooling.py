import numpy
import pytest
from numpy.testing import assert_allclose

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.pooling import pool_states

WIDTH = 4


def states(lengths=(3, 0, 9, 1)):
    rng = numpy.random.default_rng(0)
    return [rng.normal(size=(length, WIDTH)).astype("float32") for length in lengths]


def pooling(names, bidirectional=False, dropout=None):
    model = pool_states(names, dropout, bidirectional)
    model.initialize(X=states())
    return model


def test_max_mean_and_last_are_what_they_say():
    Xs = states()
    rows = pooling(["max", "mean", "last"]).predict(Xs)
    for X, row in zip(Xs, rows, strict=True):
        if len(X):
            assert_allclose(row, numpy.concatenate([X.max(0), X.mean(0), X[-1]]), rtol=1e-6)
        else:
            assert_allclose(row, 0.0)


def test_last_of_a_bidirectional_encoder_is_the_final_state_of_each_direction():
    X = states()[2]
    (row,) = pooling(["last"], bidirectional=True).predict([X])
    assert_allclose(row, [X[-1, 0], X[-1, 1], X[0, 2], X[0, 3]])


def test_attention_is_a_mean_weighted_by_a_softmax():
    model = pooling(["attention"])
    X = states()[2]
    layer = model.shims[0].module.attention
    scores = X @ layer.weight.detach().numpy()[0] + layer.bias.item()
    weights = numpy.exp(scores) / numpy.exp(scores).sum()
    assert_allclose(model.predict([X])[0], weights @ X, rtol=1e-5)


@pytest.mark.parametrize("name", ["last", "max", "mean", "attention"])
def test_pooling_does_not_depend_on_the_batch(name):
    model = pooling([name])
    together = model.predict(states())
    alone = numpy.concatenate([model.predict([X]) for X in states()])
    assert_allclose(together, alone, atol=1e-7)


@pytest.mark.parametrize("name", ["last", "max", "mean", "attention"])
def test_gradients_by_finite_differences(name):
    model = pooling([name])
    Xs = states()
    Y, backprop = model.begin_update(Xs)
    weights = numpy.random.default_rng(1).normal(size=Y.shape).astype("float32")
    dXs = backprop(weights)
    assert [dX.shape for dX in dXs] == [X.shape for X in Xs]
    step = 1e-2
    for row, column in [(0, 0), (4, 2), (8, 3)]:
        moved = [X.copy() for X in Xs]
        moved[2][row, column] += step
        change = ((model.predict(moved) - Y) * weights).sum() / step
        assert change == pytest.approx(dXs[2][row, column], abs=2e-2)


def test_all_empty_documents_become_zeros():
    model = pooling(["max", "attention"])
    Y, backprop = model.begin_update(states((0, 0)))
    assert_allclose(Y, numpy.zeros((2, 8)))
    assert [dX.shape for dX in backprop(Y)] == [(0, WIDTH)] * 2


def test_dropout_is_for_training_only():
    model = pooling(["mean"], dropout=0.5)
    Xs = states((50,) * 40)
    dropped = (model(Xs, is_train=True)[0] == 0).mean()
    assert 0.3 < dropped < 0.7
    assert model.predict(Xs).all()


@pytest.mark.parametrize("names", [[], ["median"], ["max", "max"]], ids=str)
def test_unknown_or_repeated_poolings_are_refused(names):
    with pytest.raises(InputError, match="last, max, mean, attention"):
        pool_states(names, None, False)
