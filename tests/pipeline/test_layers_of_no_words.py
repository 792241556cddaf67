"""Our model and spaCy's on documents without a token."""

import pytest
from layer_configs import BOW, CNN, OURS, STATIC_VECTORS, ensemble, table_model
from small_pipeline import make_examples, make_vectors_nlp
from spacy.tokens import Doc
from spacy.training import Example

MODELS = {
    "bow": BOW,
    "ensemble": ensemble(CNN),
    "ensemble of ours": ensemble(OURS),
    "cnn": {"@architectures": "spacy.TextCatCNN.v2", "exclusive_classes": True, "tok2vec": CNN},
    "reduce": {
        "@architectures": "spacy.TextCatReduce.v1",
        "exclusive_classes": True,
        "use_reduce_first": True,
        "use_reduce_last": True,
        "use_reduce_max": True,
        "use_reduce_mean": True,
        "tok2vec": CNN,
    },
    "attention": {
        "@architectures": "spacy.TextCatParametricAttention.v1",
        "exclusive_classes": True,
        "tok2vec": CNN,
    },
    "ours": {"tok2vec": {"embed": STATIC_VECTORS}},
    "ours with a table": table_model(),
    "ours of all poolings": {"pooling": ["last", "max", "mean", "attention"]},
    "ours with n-grams": {
        "linear_model": {"@architectures": "spacy-lstm-sentiment.NgramBag.v1", "rows": 64}
    },
    "ours over a cnn": {"tok2vec": CNN},
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_documents_without_a_token(model):
    """They are learnt from, and scored, as others are, and no matter what is beside them."""
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    some = make_examples(nlp)
    cats = {"cats": {"POSITIVE": 1.0, "NEGATIVE": 0.0}}
    empty = [Example.from_dict(nlp.make_doc(""), cats), Example.from_dict(Doc(nlp.vocab), cats)]
    optimizer = nlp.initialize(lambda: [*some, *empty])
    for batch in (empty, [empty[0], *some, empty[1]], some):
        nlp.update(batch, sgd=optimizer)
    nlp.resume_training(sgd=optimizer)
    for batch in (empty, [*some, *empty]):
        nlp.rehearse(batch, sgd=optimizer)
    (alone,) = nlp.pipe([""])
    reads_empty = nlp.get_pipe("lstm_sentiment").model.attrs.get("reads_empty", False)
    assert sum(alone.cats.values()) == pytest.approx(float(reads_empty))  # spaCy's says nothing
    mixed = list(nlp.pipe(["", "good", "", "I hated it."]))
    component = nlp.get_pipe("lstm_sentiment")
    for doc in (mixed[0], mixed[2], component(Doc(nlp.vocab)), *nlp.pipe(["", ""])):
        assert doc.cats == pytest.approx(alone.cats, abs=1e-6)
    assert component.predict([]).shape == (0, 2)


@pytest.mark.parametrize("exclusive", [True, False])
def test_spacys_own_component_over_our_model(exclusive):
    name = "textcat" if exclusive else "textcat_multilabel"
    model = {
        "@architectures": "spacy-lstm-sentiment.TextClassifier.v1",
        "pooling": ["max"],
        "exclusive_classes": exclusive,
        "tok2vec": OURS,
    }
    nlp = make_vectors_nlp()
    nlp.add_pipe(name, config={"model": model})
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    empty = Example.from_dict(nlp.make_doc(""), {"cats": {"POSITIVE": 1.0, "NEGATIVE": 0.0}})
    for batch in ([empty], [empty, *examples]):
        nlp.update(batch, sgd=optimizer)
    assert nlp("").cats == {"POSITIVE": 0.0, "NEGATIVE": 0.0}  # as spaCy has it
    assert len(list(nlp.pipe(["", "good"]))) == 2
