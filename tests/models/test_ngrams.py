import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from thinc.api import Adam, fix_random_seed

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.ngrams import NgramBag, embed_tokens, ngram_rows

NLP = spacy.blank("en")
TEXTS = ["good", "Not bad , not good", "", "a very good film", "good film"]


def docs_of(texts):
    return [NLP.make_doc(text) for text in texts]


def filled(**settings):
    model = NgramBag(**settings)
    model.initialize()
    rng = numpy.random.default_rng(0)
    model.set_param("E", rng.normal(size=model.get_param("E").shape).astype("f"))
    return model


def test_all_ngrams_are_counted_document_by_document():
    found = ngram_rows(docs_of(["a b c", "", "a b"]), 3, 2**16)
    assert [len(rows) for rows in found] == [5, 3, 1]
    words, pairs, _ = found
    assert words[0] == words[3]
    assert words[1] == words[4]
    assert pairs[0] == pairs[2] != pairs[1]
    assert ngram_rows(docs_of(["A B"]), 2, 2**16)[1][0] == pairs[0]  # whatever the case
    assert ngram_rows(docs_of(["b a"]), 2, 2**16)[1][0] != pairs[0]  # in this order only


def test_output_is_the_sum_over_the_root_of_the_length():
    model = filled(width=3, ngram_size=2)
    table = model.get_param("E")
    words, pairs = ngram_rows(docs_of(["good film"]), 2, len(table))
    expected = (table[words].sum(axis=0) + table[pairs].sum(axis=0)) / 2**0.5
    assert_allclose(model.predict(docs_of(["good film"]))[0], expected, rtol=1e-5)


@given(st.lists(st.text("ab ", max_size=12), min_size=1, max_size=6))
def test_a_document_does_not_depend_on_its_batch(texts):
    model = filled(width=2, ngram_size=3, rows=64)
    together = model.predict(docs_of(texts))
    alone = numpy.concatenate([model.predict(docs_of([text])) for text in texts])
    assert_allclose(together, alone, atol=1e-5)
    assert together.shape == (len(texts), 2)


def test_gradient_is_that_of_the_loss():
    model = filled(width=2, ngram_size=2, rows=16, dropout=0.0)
    docs = docs_of(TEXTS)
    outputs, backprop = model(docs, is_train=True)
    weights = numpy.random.default_rng(1).normal(size=outputs.shape).astype("f")
    backprop(weights)
    gradient = model.get_grad("E")
    table = model.get_param("E")
    for row in range(16):
        table[row, 1] += 0.01
        change = ((model.predict(docs) - outputs) * weights).sum()
        table[row, 1] -= 0.01
        assert change == pytest.approx(0.01 * gradient[row, 1], abs=1e-4)


def test_it_learns_and_dropout_follows_the_training():
    fix_random_seed(0)
    model = NgramBag(ngram_size=1, rows=2**10)
    model.initialize()
    docs, target = docs_of(["good", "bad"]), numpy.array([[1.0], [-1.0]], dtype="f")
    optimizer = Adam(0.05)
    for _ in range(100):
        outputs, backprop = model(docs, is_train=True)
        backprop(outputs - target)
        model.finish_update(optimizer)
    assert_allclose(model.predict(docs), target, atol=0.05)
    model.attrs["dropout_rate"] = 0.9
    dropped = [model(docs, is_train=True)[0][0, 0] for _ in range(200)]
    assert 0.8 < numpy.mean([value == 0.0 for value in dropped]) < 0.98
    assert_allclose(model.predict(docs), target, atol=0.05)


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_share_what_their_ngrams_add(text):
    model = filled(width=2, ngram_size=3)
    (doc,) = docs_of([text])
    shares = embed_tokens(model, doc)
    assert shares.shape == (len(doc), 2)
    assert_allclose(shares.sum(axis=0), model.predict([doc])[0], atol=1e-5)


def test_weights_survive_serialisation():
    model, fresh = filled(), NgramBag()
    fresh.from_bytes(model.to_bytes())
    assert_allclose(fresh.predict(docs_of(TEXTS)), model.predict(docs_of(TEXTS)))


@pytest.mark.parametrize("setting", [{"width": 0}, {"ngram_size": 0}, {"rows": 1000}, {"rows": 1}])
def test_sizes_out_of_range(setting):
    with pytest.raises(InputError, match="NgramBag"):
        NgramBag(**setting)
