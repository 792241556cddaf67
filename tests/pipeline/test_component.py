import numpy
import pytest
import spacy
from numpy.testing import assert_allclose
from small_pipeline import REVIEWS, SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_lstm_sentiment.errors import InputError

TEXTS = [text for text, _ in REVIEWS]
CATS = {
    "POSITIVE": {"POSITIVE": 1.0, "NEGATIVE": 0.0},
    "NEGATIVE": {"POSITIVE": 0.0, "NEGATIVE": 1.0},
}


def new_nlp(**settings):
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL, **settings})
    return nlp


THREE = [*REVIEWS, ("the film", "NEUTRAL"), ("this book , and it", "NEUTRAL")]


def with_neutral(nlp):
    """Examples of three labels."""
    labels = ("POSITIVE", "NEGATIVE", "NEUTRAL")
    return [
        Example.from_dict(
            nlp.make_doc(text), {"cats": {name: float(name == label) for name in labels}}
        )
        for text, label in THREE
    ]


def assert_same_scores(docs, expected):
    for doc, other in zip(docs, expected, strict=True):
        assert doc.cats == pytest.approx(other.cats, abs=1e-6)


def test_overfitting_io(tmp_path):
    """Learn, score, save, load, score the same: by disk, by bytes, by pipe and by call."""
    fix_random_seed(0)
    nlp = new_nlp()
    losses = train_small(nlp, make_examples(nlp))
    assert losses["lstm_sentiment"] < 0.01
    docs = list(nlp.pipe(TEXTS))
    for doc, (_, label) in zip(docs, REVIEWS, strict=True):
        assert doc.cats[label] > 0.9
        assert doc._.sentiment_label == label
        assert doc._.sentiment == pytest.approx(doc.cats["POSITIVE"] - doc.cats["NEGATIVE"])
        assert doc.sentiment == pytest.approx(doc._.sentiment)
    nlp.to_disk(tmp_path)
    assert_same_scores(map(spacy.load(tmp_path), TEXTS), docs)
    restored = new_nlp().from_bytes(nlp.to_bytes())
    assert_same_scores(restored.pipe(TEXTS), docs)
    scores = nlp.evaluate(make_examples(nlp))
    assert scores["sentiment_acc"] == 1.0
    assert scores["cats_macro_auc"] == 1.0


def test_all_default_scores_are_given(trained_nlp):
    scores = trained_nlp.evaluate(make_examples(trained_nlp))
    weights = Language.get_factory_meta("lstm_sentiment").default_score_weights
    assert weights.keys() <= scores.keys()
    assert weights["sentiment_acc"] == 1.0


def test_one_transfer_from_the_device_for_a_batch(trained_nlp, monkeypatch):
    component = trained_nlp.get_pipe("lstm_sentiment")
    transfers = []
    to_numpy = component.model.ops.to_numpy
    monkeypatch.setattr(
        component.model.ops, "to_numpy", lambda X: transfers.append(X.shape) or to_numpy(X)
    )
    docs = [trained_nlp.make_doc(text) for text in TEXTS]
    component.set_annotations(docs, component.predict(docs))
    assert transfers == [(len(TEXTS), 2)]


def test_not_trained_is_a_clear_error():
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_sentiment")
    with pytest.raises(InputError, match="not trained yet") as error:
        nlp("good")
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="not trained yet"):
        list(nlp.pipe(["good", "bad"]))


def test_initialising_without_vectors_is_a_clear_error():
    nlp = spacy.blank("en")
    nlp.add_pipe("lstm_sentiment")
    with pytest.raises(InputError, match="no word vectors"):
        nlp.initialize(lambda: make_examples(nlp))


def test_default_model_needs_no_settings():
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment")
    train_small(nlp, make_examples(nlp), steps=5)
    assert nlp("good").cats.keys() == {"POSITIVE", "NEGATIVE"}


@pytest.mark.parametrize("text", ["", "   ", "zyxwv qwrty", "\n\n"])
def test_empty_and_unknown_documents_get_probabilities(trained_nlp, text):
    for docs in ([trained_nlp(text)], trained_nlp.pipe([text, "good", text])):
        for doc in docs:
            assert sum(doc.cats.values()) == pytest.approx(1.0)
            assert all(0.0 <= score <= 1.0 for score in doc.cats.values())


def test_batch_equals_single(trained_nlp):
    texts = [*TEXTS, "", "good " * 300]
    assert_same_scores(trained_nlp.pipe(texts, batch_size=3), [trained_nlp(t) for t in texts])


