"""The fused way to pooled states gives what the layers give, document by document."""

import numpy
import pytest
import torch
from numpy.testing import assert_allclose
from small_pipeline import OTHER, PRAISE, SMALL_MODEL, make_vectors_nlp
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import fix_random_seed

from spacy_lstm_sentiment.models import inference
from spacy_lstm_sentiment.models.inference import find_fused_reader
from spacy_lstm_sentiment.models.kernels.choice import KERNEL
from spacy_lstm_sentiment.models.kernels.padded import (
    BATCH_SIZES,
    PADDED_TOKENS,
    batch_by_shape,
    round_up,
)
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, STATIC_VECTORS, leaves
from spacy_lstm_sentiment.models.pytorch.lstm import cpu_has_bfloat16
from spacy_lstm_sentiment.models.threads import run_in_threads

NLP = make_vectors_nlp()
WORDS = [*PRAISE, *OTHER, "unknown", "Good"]
BFLOAT16 = cpu_has_bfloat16()


@pytest.fixture(autouse=True, params=["torch", "native"])
def kernel(request, monkeypatch):
    """Every test here holds for both kernels."""
    if request.param == "native":
        pytest.importorskip(
            "spacy_lstm_sentiment.models.kernels._lstm",
            reason="the kernel is not compiled: python setup.py build_ext --inplace",
        )
    monkeypatch.setenv(KERNEL, request.param)
    return request.param


def docs_of(lengths, seed=0):
    rng = numpy.random.default_rng(seed)
    return [Doc(NLP.vocab, words=rng.choice(WORDS, size=length).tolist()) for length in lengths]


def reading_layer(max_length=0, pooling=("max", "mean"), embed="StaticVectors", **encode):
    """The part of a classifier from documents to pooled states, with random weights."""
    fix_random_seed(0)
    model = make_model(max_length, list(pooling), embed, encode)
    model.initialize(docs_of([3, 5]), numpy.zeros((2, 2), dtype="f"))
    (read,) = [node for node in model.walk() if "max_padded_tokens" in node.attrs]
    return read.layers[0]


def make_model(max_length, pooling, embed, encode):
    nlp = make_vectors_nlp()
    settings = {**SMALL_MODEL, "max_length": max_length, "pooling": pooling}
    tok2vec = settings.get("tok2vec", {})
    settings["tok2vec"] = {
        "embed": {"@architectures": f"spacy-lstm-sentiment.{embed}.v1"},
        "encode": {**tok2vec.get("encode", {}), **encode},
    }
    return nlp.add_pipe("lstm_sentiment", config={"model": settings}).model


def assert_same(layer, docs, max_length=0, tolerance=1e-5):
    fused = find_fused_reader(layer, max_length)
    assert fused is not None
    assert_allclose(fused(docs), layer.predict(docs), atol=tolerance, rtol=tolerance)


