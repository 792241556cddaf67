import io
import sys
import threading

import pytest
from tqdm import tqdm

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "good"}\n' * 90 + "oops\n" * 10)
    return str(path)


def test_a_line_now_and_then_in_a_log(nlp, rows, monkeypatch, capsys):
    bulk.score([rows], "out.jsonl", nlp, shard_size=50)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "INTERVAL", 0)
    bulk.score([rows], "out.jsonl", nlp, shard_size=50, force=True)
    output = capsys.readouterr().err
    assert "\r" not in output
    lines = output.splitlines()
    half = next(line for line in lines if line.startswith("50 rows, "))
    assert " rows/s, 00:00 left, rejects=0" in half
    assert "" not in lines
    whole = next(line for line in lines if line.startswith("100 rows, "))
    assert whole.endswith(", rejects=10")


def test_a_bar_on_a_terminal_knows_the_end(nlp, rows, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    bulk.score([rows], "out.jsonl", nlp, shard_size=50)
    last = terminal.getvalue().rstrip().rpartition("\r")[2]
    assert "100/100" in last
    assert "rejects=10" in last


def test_quiet_is_quiet(nlp, rows, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    bulk.score([rows], "out.jsonl", nlp, quiet=True)
    assert terminal.getvalue() == ""


def test_no_thread_is_there_when_workers_are_forked(monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    before = set(threading.enumerate())
    with progress.show_progress(quiet=False) as shown:
        shown.add(1, 0)
        assert set(threading.enumerate()) == before


def test_what_is_said_in_a_log_has_no_bar_around_it(capsys):
    with progress.show_progress(quiet=False) as shown:
        shown.say("one")
        tqdm.write("two", sys.stderr)
    assert capsys.readouterr().err == "one\ntwo\n"