@pytest.mark.parametrize("n_process", [2])
def test_several_processes(trained_nlp, n_process):
    docs = list(trained_nlp.pipe(TEXTS * 3, n_process=n_process, batch_size=4))
    assert_same_scores(docs, map(trained_nlp, TEXTS * 3))
    assert docs[0]._.sentiment == pytest.approx(trained_nlp(TEXTS[0])._.sentiment)
    assert docs[0].sentiment == pytest.approx(docs[0]._.sentiment)


class TestLabels:
    def test_learnt_from_the_data(self):
        nlp = new_nlp()
        nlp.initialize(lambda: make_examples(nlp))
        pipe = nlp.get_pipe("lstm_sentiment")
        assert set(pipe.labels) == {"POSITIVE", "NEGATIVE"}
        assert pipe.label_data == pipe.labels

    def test_given(self):
        nlp = new_nlp()
        pipe = nlp.get_pipe("lstm_sentiment")
        labels = ["NEGATIVE", "NEUTRAL", "POSITIVE"]
        pipe.initialize(lambda: make_examples(nlp), nlp=nlp, labels=labels)
        assert list(pipe.labels) == labels
        assert pipe.model.get_dim("nO") == 3

    def test_added_before_initialisation(self):
        nlp = new_nlp()
        pipe = nlp.get_pipe("lstm_sentiment")
        assert pipe.add_label("POSITIVE") == 1
        assert pipe.add_label("POSITIVE") == 0
        pipe.add_label("NEUTRAL")
        nlp.initialize(lambda: make_examples(nlp))
        assert set(pipe.labels) == {"POSITIVE", "NEUTRAL", "NEGATIVE"}

    def test_added_after_training(self):
        nlp = new_nlp()
        train_small(nlp, make_examples(nlp))
        before = [doc.cats for doc in nlp.pipe(TEXTS)]
        nlp.get_pipe("lstm_sentiment").add_label("NEUTRAL")
        for doc, cats in zip(nlp.pipe(TEXTS), before, strict=True):
            assert doc.cats["NEUTRAL"] < 0.01
            assert {label: doc.cats[label] for label in cats} == pytest.approx(cats, abs=0.01)

    def test_positive_and_negative_are_required(self):
        nlp = new_nlp()
        example = Example.from_dict(nlp.make_doc("good"), {"cats": {"pos": 1.0, "neg": 0.0}})
        with pytest.raises(InputError, match="POSITIVE and NEGATIVE, the data has pos, neg"):
            nlp.initialize(lambda: [example])

    @pytest.mark.parametrize(
        ("cats", "message"),
        [
            ({"POSITIVE": 1.0, "NEGATIVE": 1.0}, "E895"),
            ({"POSITIVE": 0.7, "NEGATIVE": 0.4}, "E895"),
            ({"POSITIVE": 2.0, "NEGATIVE": 0.0}, "from 0 to 1"),
            ({"POSITIVE": 1.0, "NEGATIVE": -0.1}, "from 0 to 1"),
        ],
    )
    def test_values_that_are_no_probabilities(self, cats, message):
        nlp = new_nlp()
        bad = Example.from_dict(nlp.make_doc("good"), {"cats": cats})
        with pytest.raises(ValueError, match=message):
            nlp.initialize(lambda: [bad])
        optimizer = nlp.initialize(lambda: make_examples(nlp))
        with pytest.raises(ValueError, match=message):
            nlp.update([bad], sgd=optimizer)

    def test_a_single_label_is_not_enough(self):
        nlp = new_nlp()
        one = Example.from_dict(nlp.make_doc("good"), {"cats": {"POSITIVE": 1.0}})
        with pytest.raises(ValueError, match="E867"):
            nlp.initialize(lambda: [one])

    def test_labels_are_strings(self):
        with pytest.raises(ValueError, match="E187"):
            new_nlp().get_pipe("lstm_sentiment").add_label(1)

    @pytest.mark.parametrize(
        ("positive_label", "labels", "code"),
        [("OTHER", None, "E920"), ("POSITIVE", ["POSITIVE", "NEGATIVE", "NEUTRAL"], "E919")],
    )
    def test_wrong_positive_label(self, positive_label, labels, code):
        nlp = new_nlp()
        pipe = nlp.get_pipe("lstm_sentiment")
        with pytest.raises(ValueError, match=code):
            pipe.initialize(
                lambda: make_examples(nlp), nlp=nlp, labels=labels, positive_label=positive_label
            )

    def test_positive_label_is_scored(self):
        nlp = new_nlp()
        pipe = nlp.get_pipe("lstm_sentiment")
        pipe.initialize(lambda: make_examples(nlp), nlp=nlp, positive_label="POSITIVE")
        assert nlp.evaluate(make_examples(nlp))["cats_score_desc"] == "F (POSITIVE)"

    @pytest.mark.parametrize("get_examples", [lambda: None, lambda: [], list, "no function"])
    def test_initialise_without_examples(self, get_examples):
        with pytest.raises((TypeError, ValueError), match=r"E\d+"):
            new_nlp().initialize(get_examples)


