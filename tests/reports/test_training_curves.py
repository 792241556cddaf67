from pathlib import Path

import pytest
import srsly

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.training_curves import describe_curves, read_curves


def write_log(folder, training, dev, scores):
    srsly.write_jsonl(
        folder / "training.jsonl",
        [
            {
                "epoch": number,
                "step": 10 * number,
                "score": score,
                "loss": {"lstm_sentiment": training_loss},
                "scores": {"sentiment_loss": dev_loss},
                "learn_rate": 0.001,
                "gradient_norm": {"lstm_sentiment": 1.0},
                "words_per_second": 1000.0,
            }
            for number, (training_loss, dev_loss, score) in enumerate(
                zip(training, dev, scores, strict=True)
            )
        ],
    )
    return read_curves(folder)


def test_overfitting_starts_where_the_dev_loss_turns(tmp_path):
    curves = write_log(
        tmp_path,
        [0.25, 0.2, 0.15, 0.1, 0.05],
        [0.25, 0.2, 0.18, 0.19, 0.2],
        [0.5, 0.7, 0.8, 0.8, 0.7],
    )
    assert curves.overfitting["step"] == 20
    assert curves.best["step"] == 20
    report = describe_curves(curves, Path("out"))
    assert "Overfitting starts at step 20" in report.summary
    assert report.data["overfitting_from_step"] == 20


def test_no_overfitting_while_the_dev_loss_falls(tmp_path):
    curves = write_log(tmp_path, [0.25, 0.2, 0.1], [0.25, 0.2, 0.19], [0.5, 0.7, 0.6])
    assert curves.overfitting is None
    assert curves.best["step"] == 10


def test_a_training_that_breaks_down_is_no_overfitting(tmp_path):
    curves = write_log(tmp_path, [0.25, 0.1, 0.4], [0.25, 0.1, 0.4], [0.5, 0.9, 0.5])
    assert curves.overfitting is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        ("", "no evaluation yet"),
        ("{", "not a log"),
        ('{"step": 1}', "not a log"),
        ("[1]", "not a log"),
    ],
)
def test_no_log(tmp_path, content, message):
    if content is not None:
        (tmp_path / "training.jsonl").write_text(content)
    with pytest.raises(InputError, match=message):
        read_curves(tmp_path)


def test_the_log_of_a_real_training(training_folder):
    report = describe_curves(read_curves(training_folder), training_folder)
    assert len(report.data["evaluations"]) == 4
    assert len(report.charts) == 2
