import numpy
import pytest
import spacy
from components import TEXTS, new_nlp
from small_pipeline import REVIEWS, SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.util import raise_error
from thinc.api import fix_random_seed

from spacy_lstm_sentiment.errors import InputError


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
        pipe.set_error_handler(raise_error)  # the pipe is that of other tests, too
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
