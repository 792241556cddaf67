import numpy
import pytest
import spacy
from components import THREE, new_nlp, with_neutral
from numpy.testing import assert_allclose
from small_pipeline import REVIEWS, make_examples, train_small

from spacy_lstm_sentiment.errors import InputError


def assert_same_scores(docs, expected):
    for doc, other in zip(docs, expected, strict=True):
        assert doc.cats == pytest.approx(other.cats, abs=1e-6)


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
