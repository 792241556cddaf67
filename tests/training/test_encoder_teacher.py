"""A fine-tuned encoder: what it reads, learns, keeps, and goes on from."""

import numpy as np
import pytest
import torch
from tiny_encoder import write_encoder

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training import fine_tuning
from spacy_lstm_sentiment.training.encoder_teacher import (
    EncoderTeacher,
    batch_by_characters,
    is_encoder_teacher,
)
from spacy_lstm_sentiment.training.fine_tuning import fine_tune

LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL")
TEXTS = [
    f"{article} {noun} {words}"
    for article in ("the", "a")
    for noun in ("film", "plot", "meeting")
    for words in ("was great !", "was awful !", "on tuesday")
] * 10
TARGETS = np.tile(np.eye(3, dtype="float32"), (60, 1))


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_encoder(tmp_path_factory.mktemp("hub") / "encoder")


@pytest.fixture
def teacher(encoder):
    torch.manual_seed(1)
    return EncoderTeacher.from_pretrained(str(encoder), LABELS, n_tokens=8)


def teach(teacher, path, **settings):
    fine_tune(teacher, TEXTS, TARGETS, path / "checkpoint.pt", learn_rate=0.004, **settings)


def test_it_learns_what_it_is_taught(teacher, tmp_path):
    teach(teacher, tmp_path, epochs=12)
    unseen = ["the acting was great !", "the acting was awful !", "a plot on tuesday ."]
    assert teacher.predict(unseen).argmax(axis=1).tolist() == [0, 1, 2]
    assert teacher.predict(unseen).sum(axis=1) == pytest.approx(1.0)


def test_a_saved_teacher_says_the_same(teacher, tmp_path):
    said = teacher.predict(TEXTS[:3])
    teacher.to_disk(tmp_path / "saved")
    assert is_encoder_teacher(tmp_path / "saved")
    loaded = EncoderTeacher.from_disk(tmp_path / "saved")
    assert loaded.labels == LABELS
    assert loaded.predict(TEXTS[:3]) == pytest.approx(said, abs=1e-6)


def test_a_text_is_labelled_alike_in_any_company(teacher):
    texts = ["great", "the film was not very good .", "the plot . " * 30, ""]
    together = teacher.predict(texts)
    for text, row in zip(texts, together, strict=True):
        assert teacher.predict([text])[0] == pytest.approx(row, abs=0.02)  # bfloat16 on some CPUs


def test_a_long_text_is_read_from_both_ends(teacher):
    ids, mask = teacher.encode(["great " + "plot " * 50 + "awful"])
    words = teacher.tokenizer.convert_ids_to_tokens(ids[0].tolist())
    assert words == ["[CLS]", "great", *["plot"] * 14, "awful", "[SEP]"]
    assert mask.all()


def test_batches_hold_texts_of_like_lengths_and_each_once():
    texts = ["x" * (n * 37 % 400) for n in range(200)]
    batches = list(batch_by_characters(texts, 300, 60, max_texts=16))
    assert sorted(i for batch in batches for i in batch) == list(range(200))
    assert max(map(len, batches)) <= 16
    for batch in batches:
        assert len(batch) * min(len(texts[batch[-1]]) // 4 + 3, 60) <= 300


def test_a_killed_training_goes_on_to_the_same_end(teacher, encoder, tmp_path, monkeypatch):
    """As if it had not been killed: the same batches, the same dropout."""
    monkeypatch.setattr(fine_tuning, "BUFFER", 45)
    monkeypatch.setattr(fine_tuning, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    (tmp_path / "whole").mkdir()
    teach(teacher, tmp_path / "whole")
    torch.manual_seed(1)
    other = EncoderTeacher.from_pretrained(str(encoder), LABELS, n_tokens=8)
    learn, calls = fine_tuning._learn_chunk, []

    def killed(*args):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return learn(*args)

    monkeypatch.setattr(fine_tuning, "_learn_chunk", killed)
    with pytest.raises(KeyboardInterrupt):
        teach(other, tmp_path)
    monkeypatch.setattr(fine_tuning, "_learn_chunk", learn)
    again = EncoderTeacher.from_pretrained(str(encoder), LABELS, n_tokens=8)
    teach(again, tmp_path)
    assert again.predict(TEXTS[:3]) == pytest.approx(teacher.predict(TEXTS[:3]), abs=1e-6)


def test_another_training_s_checkpoint_is_refused(teacher, tmp_path):
    state = {"total": 7, "done": 3, "model": {}, "optimizer": {}}
    torch.save(state, tmp_path / "checkpoint.pt")
    with pytest.raises(InputError, match="of a training on 7 texts, not 180"):
        teach(teacher, tmp_path)


def test_what_is_no_encoder_is_one_line(encoder, tmp_path):
    with pytest.raises(InputError, match="no encoder that transformers can load") as caught:
        EncoderTeacher.from_pretrained(str(tmp_path), LABELS)
    assert "\n" not in str(caught.value)
    EncoderTeacher.from_pretrained(str(encoder), LABELS).to_disk(tmp_path / "saved")
    (tmp_path / "saved" / "head.safetensors").write_bytes(b"{}")
    with pytest.raises(InputError, match="not a teacher that can be loaded") as caught:
        EncoderTeacher.from_disk(tmp_path / "saved")
    assert "\n" not in str(caught.value)
