"""Beside layers of spaCy's own that read the vocab's vectors, and with those as the model."""

import numpy
import pytest
import spacy
from layer_configs import (
    BOW,
    CNN,
    LISTENER,
    OURS,
    STATIC_VECTORS,
    WORD_TABLE,
    ensemble,
    halve,
    table_model,
)
from small_pipeline import REVIEWS, make_examples, make_vectors_nlp
from spacy.vectors import BaseVectors, Vectors

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import leaves


def make_beside(order, shared, model):
    nlp = make_vectors_nlp()
    table = nlp.vocab.vectors
    keys = list(table.key2row)  # now by ORTH: spaCy saves no other attr
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=table.data, keys=keys)
    if shared:
        nlp.add_pipe("tok2vec", config={"model": CNN})
    pipes = {
        "lstm_sentiment": {"model": model},
        "textcat": {"model": ensemble(LISTENER if shared else CNN)},
    }
    for name in order:
        nlp.add_pipe(name, config=pipes[name])
    return nlp


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(
    "order", [("lstm_sentiment", "textcat"), ("textcat", "lstm_sentiment")], ids="-".join
)
@pytest.mark.parametrize(
    "model", [table_model(), {"tok2vec": {"embed": STATIC_VECTORS}}], ids=["table", "static"]
)
def test_beside_a_layer_with_static_vectors(model, order, shared, tmp_path):
    """Both train, and are saved; the vocab's vectors stay as they were, in single precision."""
    nlp = make_beside(order, shared, model)
    examples = make_examples(nlp)
    before = nlp.vocab.vectors.data.copy()
    optimizer = nlp.initialize(lambda: examples)
    losses = [nlp.update(examples, sgd=optimizer) for _ in range(4)]
    assert all(losses[-1][name] < losses[0][name] for name in order)
    numpy.testing.assert_array_equal(nlp.vocab.vectors.data, before)
    assert nlp.vocab.vectors.data.dtype == numpy.float32
    texts = [text for text, _ in REVIEWS] + [""]
    expected = [doc.cats for doc in nlp.pipe(texts)]
    nlp.to_disk(tmp_path)
    assert [doc.cats for doc in spacy.load(tmp_path).pipe(texts)] == expected


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("first", [True, False])
def test_the_shipped_component_beside_a_layer_with_static_vectors(first, shared):
    """What the layer says with it is what it says without."""
    nlp = make_beside(["textcat"], shared, None)
    nlp.initialize(lambda: make_examples(nlp))
    texts = [text for text, _ in REVIEWS]
    alone = [doc.cats for doc in nlp.pipe(texts)]
    nlp.add_pipe("lstm_sentiment_en", **({"first": True} if first else {}))
    with nlp.select_pipes(disable="lstm_sentiment_en"):
        assert [doc.cats for doc in nlp.pipe(texts)] == alone
    for doc in nlp.pipe(texts):
        assert doc._.sentiment_label in ("POSITIVE", "NEGATIVE")
    nlp.update(make_examples(nlp), sgd=nlp.resume_training())


@pytest.mark.parametrize("embed", [WORD_TABLE, STATIC_VECTORS], ids=["table", "static"])
@pytest.mark.parametrize("other", [BOW, ensemble(OURS)], ids=["bow", "ours"])
def test_vectors_of_the_vocab_in_half_precision(embed, other):
    """spaCy's own layers cannot read those (E896), alone or with us; all others can."""
    nlp = make_vectors_nlp()
    halve(nlp)
    nlp.add_pipe("textcat", config={"model": other})
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"embed": embed}}})
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    nlp.update(examples, sgd=optimizer)
    assert sum(nlp("good").cats.values()) == pytest.approx(1.0)
    assert nlp.vocab.vectors.data.dtype == numpy.float16


# Vectors of other kinds


class LengthVectors(BaseVectors):
    """Vectors of a pipeline's own: they are computed, for any word."""

    def __init__(self, strings):
        super().__init__()
        self.strings = strings

    @property
    def shape(self):
        return 1000, 3

    @property
    def vectors_length(self):
        return 3

    def __len__(self):
        return 1000

    n_keys, name, mode = -1, "lengths", "default"  # for spaCy's meta

    def __contains__(self, key):
        return True

    def __getitem__(self, key):
        word = key if isinstance(key, str) else self.strings[key]
        return numpy.array([len(word), word.count("o"), word.islower()], "float32")

    def get_batch(self, keys):
        return numpy.vstack([self[key] for key in keys])


def with_own_vectors():
    nlp = spacy.blank("en")
    nlp.vocab.vectors = LengthVectors(nlp.vocab.strings)
    return nlp


def with_floret():
    nlp = spacy.blank("en")
    rng = numpy.random.default_rng(0)
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings,
        mode="floret",
        data=rng.normal(size=(50, 4)).astype("f"),
        minn=2,
        maxn=3,
        hash_count=2,
    )
    return nlp


@pytest.mark.parametrize("make", [with_own_vectors, with_floret])
def test_static_vectors_of_other_kinds(make):
    """Trained layer by layer, scored by the kernel: both read them, and empty documents too."""
    nlp = make()
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"embed": STATIC_VECTORS}}})
    nlp.add_pipe("textcat", config={"model": ensemble(CNN)})
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    losses = [nlp.update(examples, sgd=optimizer)["lstm_sentiment"] for _ in range(8)]
    assert losses[-1] < losses[0]
    model = nlp.get_pipe("lstm_sentiment").model
    docs = [nlp.make_doc(text) for text in ("", "A great film!", "Unheard-of Zyxwv", "")]
    layers, _ = model.begin_update(docs)
    numpy.testing.assert_allclose(model.predict(docs), layers, atol=0.02)
    embed = leaves(model)["static_vectors"]
    assert embed.predict(docs[1:2])[0].any(axis=1).all()


@pytest.mark.parametrize("make", [with_own_vectors, with_floret])
def test_a_table_of_words_cannot_be_filled_from_those(make):
    nlp = make()
    nlp.add_pipe("lstm_sentiment")
    with pytest.raises(InputError, match=r"a row for each word.*StaticVectors"):
        nlp.initialize(lambda: make_examples(nlp))


@pytest.mark.parametrize("make", [with_own_vectors, with_floret])
def test_the_shipped_component_beside_vectors_of_other_kinds(make):
    nlp = make()
    nlp.add_pipe("lstm_sentiment_en")
    assert nlp("I loved it!")._.sentiment_label == "POSITIVE"
    assert nlp("")._.sentiment == pytest.approx(nlp.make_doc("")._.sentiment, abs=1.0)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (10, 5)])
@pytest.mark.parametrize("embed", [WORD_TABLE, STATIC_VECTORS], ids=["table", "static"])
def test_vectors_without_words_are_nothing_to_learn_from(shape, embed):
    nlp = spacy.blank("en")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, shape=shape)
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"embed": embed}}})
    with pytest.raises(InputError, match="no word vectors to learn from"):
        nlp.initialize(lambda: make_examples(nlp))


def test_a_trained_model_in_a_vocab_of_no_words():
    """Of the right width, as after Vectors.clear: every word is an unknown one."""
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": {"embed": STATIC_VECTORS}}})
    nlp.initialize(lambda: make_examples(nlp))
    width = nlp.vocab.vectors_length
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, shape=(0, width))
    assert nlp("good").cats == pytest.approx(nlp("bad").cats)


# Documents without a token
