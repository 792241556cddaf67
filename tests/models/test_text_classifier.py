import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from small_pipeline import REVIEWS, SMALL_MODEL, WIDTH, make_examples, make_vectors_nlp, train_small
from spacy.training import Example
from spacy.util import registry
from thinc.api import Config, fix_random_seed

from spacy_lstm_sentiment.errors import InputError

MODEL = """
[model]
@architectures = "spacy-lstm-sentiment.TextClassifier.v1"
pooling = ["max", "mean"]
[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"
[model.tok2vec.embed]
@architectures = "spacy-lstm-sentiment.StaticVectors.v1"
[model.tok2vec.encode]
@architectures = "spacy-lstm-sentiment.LSTMEncoder.v1"
width = 16
"""
TEXTS = [text for text, _ in REVIEWS] + ["", "zyxwv", "good " * 90]


def config(**changes):
    model = Config().from_str(MODEL)["model"]
    return {**model, **changes}


def classifier(nlp, n_labels=2, **changes):
    fix_random_seed(0)
    model = registry.resolve({"model": config(**changes)})["model"]
    docs = [nlp.make_doc(text) for text in TEXTS]
    model.initialize(X=docs, Y=numpy.zeros((len(docs), n_labels), dtype="f"))
    output = model.get_ref("output_layer")  # starts at zero, where all scores are equal
    output.set_param(
        "W", numpy.random.default_rng(0).normal(size=output.get_param("W").shape).astype("f")
    )
    return model, docs


POOLINGS = [["last"], ["max"], ["mean"], ["attention"], ["last", "max", "mean", "attention"]]


@pytest.mark.parametrize("pooling", POOLINGS, ids="+".join)
def test_batch_equals_single(vectors_nlp, pooling):
    model, docs = classifier(vectors_nlp, pooling=pooling)
    together = model.predict(docs)
    assert together.shape == (len(docs), 2)
    alone = numpy.concatenate([model.predict([doc]) for doc in docs])
    assert_allclose(together, alone, atol=1e-6)
    assert_allclose(together.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("n_labels", [2, 3])
def test_empty_documents_get_probabilities(vectors_nlp, n_labels):
    model, _ = classifier(vectors_nlp, n_labels)
    scores = model.predict([vectors_nlp.make_doc("")] * 2)
    assert_allclose(scores.sum(axis=1), 1.0, atol=1e-6)


def test_max_length_reads_the_first_tokens_only(vectors_nlp):
    model, _ = classifier(vectors_nlp, max_length=3)
    scores = model.predict(
        [vectors_nlp.make_doc(text) for text in ("a good film", "a good film was awful", "a good")]
    )
    assert_allclose(scores[0], scores[1])
    assert abs(scores[0] - scores[2]).max() > 1e-4


def test_zero_max_length_reads_everything(vectors_nlp):
    model, _ = classifier(vectors_nlp, max_length=0)
    filler = "the " * 500
    praised, blamed = model.predict(
        [vectors_nlp.make_doc(filler + word) for word in ("good", "bad")]
    )
    assert abs(praised - blamed).max() > 1e-4


def test_unknown_settings_are_errors():
    with pytest.raises(InputError, match="max_length -1"):
        registry.resolve({"model": config(max_length=-1)})
    with pytest.raises(InputError, match="pooling"):
        registry.resolve({"model": config(pooling=["first"])})


@pytest.mark.parametrize(
    ("factory", "exclusive"), [("textcat", True), ("textcat_multilabel", False)]
)
def test_is_a_model_for_spacys_own_components(tmp_path, factory, exclusive):
    nlp = make_vectors_nlp()
    nlp.add_pipe(factory, config={"model": config(exclusive_classes=exclusive)})
    train_small(nlp, make_examples(nlp))
    assert nlp.evaluate(make_examples(nlp))["cats_score"] == 1.0
    nlp.to_disk(tmp_path)
    reloaded = spacy.load(tmp_path)
    for text, label in REVIEWS:
        cats = nlp(text).cats
        assert max(cats, key=cats.get) == label
        assert (sum(cats.values()) == pytest.approx(1.0)) is exclusive
        assert reloaded(text).cats == pytest.approx(cats)


def test_multilabel_allows_several_labels_at_once():
    nlp = make_vectors_nlp()
    nlp.add_pipe("textcat_multilabel", config={"model": config(exclusive_classes=False)})
    examples = [
        Example.from_dict(nlp.make_doc("good film"), {"cats": {"PRAISE": 1.0, "FILM": 1.0}}),
        Example.from_dict(nlp.make_doc("bad book"), {"cats": {"PRAISE": 0.0, "FILM": 0.0}}),
    ]
    train_small(nlp, examples)
    assert min(nlp("good film").cats.values()) > 0.5
    assert max(nlp("bad book").cats.values()) < 0.5


def listening_nlp(max_length=0):
    nlp = make_vectors_nlp()
    tok2vec = config()["tok2vec"]
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "tok2vec"}
    model = config(tok2vec=listener, max_length=max_length)
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    return nlp


