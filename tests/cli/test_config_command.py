"""`spacy-lstm-sentiment config` prints what `spacy train` takes."""

import subprocess
import sys

import pytest
from spacy.util import load_config


@pytest.mark.parametrize("arguments", [[], ["tutorial"]])
def test_a_config_of_the_package(tmp_path, arguments):
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "config", *arguments]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    (tmp_path / "train.cfg").write_text(printed.stdout)
    config = load_config(tmp_path / "train.cfg")
    assert config["components"]["lstm_sentiment"]["factory"] == "lstm_sentiment"
    assert ("NgramBag" in printed.stdout) == (not arguments)
