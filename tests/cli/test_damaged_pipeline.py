"""A pipeline's folder of which a file is cut short, missing or something else: one line each."""

import shutil
import sys

import pytest

from spacy_lstm_sentiment.cli import main

FILES = [
    "config.cfg",
    "meta.json",
    "tokenizer",
    "vocab/vectors",
    "vocab/key2row",
    "vocab/strings.json",
    "vocab/vectors.cfg",
    "lstm_sentiment/model",
    "lstm_sentiment/cfg",
]
DAMAGES = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(b"\x93garbage\x00\xff" * 20),
    "missing": lambda path: path.unlink(),
}
# spaCy makes up for what these lack, and the component's vectors are its own: nothing is wrong.
OPTIONAL = {
    (f"vocab/{name}", "missing") for name in ("strings.json", "vectors.cfg", "vectors", "key2row")
}


@pytest.fixture(scope="module")
def whole(trained_nlp, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    trained_nlp.to_disk(folder / "model")
    (folder / "text.jsonl").write_text('{"text": "good"}\n')
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_one_line(whole, tmp_path, monkeypatch, capsys, name, damage):
    model = shutil.copytree(whole / "model", tmp_path / "model")
    DAMAGES[damage](model / name)
    output = tmp_path / "out.jsonl"
    arguments = [str(whole / "text.jsonl"), "--output", str(output), "--model", str(model)]
    monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", "score", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    error = capsys.readouterr().err
    if stop.value.code:
        assert stop.value.code == 1
        assert str(model) in error
        assert len(error.strip().splitlines()) == 1, error
        assert not output.exists()
    else:
        assert (name, damage) in OPTIONAL
