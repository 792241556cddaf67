"""`explain` on long texts: where it stops, what it says of that, and how far it is."""

import inspect
import json
import os
import struct
import subprocess
import sys

import pytest
import typer
from platforms import posix

from spacy_lstm_sentiment.cli import app
from spacy_lstm_sentiment.pipeline.explain import MAX_POINTS, explain

COMMAND = [sys.executable, "-m", "spacy_lstm_sentiment", "explain"]
MAX_TOKENS = inspect.signature(explain).parameters["max_tokens"].default


def test_the_help_says_how_far_a_text_is_read():
    text = " ".join(typer.main.get_command(app).commands["explain"].help.split())
    assert f"{MAX_TOKENS:,} / n points" in text
    assert f"from 2 to {MAX_POINTS:,}" in text


@pytest.fixture
def model(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path / "model")
    return str(tmp_path / "model")


def test_what_no_word_accounts_for_is_said(model, tmp_path):
    """Between a short text, and one on which so small a model leaps from one state to another."""
    texts = ["a good book", "a good book . " * 300 + "It was dull and dreadful !"]
    (tmp_path / "texts.txt").write_text("\n".join(texts))
    command = [*COMMAND, "texts.txt", "--model", model, "--json", "why.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    short, long = done.stdout.split("Text 2: ")
    assert "due to no token" not in short
    found = json.loads((tmp_path / "why.json").read_text())["texts"]
    assert f"{found[1]['unattributed']:+.3f} of the logit due to no token" in " ".join(long.split())
    for text in found:
        told = sum(token["contribution"] for token in text["tokens"]) + text["unattributed"]
        assert told == pytest.approx(text["logit"] - text["baseline_logit"])


def open_terminal():
    """A terminal of 24 lines of 80 characters: the side of who looks, and that of programs."""
    import fcntl
    import termios

    looked_at, programs = os.openpty()
    fcntl.ioctl(programs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    return looked_at, programs


@posix
def test_a_terminal_shows_a_bar(model, tmp_path):
    """And nothing else does: what is no terminal gets no bar."""
    text = "a good book . " * 50
    environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"}
    terminal, ours = open_terminal()
    how = {"cwd": tmp_path, "env": environment, "stdout": subprocess.DEVNULL}
    with subprocess.Popen([*COMMAND, text, "--model", model], stderr=ours, **how) as process:
        os.close(ours)
        shown = b""
        try:
            while some := os.read(terminal, 4096):
                shown += some
        except OSError:  # on Linux, what a terminal's end is
            pass
    os.close(terminal)
    assert process.returncode == 0
    assert b"explaining" in shown
    assert b" tokens" in shown
    how["stdout"] = subprocess.PIPE
    quiet = subprocess.run([*COMMAND, text, "--model", model], stderr=subprocess.PIPE, **how)
    assert quiet.stderr == b""
