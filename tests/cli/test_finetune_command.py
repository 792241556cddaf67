"""`spacy-lstm-sentiment finetune`: hours of learning are not lost, and nothing else is."""

import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin
from tiny_encoder import write_encoder

from spacy_lstm_sentiment.cli import main
from spacy_lstm_sentiment.training import encoder_teacher, fine_tuning
from spacy_lstm_sentiment.training.encoder_teacher import EncoderTeacher


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs the command on a few texts; (exit code, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fine_tuning, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    write_encoder(tmp_path / "encoder")
    nlp, docs = spacy.blank("en"), []
    for text, label in {"the film was great": "POSITIVE", "awful plot": "NEGATIVE"}.items():
        docs.append(nlp(text))
        docs[-1].cats = {label: 1.0}
    DocBin(docs=docs).to_disk("two.spacy")

    def run_command():
        command = ["finetune", "two.spacy", "--output", "fine", "--encoder", "encoder"]
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", *command])
        with pytest.raises(SystemExit) as stop:
            main()
        return stop.value.code or 0, capsys.readouterr().err

    return run_command


def fail(*args):
    raise KeyboardInterrupt


def test_an_interrupt_while_it_is_saved_leaves_what_was_learnt(run, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(encoder_teacher, "save_file", fail)
        assert run()[0] == 130
    assert [path.name for path in Path("fine").iterdir()] == ["checkpoint.pt"]
    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "_learn_chunk", fail)  # there is nothing left to learn
        assert run()[0] == 0
    assert EncoderTeacher.from_disk(Path("fine")).labels == ("POSITIVE", "NEGATIVE")
    assert not Path("fine/checkpoint.pt").exists()


@pytest.mark.parametrize("name", ["config.json", "notes.txt", ".git"])
def test_a_folder_with_something_else_is_left_alone(run, name):
    Path("fine").mkdir()
    Path("fine", name).write_text("kept")
    code, err = run()
    assert code == 1
    assert err == "Error: fine: has other content than a checkpoint: name another --output\n"
    assert Path("fine", name).read_text() == "kept"


@pytest.mark.parametrize("content", [b"", b"something else", b"PK\x03\x04 half an archive"])
def test_what_is_no_checkpoint_is_left_alone(run, content):
    Path("fine").mkdir()
    Path("fine/checkpoint.pt").write_bytes(content)
    code, err = run()
    assert code == 1
    assert err == "Error: fine/checkpoint.pt: no checkpoint of a training: move it away\n"
    assert Path("fine/checkpoint.pt").read_bytes() == content