class TestMissingAnnotation:
    def update(self, *cats, n_updates=10):
        fix_random_seed(0)
        nlp = new_nlp()
        examples = make_examples(nlp)
        optimizer = nlp.initialize(lambda: examples)
        optimizer.learn_rate = 0.05
        batch = [Example.from_dict(nlp.make_doc("good film"), {"cats": c}) for c in cats]
        for _ in range(n_updates):
            nlp.update(batch, sgd=optimizer)
        return nlp("good film").cats["POSITIVE"]

    def test_an_example_without_a_true_label_teaches_nothing(self):
        assert self.update({}) == 0.5
        assert self.update({"POSITIVE": 0.0}) == 0.5
        assert self.update({"OTHER": 1.0}) == 0.5

    def test_labels_that_are_left_out_are_false(self):
        assert self.update({"POSITIVE": 1.0}) == pytest.approx(self.update(CATS["POSITIVE"]))
        assert self.update({"NEGATIVE": 1.0}) < 0.5

    def test_probabilities_are_learnt_as_they_are(self):
        taught = self.update({"POSITIVE": 0.7, "NEGATIVE": 0.3}, n_updates=100)
        assert taught == pytest.approx(0.7, abs=0.02)

    def test_scores_count_annotated_documents_only(self, trained_nlp):
        examples = make_examples(trained_nlp)
        for example in examples[:3]:
            example.reference.cats.clear()
        assert trained_nlp.evaluate(examples)["sentiment_acc"] == 1.0
        for example in examples:
            example.reference.cats.clear()
        assert trained_nlp.evaluate(examples)["sentiment_acc"] is None


class TestClassWeights:
    unbalanced = [REVIEWS[0]] * 9 + [REVIEWS[1]]

    def gradients(self, class_weights):
        nlp = new_nlp(class_weights=class_weights)
        pipe = nlp.get_pipe("lstm_sentiment")
        examples = make_examples(nlp, self.unbalanced)
        nlp.initialize(lambda: examples)
        even = numpy.full((len(examples), 2), 0.5, dtype="f")
        return abs(pipe.get_loss(examples, even)[1]).sum(axis=1)

    def test_none_weighs_all_examples_the_same(self):
        assert_allclose(self.gradients(None), 1.0)

    def test_given_weights(self):
        assert_allclose(self.gradients({"NEGATIVE": 3.0}), [1.0] * 9 + [3.0])

    def test_balanced_gives_each_label_the_same_weight_in_all(self):
        weights = self.gradients("balanced")
        assert weights[:9].sum() == pytest.approx(weights[9])
        assert weights.sum() == pytest.approx(10.0)

    def test_weights_survive_serialisation(self):
        nlp = new_nlp(class_weights="balanced")
        nlp.initialize(lambda: make_examples(nlp, self.unbalanced))
        restored = new_nlp(class_weights="balanced").from_bytes(nlp.to_bytes())
        weights = restored.get_pipe("lstm_sentiment").cfg["balanced_weights"]
        assert weights == {"POSITIVE": pytest.approx(5 / 9), "NEGATIVE": pytest.approx(5.0)}


