"""The compiled kernel against torch's own LSTM, for each instruction set of this processor."""

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from spacy_lstm_sentiment.models.kernels.words import Words
from spacy_lstm_sentiment.models.padding import pad
from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM
from spacy_lstm_sentiment.models.pytorch.pooling import Pooling

_lstm = pytest.importorskip(
    "spacy_lstm_sentiment.models.kernels._lstm",
    reason="not compiled: python setup.py build_ext --inplace",
)
native = pytest.importorskip("spacy_lstm_sentiment.models.kernels.native")

ISAS = _lstm.supported()
POOLINGS = ("max", "last", "mean")
INPUT_WIDTH = 10
LENGTHS = [7, 1, 130, 2, 40, 41, 0, 5, 40, 0]
each_isa = pytest.mark.parametrize("isa", ISAS)


def make_lstm(width, depth=1, bidirectional=True, scale=1.0):
    torch.manual_seed(0)
    lstm = PaddedLSTM(INPUT_WIDTH, width, depth, bidirectional, mixed_precision=False).eval()
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter *= scale
    return lstm


class Weights:
    """A module as kernels get it."""

    def __init__(self, module):
        self.module = module

    def weights(self):
        return {name: tensor.numpy() for name, tensor in self.module.state_dict().items()}


def make_words(lengths, n_words=50, seed=0):
    rng = numpy.random.default_rng(seed)
    vectors = rng.normal(size=(n_words, INPUT_WIDTH)).astype("float32")
    return vectors, rng.integers(n_words, size=sum(lengths))


def read(isa, lstm, vectors, words, lengths, poolings=POOLINGS, n_threads=1):
    kernel = native.NativeKernel(isa)
    lengths = numpy.array(lengths, dtype=numpy.int64)
    starts = lengths.cumsum() - lengths
    words = Words(vectors, numpy.arange(len(vectors)), False, words)
    read_batch = kernel.prepare(Weights(lstm), poolings, words)
    width = lstm.layers[0].hidden_size * (1 + lstm.layers[0].bidirectional)
    pooled = numpy.zeros((len(lengths), len(poolings) * width), dtype="float32")
    for batch in kernel.split(lengths, n_threads):
        pooled[batch] = read_batch(starts[batch], lengths[batch])
    return pooled


def expect(lstm, vectors, words, lengths, poolings=POOLINGS):
    sequences = numpy.split(vectors[words], numpy.cumsum(lengths)[:-1])
    layer = lstm.layers[0]
    pooling = Pooling(layer.hidden_size, poolings, layer.bidirectional)
    with torch.inference_mode():
        states = lstm(pad(sequences), torch.tensor(lengths))
        return pooling(states, torch.tensor(lengths)).numpy()


def assert_same(isa, lstm, lengths, tolerance=1e-5):
    vectors, words = make_words(lengths)
    pooled = read(isa, lstm, vectors, words, lengths)
    assert_allclose(pooled, expect(lstm, vectors, words, lengths), atol=tolerance, rtol=tolerance)


@each_isa
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("units", [1, 3, 4, 5, 8, 15, 16, 17, 32, 48, 64, 96, 100, 128])
def test_any_width(isa, units, bidirectional):
    assert_same(isa, make_lstm(units * (1 + bidirectional), 1, bidirectional), LENGTHS)


@each_isa
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("depth", [2, 3, 5])
def test_any_depth(isa, depth, bidirectional):
    assert_same(isa, make_lstm(24, depth, bidirectional, scale=3.0), LENGTHS)


@each_isa
def test_documents_of_layers_are_cut_into_batches(isa, monkeypatch):
    monkeypatch.setattr(native, "STACKED_TOKENS", 60)
    assert_same(isa, make_lstm(8, depth=2), LENGTHS)


@each_isa
@pytest.mark.parametrize("n_documents", [1, 2, 5, 6, 7, 17, 48, 97, 500])
def test_any_number_of_documents(isa, n_documents):
    assert_same(isa, make_lstm(12), [1 + n * 7 % 31 for n in range(n_documents)])


@each_isa
@pytest.mark.parametrize("lengths", [[0], [0, 0, 0], [1], [1] * 300, [30_000, 2, 0, 11]])
def test_empty_and_huge_documents(isa, lengths):
    assert_same(isa, make_lstm(16), lengths, tolerance=1e-4)


@each_isa
@pytest.mark.parametrize("scale", [0.0, 20.0, 1000.0])
def test_gates_that_are_wide_open_or_shut(isa, scale):
    """Where sigmoids are 0 or 1, the order of a sum may decide which: so there is one word."""
    lstm = make_lstm(16, scale=scale)
    vectors, words = make_words(LENGTHS, n_words=1)
    pooled = read(isa, lstm, vectors, words, LENGTHS)
    assert numpy.isfinite(pooled).all()
    assert abs(pooled).max() <= 1.0
    short = [1, 0, 1]  # no recurrence yet
    assert_same(isa, lstm, short)


