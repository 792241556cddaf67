"""What needs a CUDA device and cupy. On a machine without one these are skipped."""

import numpy
import pytest
import spacy
import torch
from small_pipeline import REVIEWS, SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from thinc.api import CupyOps, use_ops

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        CupyOps.xp is None or not torch.cuda.is_available(),
        reason="needs a CUDA device and cupy: make test-gpu",
    ),
]
TEXTS = [text for text, _ in REVIEWS] + ["", "good " * 300]


@pytest.fixture
def gpu():
    spacy.require_gpu(0)
    with use_ops("cupy"):
        yield
    spacy.require_cpu()


def train(mixed_precision=False, embed="WordTable"):
    nlp = make_vectors_nlp()
    tok2vec = {
        "embed": {"@architectures": f"spacy-lstm-sentiment.{embed}.v1"},
        "encode": {"width": 16, "mixed_precision": mixed_precision},
    }
    model = {"tok2vec": tok2vec}
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    train_small(nlp, make_examples(nlp))
    return nlp


@pytest.mark.parametrize("mixed_precision", [False, True])
def test_trains_and_scores(gpu, mixed_precision):
    nlp = train(mixed_precision)
    assert nlp.evaluate(make_examples(nlp))["sentiment_acc"] == 1.0
    component = nlp.get_pipe("lstm_sentiment")
    encoder = component.model.get_ref("tok2vec").get_ref("encode")
    assert next(encoder.shims[0].module.parameters()).is_cuda
    assert isinstance(nlp("good").cats["POSITIVE"], float)


def test_batch_equals_single(gpu):
    nlp = train()
    for doc in nlp.pipe(TEXTS):
        assert doc.cats == pytest.approx(nlp(doc.text).cats, abs=1e-4)


def test_vectors_of_the_vocab_move_once(gpu):
    nlp = train(embed="StaticVectors")
    assert isinstance(nlp.vocab.vectors.data, CupyOps.xp.ndarray)
    table = nlp.vocab.vectors.data
    list(nlp.pipe(TEXTS))
    assert nlp.vocab.vectors.data is table


def test_a_model_of_the_gpu_scores_alike_on_the_cpu_and_back(gpu, tmp_path):
    nlp = train()
    expected = [doc.cats for doc in nlp.pipe(TEXTS)]
    nlp.to_disk(tmp_path / "gpu")
    spacy.require_cpu()
    with use_ops("numpy"):
        on_cpu = spacy.load(tmp_path / "gpu")
        for doc, cats in zip(on_cpu.pipe(TEXTS), expected, strict=True):
            assert doc.cats == pytest.approx(cats, abs=1e-4)
        assert isinstance(on_cpu.vocab.vectors.data, numpy.ndarray)
        on_cpu.to_disk(tmp_path / "cpu")
    spacy.require_gpu(0)
    with use_ops("cupy"):
        back = spacy.load(tmp_path / "cpu")
        for doc, cats in zip(back.pipe(TEXTS), expected, strict=True):
            assert doc.cats == pytest.approx(cats, abs=1e-4)


def test_pytorch_allocator(gpu):
    from thinc.api import set_gpu_allocator

    set_gpu_allocator("pytorch")
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    train_small(nlp, make_examples(nlp), steps=3)
    assert nlp("good").cats
