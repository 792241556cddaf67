"""What the loggers write of a real training, read back by the tools that people use."""

import pytest
import spacy
import srsly
from small_pipeline import make_examples, make_vectors_nlp, train_small
from spacy.training import Corpus
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from spacy_lstm_sentiment.training.monitor import TrainingMonitor, gradient_norm


@pytest.fixture(scope="module")
def records(training_folder):
    return list(srsly.read_jsonl(training_folder / "training.jsonl"))


@pytest.fixture(scope="module")
def events(training_folder):
    accumulator = EventAccumulator(str(training_folder / "tensorboard"))
    accumulator.Reload()
    return accumulator


def test_a_record_an_evaluation(records):
    assert [record["step"] for record in records] == [0, 4, 8, 12]
    assert records[0]["learn_rate"] < records[1]["learn_rate"] > records[3]["learn_rate"] > 0.0
    for record in records:
        assert record["gradient_norm"]["lstm_sentiment"] > 0.0
        assert record["words_per_second"] > 0.0
        assert record["score"] == record["scores"]["sentiment_acc"]


def test_the_loss_is_a_mean_over_updates(records):
    """At first it is about that of a model that knows nothing, 0.25."""
    assert records[0]["loss"]["lstm_sentiment"] == pytest.approx(0.25, abs=0.1)
    assert records[-1]["loss"]["lstm_sentiment"] < records[0]["loss"]["lstm_sentiment"] < 0.5


def test_the_dev_loss_is_that_of_the_dev_set(training_folder, records):
    nlp = spacy.load(training_folder / "model-last")
    examples = list(Corpus(training_folder.parent / "dev.spacy")(nlp))
    squares = [
        (doc.cats[label] - example.reference.cats[label]) ** 2
        for example, doc in zip(examples, nlp.pipe([e.text for e in examples]), strict=True)
        for label in ("POSITIVE", "NEGATIVE")
    ]
    loss = records[-1]["scores"]["sentiment_loss"]
    assert loss == pytest.approx(sum(squares) / len(squares), rel=1e-3)


def test_tensorboard_reads_what_the_log_has(records, events):
    for tag, value_of in {
        "dev/score": lambda record: record["score"],
        "dev/sentiment_loss": lambda record: record["scores"]["sentiment_loss"],
        "loss/lstm_sentiment": lambda record: record["loss"]["lstm_sentiment"],
        "gradient_norm/lstm_sentiment": lambda record: record["gradient_norm"]["lstm_sentiment"],
        "training/learn_rate": lambda record: record["learn_rate"],
    }.items():
        scalars = events.Scalars(tag)
        assert [scalar.step for scalar in scalars] == [record["step"] for record in records]
        values = [value_of(record) for record in records]
        assert [scalar.value for scalar in scalars] == pytest.approx(values, rel=1e-5), tag
    assert all(scalar.value > 0 for scalar in events.Scalars("training/words_per_second"))


def test_tensorboard_has_a_card_and_the_confusion_matrix(records, events):
    (image,) = events.Images("dev/confusion")
    assert image.encoded_image_string.startswith(b"\x89PNG")
    best = max(records, key=lambda record: record["score"])
    assert image.step == best["step"]
    (tag,) = events.Tags()["tensors"]
    card = events.Tensors(tag)[0].tensor_proto.string_val[0].decode()
    assert f"{best['score']:.4f} at step {best['step']}" in card
    assert "[components.lstm_sentiment.model]" in card


def test_the_gradient_norm_is_that_of_all_gradients():
    nlp = make_vectors_nlp()
    component = nlp.add_pipe("lstm_sentiment")
    examples = make_examples(nlp)
    train_small(nlp, examples, steps=1)
    assert gradient_norm(component.model) == 0.0
    nlp.update(examples, sgd=False)
    norm = gradient_norm(component.model)
    for _ in range(2):
        nlp.update(examples, sgd=False)
    assert gradient_norm(component.model) == pytest.approx(3 * norm, rel=1e-3)


def test_components_are_as_they_were_when_it_is_closed():
    nlp = make_vectors_nlp()
    component = nlp.add_pipe("lstm_sentiment")
    monitors = [TrainingMonitor(nlp), TrainingMonitor(nlp)]
    assert "finish_update" in vars(component)
    for monitor in monitors:
        monitor.close()
    assert "finish_update" not in vars(component)
