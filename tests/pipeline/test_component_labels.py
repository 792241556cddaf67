import pytest
from components import CATS, TEXTS, new_nlp
from small_pipeline import make_examples, train_small
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_lstm_sentiment.errors import InputError


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
