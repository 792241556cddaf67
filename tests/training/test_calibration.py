import math

import numpy as np
import pytest
import spacy
from small_pipeline import REVIEWS, SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.language import Language

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.calibration import (
    calibrate,
    expected_calibration_error,
    fit_temperature,
)

# One review in six is labelled wrong, so that a confidence of 5/6 is right for a model that has
# learnt the true labels.
MISLABELLED = [*REVIEWS[:5], (REVIEWS[5][0], "POSITIVE")]


@Language.component("test_must_not_run")
def must_not_run(doc):
    raise AssertionError("a component that comes after the calibrated one has run")


@pytest.fixture
def nlp(trained_nlp, tmp_path) -> Language:
    """A trained pipeline that the test may change."""
    trained_nlp.to_disk(tmp_path / "trained")
    return spacy.load(tmp_path / "trained")


def output_layer(nlp):
    return nlp.get_pipe("lstm_sentiment").model.get_ref("output_layer")


def cats(nlp) -> list[dict[str, float]]:
    return [nlp(text).cats for text, _ in REVIEWS]


def mean_confidence(docs: list[dict[str, float]]) -> float:
    return np.mean([max(doc.values()) for doc in docs])


def softmax(logits):
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


def draw(n_documents=20_000, n_labels=3):
    """Logits, and gold labels drawn from their very probabilities."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=1.5, size=(n_documents, n_labels))
    chances = softmax(logits).cumsum(axis=1)
    gold = (rng.random((n_documents, 1)) > chances[:, :-1]).sum(axis=1)
    return logits, gold


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5, 20.0])
def test_the_known_temperature_is_found(temperature, n_labels):
    logits, gold = draw(n_labels=n_labels)
    assert fit_temperature(logits * temperature, gold) == pytest.approx(temperature, rel=0.04)


def test_temperature_ignores_what_is_added_to_a_row():
    logits, gold = draw(500)
    shifted = logits + np.arange(500)[:, None]
    assert fit_temperature(shifted, gold) == pytest.approx(fit_temperature(logits, gold))


def test_temperature_has_the_least_log_loss():
    logits, gold = draw(500)

    def log_loss(temperature):
        return -np.log(softmax(logits / temperature)[np.arange(500), gold]).mean()

    best = fit_temperature(logits, gold)
    assert log_loss(best) < min(log_loss(best * 1.01), log_loss(best / 1.01))


def test_huge_logits_do_not_overflow():
    logits = np.array([[1e4, -1e4], [1e4, -1e4], [1e4, -1e4]]) / 400
    temperature = fit_temperature(logits, np.array([0, 0, 1]))
    assert softmax(logits / temperature)[0, 0] == pytest.approx(2 / 3)


def test_data_that_determine_no_temperature():
    logits = np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 1.0]])
    with pytest.raises(InputError, match="labels all of these 3 documents right"):
        fit_temperature(logits, np.array([0, 1, 1]))
    with pytest.raises(InputError, match="no better than chance"):
        fit_temperature(logits, np.array([1, 0, 0]))
    with pytest.raises(InputError, match="no better than chance"):
        fit_temperature(np.zeros((3, 2)), np.array([0, 1, 1]))


def test_expected_calibration_error_by_hand():
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.3, 0.7], [0.4, 0.6]])
    gold = np.array([0, 1, 1, 0])
    # Bins of width 1/15: both 0.95 together, 0.7 and 0.6 alone.
    expected = 2 / 4 * abs(0.5 - 0.95) + 1 / 4 * abs(1 - 0.7) + 1 / 4 * abs(0 - 0.6)
    assert expected_calibration_error(probabilities, gold) == pytest.approx(expected)
    # One bin: all four together.
    assert expected_calibration_error(probabilities, gold, n_bins=1) == pytest.approx(0.8 - 0.5)


def test_expected_calibration_error_at_the_edges():
    certain = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert expected_calibration_error(certain, np.array([0, 1])) == 0
    assert expected_calibration_error(certain, np.array([1, 0])) == 1
    even = np.array([[0.5, 0.5], [0.5, 0.5]])
    assert expected_calibration_error(even, np.array([0, 1])) == 0


def test_calibration_error_of_overconfident_logits_falls():
    logits, gold = draw(5000)
    overconfident = logits * 3
    temperature = fit_temperature(overconfident, gold)
    before = expected_calibration_error(softmax(overconfident), gold)
    assert before > 0.1
    assert expected_calibration_error(softmax(overconfident / temperature), gold) < before / 5


def test_a_pipeline_becomes_as_sure_as_it_is_right(nlp):
    before = cats(nlp)
    assert mean_confidence(before) > 0.95
    result = calibrate(nlp, make_examples(nlp, MISLABELLED))
    after = cats(nlp)
    assert result.temperature > 1
    assert result.documents == 6
    assert mean_confidence(after) == pytest.approx(5 / 6, abs=0.06)
    assert result.log_loss_after < result.log_loss_before
    assert [max(doc, key=doc.get) for doc in after] == [label for _, label in REVIEWS]
    assert [max(doc, key=doc.get) for doc in before] == [label for _, label in REVIEWS]


def test_the_measures_are_those_of_what_the_pipeline_predicts(nlp):
    result = calibrate(nlp, make_examples(nlp, MISLABELLED))
    gold = [label for _, label in MISLABELLED]
    log_loss = -np.mean([math.log(doc[g]) for doc, g in zip(cats(nlp), gold, strict=True)])
    assert result.log_loss_after == pytest.approx(log_loss, rel=1e-4)
    probabilities = np.array([list(doc.values()) for doc in cats(nlp)])
    columns = np.array([list(nlp("").cats).index(g) for g in gold])
    assert result.ece_after == pytest.approx(
        expected_calibration_error(probabilities, columns), rel=1e-4
    )


def test_calibration_survives_saving(nlp, tmp_path):
    result = calibrate(nlp, make_examples(nlp, MISLABELLED))
    nlp.to_disk(tmp_path / "calibrated")
    reloaded = spacy.load(tmp_path / "calibrated")
    assert cats(reloaded) == cats(nlp)
    assert reloaded.meta["performance"]["calibration"] == pytest.approx(
        {
            "temperature": result.temperature,
            "documents": 6,
            "ece_before": result.ece_before,
            "ece_after": result.ece_after,
        }
    )


def test_calibrating_twice_gives_the_same(nlp):
    first = calibrate(nlp, make_examples(nlp, MISLABELLED))
    second = calibrate(nlp, make_examples(nlp, MISLABELLED), batch_size=1)
    assert second.temperature == pytest.approx(first.temperature, rel=1e-5)
    assert second.log_loss_before == pytest.approx(first.log_loss_after, rel=1e-5)
    assert second.ece_before == pytest.approx(first.ece_after, abs=1e-5)


def test_probabilities_that_are_exactly_0_or_1(nlp):
    layer = output_layer(nlp)
    layer.set_param("W", layer.get_param("W") * 300)
    layer.set_param("b", layer.get_param("b") * 300)
    assert {p for doc in cats(nlp) for p in doc.values()} == {0.0, 1.0}
    assert math.isfinite(calibrate(nlp, make_examples(nlp, MISLABELLED)).log_loss_before)
    assert mean_confidence(cats(nlp)) == pytest.approx(5 / 6, abs=0.06)


def test_the_gradient_knows_of_the_temperature(nlp):
    calibrate(nlp, make_examples(nlp, MISLABELLED))
    layer = output_layer(nlp)
    X = np.random.default_rng(0).normal(size=(5, layer.get_dim("nI"))).astype("f")
    truth = np.eye(2, dtype="f")[[0, 1, 0, 0, 1]]

    def loss():
        return -np.log((layer.predict(X) * truth).sum(axis=1).astype(float)).sum()

    probabilities, backprop = layer.begin_update(X)
    layer.set_grad("b", np.zeros(2, dtype="f"))
    backprop(probabilities - truth)
    bias, step = layer.get_param("b").copy(), np.array([0.05, 0.0], dtype="f")
    layer.set_param("b", bias + step)
    above = loss()
    layer.set_param("b", bias - step)
    assert layer.get_grad("b")[0] == pytest.approx((above - loss()) / 0.1, rel=0.01)


def test_training_goes_on_after_calibration(nlp):
    calibrate(nlp, make_examples(nlp, MISLABELLED))
    examples = make_examples(nlp, MISLABELLED)
    optimizer = nlp.resume_training()
    optimizer.learn_rate = 0.01
    losses = [nlp.update(examples, sgd=optimizer)["lstm_sentiment"] for _ in range(60)]
    assert losses[-1] < losses[0] / 2
    assert nlp(MISLABELLED[5][0]).cats["POSITIVE"] > 0.5


def test_the_examples_and_the_pipeline_stay_as_they_were(nlp):
    nlp.add_pipe("test_must_not_run")
    examples = make_examples(nlp, MISLABELLED)
    calibrate(nlp, examples)
    assert not any(example.predicted.cats for example in examples)
    assert nlp.pipe_names == ["lstm_sentiment", "test_must_not_run"]
    assert output_layer(nlp).attrs["softmax_normalize"]


def test_the_softmax_is_back_after_an_error(nlp, monkeypatch):
    monkeypatch.setattr(nlp, "pipe", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        calibrate(nlp, make_examples(nlp, MISLABELLED))
    assert output_layer(nlp).attrs["softmax_normalize"]


def test_a_component_of_another_name(nlp):
    nlp.rename_pipe("lstm_sentiment", "mood")
    assert calibrate(nlp, make_examples(nlp, MISLABELLED)).documents == 6


def test_examples_without_a_gold_label_count_for_nothing(nlp):
    result = calibrate(nlp, make_examples(nlp, [*MISLABELLED, ("A film.", None)]))
    assert result.documents == 6


@pytest.mark.parametrize(
    ("reviews", "message"),
    [
        ([], "these have none"),
        ([("A film.", None)], "these have none"),
        ([("I loved it.", "POSITIVE"), ("A film.", None)], "these have only POSITIVE"),
        (REVIEWS, "labels all of these 6 documents right"),
        ([(REVIEWS[0][0], "NEGATIVE"), (REVIEWS[1][0], "POSITIVE")], "no better than chance"),
    ],
)
def test_examples_that_cannot_be_calibrated_on(nlp, reviews, message):
    before = cats(nlp)
    with pytest.raises(InputError, match=message):
        calibrate(nlp, make_examples(nlp, reviews))
    assert cats(nlp) == before
    assert "calibration" not in nlp.meta.get("performance", {})


def test_a_pipeline_without_the_component():
    nlp = spacy.blank("en")
    with pytest.raises(InputError, match=r"no lstm_sentiment component .* none at all"):
        calibrate(nlp, make_examples(nlp))


def test_classes_that_are_not_exclusive():
    nlp = make_vectors_nlp()
    model = {**SMALL_MODEL, "exclusive_classes": False}
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    train_small(nlp, make_examples(nlp), steps=1)
    with pytest.raises(InputError, match="exclusive_classes = true"):
        calibrate(nlp, make_examples(nlp, MISLABELLED))


def test_an_untrained_component(vectors_nlp):
    vectors_nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    with pytest.raises(InputError, match="not trained yet"):
        calibrate(vectors_nlp, make_examples(vectors_nlp))


def test_a_shared_tok2vec():
    nlp = make_vectors_nlp()
    width = SMALL_MODEL["tok2vec"]["encode"]["width"]
    embed = {"@architectures": "spacy-lstm-sentiment.StaticVectors.v1"}
    encode = {"@architectures": "spacy-lstm-sentiment.LSTMEncoder.v1", "width": width}
    shared = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    nlp.add_pipe("tok2vec", config={"model": shared})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": width}
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": listener}})
    train_small(nlp, make_examples(nlp))
    assert calibrate(nlp, make_examples(nlp, MISLABELLED)).temperature > 1
    assert mean_confidence(cats(nlp)) == pytest.approx(5 / 6, abs=0.06)