class TestNeutral:
    def test_band_around_zero(self, tmp_path):
        nlp = new_nlp(neutral_band=0.4)
        train_small(nlp, make_examples(nlp))
        doc = nlp("good")
        for positive, label in [
            (0.9, "POSITIVE"),
            (0.6, "NEUTRAL"),
            (0.4, "NEUTRAL"),
            (0.1, "NEGATIVE"),
        ]:
            cats = {"POSITIVE": positive, "NEGATIVE": 1 - positive}
            component = nlp.get_pipe("lstm_sentiment")
            scores = numpy.array([[cats[name] for name in component.labels]], dtype="f")
            component.set_annotations([doc], scores)
            assert doc._.sentiment_label == label
        nlp.to_disk(tmp_path)
        assert spacy.load(tmp_path).get_pipe("lstm_sentiment").neutral_band == 0.4
        change = {"components": {"lstm_sentiment": {"neutral_band": 0.1}}}
        assert spacy.load(tmp_path, config=change).get_pipe("lstm_sentiment").neutral_band == 0.1

    @pytest.mark.parametrize("band", [-0.1, 1.5])
    def test_impossible_band(self, band):
        with pytest.raises(InputError, match="neutral_band"):
            new_nlp(neutral_band=band)

    def test_two_of_three_labels(self, tmp_path):
        """What is left of a model that knows NEUTRAL sums to 1, however it is read."""
        nlp = new_nlp()
        train_small(nlp, with_neutral(nlp))
        nlp.to_disk(tmp_path)
        change = {"components": {"lstm_sentiment": {"labels": ["POSITIVE", "NEGATIVE"]}}}
        two = spacy.load(tmp_path, config=change)
        for text in ("good", "a film", "not bad, not good"):
            all_cats, cats = nlp(text).cats, two(text).cats
            polar = all_cats["POSITIVE"] + all_cats["NEGATIVE"]
            assert cats == {
                "POSITIVE": pytest.approx(all_cats["POSITIVE"] / polar),
                "NEGATIVE": pytest.approx(all_cats["NEGATIVE"] / polar),
            }
            doc = two(text)
            assert doc._.sentiment == pytest.approx(cats["POSITIVE"] - cats["NEGATIVE"])
            assert doc[:]._.sentiment == pytest.approx(doc._.sentiment, abs=1e-5)
        two.to_disk(tmp_path / "two")
        assert spacy.load(tmp_path / "two")("good").cats.keys() == {"POSITIVE", "NEGATIVE"}

    @pytest.mark.parametrize("labels", [["POSITIVE"], ["NEUTRAL", "NEGATIVE"], []])
    def test_both_polarities_are_said(self, labels):
        with pytest.raises(InputError, match="have to include POSITIVE and NEGATIVE"):
            new_nlp(labels=labels)

    def test_a_label_that_the_model_does_not_know(self):
        nlp = new_nlp(labels=["POSITIVE", "NEGATIVE", "SARCASTIC"])
        train_small(nlp, make_examples(nlp), steps=1)
        with pytest.raises(InputError, match="does not know SARCASTIC"):
            nlp("good")

    def test_three_classes(self):
        nlp = new_nlp()
        train_small(nlp, with_neutral(nlp), steps=80)
        for text, label in THREE:
            doc = nlp(text)
            assert doc._.sentiment_label == label
            assert sum(doc.cats.values()) == pytest.approx(1.0)

    def test_a_document_that_was_not_scored_has_no_label(self):
        doc = spacy.blank("en")("good")
        assert doc._.sentiment == 0.0
        assert doc._.sentiment_label == ""


class TestSourcing:
    def test_into_a_pipeline_with_the_same_vectors(self, trained_nlp, tmp_path):
        nlp = spacy.blank("en")
        nlp.vocab.vectors = trained_nlp.vocab.vectors
        nlp.add_pipe("sentencizer")
        nlp.add_pipe("lstm_sentiment", source=trained_nlp)
        assert_same_scores(nlp.pipe(TEXTS), map(trained_nlp, TEXTS))
        nlp.to_disk(tmp_path)
        assert_same_scores(spacy.load(tmp_path).pipe(TEXTS), map(trained_nlp, TEXTS))

    @pytest.mark.filterwarnings("ignore:.*W113")
    def test_without_the_vectors(self, trained_nlp, tmp_path):
        nlp = spacy.blank("en")
        nlp.add_pipe("lstm_sentiment", source=trained_nlp)
        assert_same_scores(nlp.pipe(TEXTS), map(trained_nlp, TEXTS))
        nlp.to_disk(tmp_path)
        assert_same_scores(spacy.load(tmp_path).pipe(TEXTS), map(trained_nlp, TEXTS))


def test_frozen_component_keeps_its_weights(trained_nlp):
    nlp = spacy.blank("en")
    nlp.vocab.vectors = trained_nlp.vocab.vectors
    nlp.add_pipe("lstm_sentiment", source=trained_nlp)
    nlp.add_pipe("lstm_sentiment", name="second", config={"model": SMALL_MODEL})
    examples = make_examples(nlp)
    frozen = nlp.get_pipe("lstm_sentiment").model.to_bytes()
    with nlp.select_pipes(enable="second"):
        optimizer = nlp.initialize(lambda: examples)
    before = nlp.get_pipe("second").model.to_bytes()
    nlp.update(examples, sgd=optimizer, exclude=["lstm_sentiment"])
    assert nlp.get_pipe("lstm_sentiment").model.to_bytes() == frozen
    assert nlp.get_pipe("second").model.to_bytes() != before