@each_isa
def test_what_is_no_number_is_not_hidden(isa):
    lstm = make_lstm(16)
    vectors, words = make_words([3, 4])
    vectors[words[1]] = numpy.nan
    words[3:] = (words[1] + 1) % len(vectors)
    pooled = read(isa, lstm, vectors, words, [3, 4])
    assert numpy.isnan(pooled[0]).all()
    assert not numpy.isnan(pooled[1]).any()


@each_isa
@given(lengths=st.lists(st.integers(0, 60), min_size=1, max_size=120), at=st.integers(0))
def test_a_score_never_depends_on_the_batch(isa, lengths, at):
    """Not by a bit."""
    lstm = make_lstm(20)
    vectors, words = make_words(lengths)
    pooled = read(isa, lstm, vectors, words, lengths, n_threads=2)
    at %= len(lengths)
    start = sum(lengths[:at])
    own_words = words[start : start + lengths[at]]
    assert_array_equal(read(isa, lstm, vectors, own_words, [lengths[at]])[0], pooled[at])


@each_isa
@pytest.mark.parametrize("poolings", [("mean",), ("last",), ("max", "mean"), ("mean", "max")])
def test_poolings_come_in_their_order(isa, poolings):
    lstm = make_lstm(6)
    vectors, words = make_words(LENGTHS)
    pooled = read(isa, lstm, vectors, words, LENGTHS, poolings)
    assert_allclose(pooled, expect(lstm, vectors, words, LENGTHS, poolings), atol=1e-5)


def test_attention_is_left_to_torch():
    assert not native.NativeKernel(ISAS[0]).supports(Weights(make_lstm(6)), ("max", "attention"))


def arguments(**changes):
    units, width = 4, 8
    given = {
        "isa": "generic",
        "projected": numpy.zeros((3, 2 * 4 * units), dtype="float32"),
        "recurrent": numpy.zeros((2, units * 4 * units), dtype="float32"),
        "units": units,
        "words": numpy.array([0, 1, 2, 0]),
        "starts": numpy.array([0, 2]),
        "lengths": numpy.array([2, 2]),
        "order": numpy.array([0, 1]),
        "pooled": numpy.zeros((2, width), dtype="float32"),
        "columns": {"max": 0},
    }
    return {**given, **changes}


def test_arguments_that_fit():
    _lstm.read(**arguments())


@pytest.mark.parametrize(
    "changes",
    [
        {"words": numpy.array([0, 1, 3, 0])},
        {"words": numpy.array([0, -1, 2, 0])},
        {"words": numpy.array([0, 1, 2])},
        {"starts": numpy.array([0, 3])},
        {"starts": numpy.array([-1, 2])},
        {"starts": numpy.array([0])},
        {"lengths": numpy.array([2, 0])},
        {"lengths": numpy.array([2, 2**62])},
        {"order": numpy.array([2])},
        {"order": numpy.array([-1])},
        {"units": 5},
        {"projected": numpy.zeros((3, 31), dtype="float32")},
        {"columns": {"max": 1}},
        {"columns": {"mean": -1}},
        {"pooled": numpy.zeros((1, 8), dtype="float32")},
        {"states": numpy.zeros((3, 8), dtype="float32")},
        {"states": numpy.zeros((4, 7), dtype="float32")},
    ],
)
def test_memory_that_is_not_the_documents_own_is_never_read(changes):
    with pytest.raises(ValueError, match=r"fit|packed|narrow|needs"):
        _lstm.read(**arguments(**changes))


def projection(isa, width=5, groups=3, rows=4):
    gates = 4 * _lstm.lanes(isa)
    rng = numpy.random.default_rng(0)
    shapes = ((rows, width), (groups, width, gates), (groups * gates,))
    arrays = [rng.normal(size=shape).astype("float32") for shape in shapes]
    return [isa, *arrays, numpy.full((rows, groups * gates), numpy.nan, "float32")]


@each_isa
@pytest.mark.parametrize("width", [1, 7, 100])
def test_vectors_are_projected_to_the_last_bit_alike_beside_any_others(isa, width):
    given = projection(isa, width, rows=133)
    _lstm.project(*given)
    _, vectors, weights, bias, whole = given
    expected = numpy.einsum("rk,gkc->rgc", vectors, weights.astype("float64")).reshape(whole.shape)
    assert_allclose(whole, expected + bias, rtol=1e-4, atol=1e-4)
    for n_rows in range(134):
        for part in (slice(n_rows), slice(133 - n_rows, 133)):
            alone = numpy.empty_like(whole[part])
            _lstm.project(isa, vectors[part], weights, bias, alone)
            assert_array_equal(alone, whole[part])


@pytest.mark.parametrize(
    ("number", "axis"), [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 0), (4, 0), (4, 1)]
)
def test_memory_that_is_not_the_vectors_own_is_never_projected(number, axis):
    given = projection("generic")
    given[number] = numpy.repeat(given[number], 2, axis=axis)
    with pytest.raises(ValueError, match=r"packed|fit|needs"):
        _lstm.project(*given)
