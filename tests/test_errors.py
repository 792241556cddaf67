"""Kinds of errors, and what of the package is for others to import."""

import inspect
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk, errors
from spacy_lstm_sentiment.errors import InputError, Interrupted, MissingExtra, require

PACKAGE = Path(spacy_lstm_sentiment.__file__).parent
SETUP = (PACKAGE.parent / "setup.py").read_text(encoding="utf-8")


def test_kinds_are_input_errors_and_documented():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    kinds = [kind for kind in kinds if kind.__module__ == errors.__name__]
    assert len(kinds) == 6
    api = (PACKAGE.parent / "docs" / "api.md").read_text(encoding="utf-8")
    for kind in kinds:
        assert issubclass(kind, InputError)
        assert kind.__name__ in errors.__doc__
        assert kind.__name__ in api


@pytest.mark.parametrize("module", [spacy_lstm_sentiment, bulk, errors])
def test_exported_members_are_those_that_are_there(module):
    """What a package makes or gathers for others is exported, and nothing else."""
    here = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", "").startswith("spacy_lstm_sentiment")
    }
    constants = {name for name in module.__all__ if not callable(getattr(module, name))}
    assert here | constants == set(module.__all__)
    assert list(module.__all__) == sorted(module.__all__)


def test_a_package_that_is_there():
    assert require("json", "tables", "Reading").loads("1") == 1


def test_a_package_that_is_missing_or_broken(tmp_path, monkeypatch):
    with pytest.raises(MissingExtra) as error:
        require("nowhere.at.all", "tables", "Reading")
    assert str(error.value) == 'Reading needs nowhere: pip install "spacy-lstm-sentiment[tables]"'
    (tmp_path / "half_installed.py").write_text("raise ImportError('libfoo.so: wrong ELF class')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MissingExtra, match=r"cannot be imported \(ImportError: libfoo\.so: wrong"):
        require("half_installed", "tables", "Reading")


def test_extras_that_are_named_are_extras():
    """Of all modules, whether in a call of `require` or in a message."""
    named = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'\brequire\(\s*[\w".]+,\s*"(\w+)"', text))
        named |= set(re.findall(r"spacy-lstm-sentiment\[(\w+)\]", text))
    assert len(named) > 5
    assert [extra for extra in named if f'"{extra}": ' not in SETUP] == []


def test_an_error_survives_its_way_from_another_process():
    error = pickle.loads(pickle.dumps(Interrupted("interrupted", signal.SIGTERM)))
    assert (str(error), error.exit_code) == ("interrupted", 143)


@pytest.mark.skipif(sys.platform == "win32", reason="a signal of POSIX")
def test_ctrl_c_is_one_line_and_130(tmp_path):
    """In any command, wherever it is."""
    (tmp_path / "texts.jsonl").write_text('{"text": "good", "label": "POSITIVE"}\n')
    code = (
        "import os, signal, spacy\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "spacy.blank = lambda *args: os.kill(os.getpid(), signal.SIGINT)\n"
        "from spacy_lstm_sentiment.cli import main; main()"
    )
    command = [sys.executable, "-c", code, "convert", "texts.jsonl", "texts.spacy"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "Error: interrupted"
    assert "Traceback" not in done.stderr
