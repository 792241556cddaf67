from pathlib import Path

import numpy
import pytest
import torch
from numpy.testing import assert_allclose
from thinc.api import Adam, fix_random_seed

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.lstm_encoder import LSTMEncoder
from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM, cpu_has_bfloat16

INPUT_WIDTH = 5
LENGTHS = [3, 0, 17, 1, 8]


def sequences(lengths=LENGTHS):
    rng = numpy.random.default_rng(0)
    return [rng.normal(size=(length, INPUT_WIDTH)).astype("float32") for length in lengths]


def encoder(**settings):
    fix_random_seed(0)
    model = LSTMEncoder(**{"width": 6, **settings})
    model.initialize(X=sequences())
    return model


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("depth", [1, 3])
class TestEncoder:
    def test_each_sequence_keeps_its_length(self, depth, bidirectional):
        model = encoder(depth=depth, bidirectional=bidirectional)
        assert [Y.shape for Y in model.predict(sequences())] == [(n, 6) for n in LENGTHS]

    def test_states_do_not_depend_on_the_batch(self, depth, bidirectional):
        model = encoder(depth=depth, bidirectional=bidirectional)
        together = model.predict(sequences())
        alone = [model.predict([X])[0] for X in sequences()]
        for one, other in zip(together, alone, strict=True):
            assert_allclose(one, other, atol=1e-6)

    def test_equals_torch_on_packed_sequences(self, depth, bidirectional):
        """The padded CPU path against torch's own packed LSTM with the same weights."""
        lengths = torch.tensor([3, 17, 1, 8])
        module = PaddedLSTM(INPUT_WIDTH, 6, depth, bidirectional, mixed_precision=False)
        inputs = torch.randn(4, 17, INPUT_WIDTH)
        outputs = module(inputs, lengths)
        hidden = torch.nn.utils.rnn.pack_padded_sequence(
            inputs, lengths, batch_first=True, enforce_sorted=False
        )
        for layer in module.layers:
            hidden, _ = layer(hidden)
        expected, _ = torch.nn.utils.rnn.pad_packed_sequence(hidden, batch_first=True)
        for row, length in enumerate(lengths):
            torch.testing.assert_close(outputs[row, :length], expected[row, :length])

    def test_gradients_are_those_of_torch(self, depth, bidirectional):
        model = encoder(depth=depth, bidirectional=bidirectional)
        Xs = sequences()
        Ys, backprop = model.begin_update(Xs)
        dXs = backprop([numpy.ones_like(Y) for Y in Ys])
        assert [dX.shape for dX in dXs] == [X.shape for X in Xs]
        module = model.shims[0].module
        inputs = torch.from_numpy(Xs[4])[None].requires_grad_()
        module(inputs, torch.tensor([8])).sum().backward()
        assert_allclose(dXs[4], inputs.grad[0].numpy(), atol=1e-6)

    def test_weights_survive_serialisation(self, depth, bidirectional):
        settings = {"depth": depth, "bidirectional": bidirectional}
        model = encoder(**settings)
        other = LSTMEncoder(width=6, **settings).from_bytes(model.to_bytes())
        for one, two in zip(model.predict(sequences()), other.predict(sequences()), strict=True):
            assert_allclose(one, two)


def test_all_empty_sequences():
    model = encoder()
    Ys, backprop = model.begin_update(sequences([0, 0]))
    assert [Y.shape for Y in Ys] == [(0, 6), (0, 6)]
    assert [dX.shape for dX in backprop(Ys)] == [(0, INPUT_WIDTH)] * 2


def test_training_lowers_the_loss():
    model = encoder()
    optimizer = Adam(0.01)
    target = [numpy.full((n, 6), 0.5, dtype="float32") for n in LENGTHS]
    losses = []
    for _ in range(60):
        Ys, backprop = model.begin_update(sequences())
        gradients = [Y - t for Y, t in zip(Ys, target, strict=True)]
        losses.append(sum(float((g**2).sum()) for g in gradients))
        backprop(gradients)
        model.finish_update(optimizer)
    assert losses[-1] < losses[0] / 4


def test_averages_of_the_optimizer_are_used():
    model = encoder()
    optimizer = Adam(0.1, use_averages=True)
    before = model.predict(sequences())[0].copy()
    for _ in range(3):
        Ys, backprop = model.begin_update(sequences())
        backprop(Ys)
        model.finish_update(optimizer)
    after = model.predict(sequences())[0].copy()
    with model.use_params(optimizer.averages):
        averaged = model.predict(sequences())[0].copy()
    assert abs(averaged - after).max() > 1e-4
    assert abs(averaged - before).max() > 1e-4
    assert_allclose(model.predict(sequences())[0], after)


def test_dropout_follows_the_training_rate_unless_fixed():
    following, fixed = encoder(), encoder(dropout=0.5)
    assert following.attrs["dropout_rate"] == 0.0
    assert "dropout_rate" not in fixed.attrs
    following.attrs["dropout_rate"] = 0.5
    for model in (following, fixed):
        Ys, _ = model(sequences(), is_train=True)
        dropped = (Ys[2] == 0).all(axis=0)
        assert 0 < dropped.sum() < 6, "the same units are dropped at every step"
        assert model.predict(sequences())[2].all()


def test_mixed_precision_is_close_to_single_precision():
    exact = encoder(width=16).predict(sequences())
    mixed = encoder(width=16, mixed_precision=True).predict(sequences())
    for one, two in zip(exact, mixed, strict=True):
        assert two.dtype == numpy.float32
        assert_allclose(one, two, atol=0.02)


@pytest.mark.parametrize(
    "settings", [{"width": 0}, {"width": 5}, {"width": 6, "depth": 0}], ids=str
)
def test_impossible_shapes_are_refused(settings):
    with pytest.raises(InputError, match="LSTMEncoder"):
        LSTMEncoder(**settings)


def test_bfloat16_is_used_where_the_processor_has_its_instructions():
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.exists() or "avx" not in cpuinfo.read_text():
        pytest.skip("the flags of an x86 processor on Linux are compared")
    if not hasattr(torch.cpu, "_is_amx_tile_supported"):
        pytest.skip("this version of torch cannot be asked for the instructions")
    flags = cpuinfo.read_text().split()
    assert cpu_has_bfloat16() == ("amx_bf16" in flags or "avx512_bf16" in flags)
