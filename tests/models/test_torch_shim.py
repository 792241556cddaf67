"""Weights that were read stay arrays until somebody wants the torch module, and nobody notices."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy
import pytest
import srsly
import torch
from numpy.testing import assert_array_equal
from safetensors.torch import save
from small_pipeline import PRAISE, make_examples
from spacy.tokens import Doc
from thinc.api import Adam

from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, leaves
from spacy_lstm_sentiment.models.lstm_encoder import LSTMArchitecture, LSTMEncoder
from spacy_lstm_sentiment.models.pooling import PoolingArchitecture
from spacy_lstm_sentiment.models.torch_shim import TorchShim


@pytest.fixture
def loaded(trained_nlp):
    """A pipeline that was read, whose module nobody has asked for."""
    nlp = copy.deepcopy(trained_nlp).from_bytes(trained_nlp.to_bytes())
    assert not is_built(nlp)
    return nlp


def encoder_of(nlp):
    return leaves(nlp.get_pipe("lstm_sentiment").model)[LSTM_ENCODER].shims[0]


def is_built(nlp):
    return encoder_of(nlp)._model is not None


def scores(nlp):
    return [doc.cats for doc in nlp.pipe(["a good film", "dull and boring", "the book"])]


def weights_of(nlp):
    return {name: weight.copy() for name, weight in encoder_of(nlp).weights().items()}


def assert_same_weights(one, other):
    assert one.keys() == other.keys()
    for name, weight in one.items():
        assert_array_equal(weight, other[name])


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_an_lstm_has_the_shapes_that_are_expected(depth, bidirectional):
    architecture = LSTMArchitecture(12, depth, bidirectional, mixed_precision=False)
    assert_shapes(architecture)


@pytest.mark.parametrize("poolings", [("max", "mean"), ("last", "attention")])
def test_a_pooling_has_the_shapes_that_are_expected(poolings):
    assert_shapes(PoolingArchitecture(poolings, bidirectional=True))


def assert_shapes(architecture):
    state = architecture.build(7).state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    assert architecture.shapes(7) == shapes


def test_what_was_read_is_what_was_saved(trained_nlp, loaded):
    assert_same_weights(weights_of(loaded), weights_of(trained_nlp))
    expected = scores(trained_nlp)
    assert scores(loaded) == expected
    assert loaded.to_bytes() == trained_nlp.to_bytes()
    module = encoder_of(loaded).module
    assert encoder_of(loaded).module is module
    assert_same_weights(weights_of(loaded), weights_of(trained_nlp))
    assert scores(loaded) == expected
    assert loaded.to_bytes() == trained_nlp.to_bytes()


def test_weights_are_saved_as_torch_saves_them(trained_nlp):
    shim = encoder_of(trained_nlp)
    assert save(shim.module.state_dict()) in shim.to_bytes()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda nlp: pickle.loads(pickle.dumps(nlp))])
@pytest.mark.parametrize("first", [True, False])
def test_copies(loaded, copied, first):
    expected = scores(loaded)
    if first:
        assert encoder_of(loaded).module is not None
    other = copied(loaded)
    assert scores(other) == expected
    with torch.no_grad():
        for parameter in encoder_of(other).module.parameters():
            parameter += 1.0
    assert scores(loaded) == expected
    assert scores(other) != expected


def test_a_folder(loaded, tmp_path):
    loaded.to_disk(tmp_path)
    again = copy.deepcopy(loaded).from_disk(tmp_path)
    assert scores(again) == scores(loaded)


def test_training_goes_on(trained_nlp, loaded):
    """To what it comes to with a module that was there all the time."""
    encoder_of(other := copy.deepcopy(loaded)).module  # noqa: B018
    learnt = [learn(nlp) for nlp in (loaded, other)]
    assert_same_weights(*learnt)
    before = weights_of(trained_nlp)
    assert all(abs(weight - before[name]).max() > 0 for name, weight in learnt[0].items())


def learn(nlp):
    torch.manual_seed(0)
    numpy.random.seed(0)
    optimizer = nlp.resume_training()
    for _ in range(2):
        nlp.update(make_examples(nlp), sgd=optimizer, drop=0.0)
        nlp.rehearse(make_examples(nlp), sgd=optimizer)
    return weights_of(nlp)


def test_averages_are_found_of_weights_that_were_read(loaded):
    shim, before = encoder_of(loaded), weights_of(loaded)
    averages = {(shim.id, name): weight + 1.0 for name, weight in before.items()}
    with loaded.get_pipe("lstm_sentiment").model.use_params(averages):
        assert_same_weights(weights_of(loaded), {name: w + 1.0 for name, w in before.items()})
    assert_same_weights(weights_of(loaded), before)


def test_averages_of_others_build_nothing(loaded):
    with loaded.get_pipe("lstm_sentiment").model.use_params({(10**9, "W"): numpy.zeros(1)}):
        assert scores(loaded)
    encoder_of(loaded).finish_update(Adam(0.1))
    encoder_of(loaded).to_device("cpu", -1)
    assert not is_built(loaded)


def test_threads_have_one_module(loaded):
    barrier = Barrier(8)

    def module(_):
        barrier.wait()
        return encoder_of(loaded).module

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(module, range(8)))) == 1


def test_layers_read_what_was_read(loaded):
    docs = [Doc(loaded.vocab, words=PRAISE)]
    model = loaded.get_pipe("lstm_sentiment").model
    scored, _ = model.begin_update(docs)
    numpy.testing.assert_allclose(scored, model.predict(docs), atol=1e-5)


def test_nothing_is_drawn_from_torchs_random_state(loaded):
    state = torch.get_rng_state()
    assert encoder_of(loaded).module is not None
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("change", ["missing", "more", "shape", "bytes"])
def test_weights_that_do_not_fit_are_refused_when_they_are_read(change):
    module = LSTMArchitecture(8, 1, True, False).build(4)
    state = module.state_dict()
    if change == "missing":
        del state["layers.0.bias_hh_l0"]
    if change == "more":
        state["layers.1.bias_hh_l0"] = torch.zeros(3)
    if change == "shape":
        state["layers.0.bias_hh_l0"] = torch.zeros(3)
    shim = LSTMEncoder(width=8).shims[0]
    shim.build(4)
    weights = b"broken" if change == "bytes" else save(state)
    message = {**srsly.msgpack_loads(shim.to_bytes()), "weights": weights}
    with pytest.raises(ValueError, match=r"damaged or don't fit") as raised:
        LSTMEncoder(width=8).shims[0].from_bytes(srsly.msgpack_dumps(message))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("ask", [lambda shim: shim.module, TorchShim.weights])
def test_without_weights_it_says_what_to_do(ask):
    with pytest.raises(ValueError, match=r"no weights yet: initialise it"):
        ask(LSTMEncoder(width=8).shims[0])