LENGTHS = {
    "unequal": [7, 1, 300, 2, 40, 41, 0, 5],
    "empty ones": [0, 0, 3],
    "one": [1],
    "alike": [20] * 70,
    "many": [n % 97 for n in range(400)],
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("pooling", [["max", "mean"], ["mean", "max"], ["max"], ["mean"]])
def test_same_as_the_layers(lengths, pooling):
    assert_same(reading_layer(pooling=pooling, mixed_precision=False), docs_of(lengths))


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("max_length", [1, 10, 1000])
def test_same_in_one_direction_and_where_documents_are_cut(bidirectional, max_length):
    layer = reading_layer(max_length, bidirectional=bidirectional, mixed_precision=False)
    assert_same(layer, docs_of(LENGTHS["unequal"]), max_length)


@pytest.mark.skipif(not BFLOAT16, reason="needs a processor with AMX or AVX512-BF16")
def test_same_in_bfloat16():
    """To its rounding: of 8 bits, and of sums over hundreds of steps."""
    layer = reading_layer(width=64, mixed_precision=True)
    assert_same(layer, docs_of(LENGTHS["unequal"]), tolerance=0.02)


def test_a_huge_document_among_small_ones():
    layer = reading_layer(mixed_precision=False)
    assert_same(layer, docs_of([20_000, 3, 0, 12]), tolerance=1e-4)


def test_new_weights_are_read():
    layer = reading_layer(mixed_precision=False)
    docs = docs_of([4, 9])
    before = find_fused_reader(layer, 0)(docs)
    encoder = leaves(layer)[LSTM_ENCODER]
    with torch.no_grad():
        for parameter in encoder.shims[0].module.parameters():
            parameter += 0.5
    assert abs(find_fused_reader(layer, 0)(docs) - before).max() > 0.01
    assert_same(layer, docs)


def test_a_table_of_its_own_whose_words_are_kept():
    layer = reading_layer(mixed_precision=False, embed="WordTable")
    for seed in (0, 1):
        assert_same(layer, docs_of(LENGTHS["unequal"], seed))
    encoder = leaves(layer)[LSTM_ENCODER]
    with torch.no_grad():
        for parameter in encoder.shims[0].module.parameters():
            parameter += 0.5
    assert_same(layer, docs_of(LENGTHS["unequal"]))
    embed = leaves(layer)[STATIC_VECTORS]
    nlp = make_vectors_nlp()
    nlp.vocab.vectors.data *= 2
    embed.shims[0].fill(nlp.vocab.vectors)
    assert_same(layer, docs_of(LENGTHS["unequal"]))


@pytest.mark.parametrize("other", [{"depth": 2}, {"pooling": ["last"]}])
def test_what_the_compiled_kernel_alone_can_do(kernel, other):
    layer = reading_layer(mixed_precision=False, **other)
    if kernel == "native":
        assert_same(layer, docs_of(LENGTHS["unequal"]))
    else:
        assert find_fused_reader(layer, 0) is None


def test_attention_runs_layer_by_layer():
    assert find_fused_reader(reading_layer(pooling=["max", "attention"]), 0) is None


def test_more_documents_than_are_read_at_once(monkeypatch):
    monkeypatch.setattr(inference, "MAX_DOCUMENTS", 7)
    assert_same(reading_layer(mixed_precision=False), docs_of(LENGTHS["many"][:50]))


def test_other_embeddings_run_layer_by_layer():
    make_tok2vec = registry.architectures.get("spacy.HashEmbedCNN.v2")
    tok2vec = make_tok2vec(
        width=8,
        depth=1,
        embed_size=100,
        window_size=1,
        maxout_pieces=2,
        subword_features=True,
        pretrained_vectors=None,
    )
    assert find_fused_reader(tok2vec, 0) is None


def test_batches_lose_nothing_and_have_few_shapes():
    lengths = numpy.random.default_rng(0).integers(0, 1200, size=5000)
    batches = list(batch_by_shape(lengths))
    assert sorted(numpy.concatenate(batches).tolist()) == list(range(5000))
    shapes = {(len(batch), round_up(int(lengths[batch[-1]]))) for batch in batches[:-1]}
    assert len(shapes) < 50
    for size, steps in shapes:
        assert size in BATCH_SIZES
        assert size * steps <= PADDED_TOKENS or size == BATCH_SIZES[-1]


@pytest.mark.parametrize("length", [0, 1, 4, 5, 16, 17, 100, 255, 257, 1000, 100_000])
def test_lengths_are_rounded_up_by_little(length):
    assert length <= round_up(length) <= max(length + 3, 1.125 * length)


@pytest.fixture
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_two_threads")
def test_threads_change_nothing():
    layer = reading_layer(mixed_precision=False)
    docs = docs_of(LENGTHS["many"])
    fused = find_fused_reader(layer, 0)
    assert len(fused.kernel.split(numpy.array(LENGTHS["many"]), 2)) >= 2
    in_two = fused(docs)
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
    assert_allclose(in_two, fused(docs), atol=1e-6)


@pytest.mark.usefixtures("_two_threads")
def test_what_a_thread_raises_is_raised():
    def fail(batch):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_in_threads(fail, [numpy.array([0])] * 3)