def test_annotating_component_is_seen_by_the_next():
    seen = []

    class RecordCats:
        def __call__(self, doc):
            return doc

        def update(self, examples, **settings):
            seen.extend(example.predicted.cats for example in examples)

    Language.factory("record_cats", func=lambda nlp, name: RecordCats())
    nlp = new_nlp()
    nlp.add_pipe("record_cats")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    nlp.update(examples, sgd=optimizer, annotates=["lstm_sentiment"])
    assert len(seen) == len(examples)
    assert all(cats.keys() == {"POSITIVE", "NEGATIVE"} for cats in seen)


def test_rehearsal_keeps_the_scores():
    nlp = new_nlp()
    train_small(nlp, make_examples(nlp))
    before = nlp("good").cats["POSITIVE"]
    optimizer = nlp.resume_training()
    examples = make_examples(nlp)
    for _ in range(5):
        losses = nlp.rehearse(examples, sgd=optimizer)
    assert "lstm_sentiment" in losses
    assert nlp("good").cats["POSITIVE"] == pytest.approx(before, abs=0.05)


def test_averaged_weights_are_used():
    fix_random_seed(0)
    nlp = new_nlp()
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.05
    optimizer.averages = {}
    for _ in range(5):
        nlp.update(examples, sgd=optimizer)
    last = nlp("good").cats["POSITIVE"]
    with nlp.use_params(optimizer.averages):
        averaged = nlp("good").cats["POSITIVE"]
    assert averaged != pytest.approx(last, abs=1e-4)
    assert nlp("good").cats["POSITIVE"] == last


def test_finish_update_by_hand():
    nlp = new_nlp()
    pipe = nlp.get_pipe("lstm_sentiment")
    examples = make_examples(nlp)
    optimizer = nlp.initialize(lambda: examples)
    before = pipe.model.to_bytes()
    pipe.update(examples)
    assert pipe.model.to_bytes() == before
    pipe.finish_update(optimizer)
    assert pipe.model.to_bytes() != before


def test_errors_go_to_the_handler(trained_nlp):
    nlp = spacy.blank("en")
    nlp.vocab.vectors = trained_nlp.vocab.vectors
    nlp.add_pipe("lstm_sentiment", source=trained_nlp)
    failed = []
    nlp.set_error_handler(lambda name, proc, docs, error: failed.extend(docs))
    pipe = nlp.get_pipe("lstm_sentiment")
    predict = pipe.predict

    def predict_or_fail(docs):
        if any(doc.text == "fail" for doc in docs):
            raise ValueError("cannot read this")
        return predict(docs)

    pipe.predict = predict_or_fail
    try:
        docs = list(nlp.pipe(["good", "fail", "bad"], batch_size=1))
    finally:
        del pipe.predict
    assert [doc.text for doc in docs] == ["good", "bad"]
    assert [doc.text for doc in failed] == ["fail"]


class TestSerialisation:
    def test_parts_can_be_excluded(self, trained_nlp, tmp_path):
        pipe = trained_nlp.get_pipe("lstm_sentiment")
        pipe.to_disk(tmp_path, exclude=["cfg", "vocab"])
        assert {path.name for path in tmp_path.iterdir()} == {"model", "checksum.json"}
        restored = new_nlp().get_pipe("lstm_sentiment")
        restored.from_bytes(pipe.to_bytes(exclude=["vocab"]), exclude=["model", "vocab"])
        assert restored.labels == pipe.labels
        with pytest.raises(ValueError, match="no weights yet"):
            restored.model.predict([trained_nlp.make_doc("good")])

    def test_untrained_component(self, tmp_path):
        nlp = new_nlp()
        nlp.to_disk(tmp_path)
        restored = spacy.load(tmp_path)
        train_small(restored, make_examples(restored), steps=2)
        assert restored("good").cats

    def test_scores_survive_a_docbin(self, trained_nlp):
        docs = list(trained_nlp.pipe(TEXTS))
        data = DocBin(docs=docs, attrs=["ORTH"]).to_bytes()
        restored = list(DocBin().from_bytes(data).get_docs(trained_nlp.vocab))
        assert [doc._.sentiment for doc in restored] == pytest.approx([d._.sentiment for d in docs])
        one = Doc(trained_nlp.vocab).from_bytes(docs[0].to_bytes())
        assert one.sentiment == pytest.approx(docs[0].sentiment)


def test_same_seed_gives_the_same_weights():
    def train():
        fix_random_seed(3)
        nlp = new_nlp()
        examples = make_examples(nlp)
        optimizer = nlp.initialize(lambda: examples)
        for _ in range(4):
            nlp.update(examples, sgd=optimizer, drop=0.3)
        return nlp.get_pipe("lstm_sentiment").model.predict(list(map(nlp.make_doc, TEXTS)))

    numpy.testing.assert_array_equal(train(), train())