@pytest.mark.parametrize("max_length", [0, 4])
def test_shares_a_tok2vec_through_a_listener(tmp_path, max_length):
    fix_random_seed(0)
    nlp = listening_nlp(max_length)
    before = None
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    encode = nlp.get_pipe("tok2vec").model.get_ref("encode")
    before = encode.to_bytes()
    for _ in range(40):
        nlp.update(examples, sgd=optimizer)
    assert encode.to_bytes() != before, "the shared encoder learns through the listener"
    assert nlp.evaluate(examples)["sentiment_acc"] == 1.0
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXTS[0]).cats == pytest.approx(nlp(TEXTS[0]).cats)


def test_replace_listeners_keeps_the_scores(tmp_path):
    nlp = listening_nlp()
    train_small(nlp, make_examples(nlp))
    expected = [doc.cats for doc in nlp.pipe(TEXTS)]
    nlp.replace_listeners("tok2vec", "lstm_sentiment", ["model.tok2vec"])
    nlp.remove_pipe("tok2vec")
    found = [doc.cats for doc in nlp.pipe(TEXTS)]
    assert found == [pytest.approx(cats, abs=1e-6) for cats in expected]
    nlp.to_disk(tmp_path)
    assert spacy.load(tmp_path)(TEXTS[0]).cats == pytest.approx(found[0])


def test_works_over_spacys_own_tok2vec():
    nlp = spacy.blank("en")
    tok2vec = Config().from_str(
        """
        [model]
        @architectures = "spacy.HashEmbedCNN.v2"
        width = 16
        depth = 1
        embed_size = 50
        window_size = 1
        maxout_pieces = 2
        subword_features = true
        pretrained_vectors = null
        """
    )["model"]
    model = {**config(max_length=5), "tok2vec": tok2vec}
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    train_small(nlp, make_examples(nlp))
    assert nlp.evaluate(make_examples(nlp))["sentiment_acc"] > 0.5


def test_training_dropout_reaches_the_layers_that_have_none_of_their_own():
    nlp = make_vectors_nlp()
    model = {**SMALL_MODEL, "dropout": 0.25}
    model["tok2vec"] = {"encode": {"width": 16, "dropout": None}}
    pipe = nlp.add_pipe("lstm_sentiment", config={"model": model})
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    nlp.update(examples, sgd=optimizer, drop=0.4)
    shims = {node.name: shim for node in pipe.model.walk() for shim in node.shims}
    rates = {name: shim.module.dropout for name, shim in shims.items() if name != "static_vectors"}
    assert rates == {"lstm_encoder": 0.4, "pool_states": 0.25}


def test_input_width_is_that_of_the_vectors(vectors_nlp):
    model, _ = classifier(vectors_nlp)
    assert model.get_ref("tok2vec").get_ref("encode").get_dim("nI") == WIDTH
