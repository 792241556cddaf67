"""Files that exist whole or not at all, whatever stands where they are made."""

import json
import os
import sys
from pathlib import Path

import pytest
from platforms import posix
from small_pipeline import REVIEWS
from training_files import write_training_files

from spacy_lstm_sentiment.cli import main
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole


class Watch:
    """What is opened for writing without asking that it be new, but for folders made meanwhile.

    Python never forgets a hook: there is one, which looks away most of the time.
    """

    def __init__(self):
        self.folder, self.made, self.opened = None, set(), []
        sys.addaudithook(self)

    def __call__(self, event, args):
        if self.folder is None or event not in ("open", "os.mkdir"):
            return
        if not isinstance(args[0], str | bytes):
            return
        path = os.path.abspath(os.fsdecode(args[0]))  # noqa: PTH100
        if event == "os.mkdir":
            self.made.add(path)
            return
        may_be_there = args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not args[2] & os.O_EXCL
        in_new_folder = any(str(parent) in self.made for parent in Path(path).parents)
        if may_be_there and path.startswith(self.folder) and not in_new_folder:
            self.opened.append(path)


@pytest.fixture(scope="module")
def watch():
    return Watch()


COMMANDS = [
    "convert dev.jsonl a.spacy --dev b.spacy --dev-size 2",
    "distill dev.spacy a.spacy --teacher model",
    "vectors glove.txt words",
    "calibrate model wrong.jsonl",
    "calibrate model wrong.jsonl --output calibrated",
    "score dev.jsonl --output a.jsonl --model model --n-process 1 --prefix p_",
    "score bad.jsonl --output a.csv.gz --model model --n-process 1 --prefix p_",
    "score bad.jsonl --output - --rejects a.jsonl --model model --n-process 1 --prefix p_",
    "stats dev.jsonl --model model --html a.html --json a.json --png a.png",
    "evaluate model dev.jsonl --html a.html --json a.json --png a.png",
    "explain good --model model --html a.html --json a.json",
    "tune train.cfg --output out --trials 1 --param training.dropout=0.1,0.2 --json a.json",
]


@pytest.fixture
def folder(tmp_path, monkeypatch, trained_nlp):
    """A folder with what the commands read."""
    monkeypatch.chdir(tmp_path)
    write_training_files(tmp_path)
    trained_nlp.to_disk("model")
    rows = [{"text": text, "label": label} for text, label in REVIEWS]
    wrong = [*rows[:5], {**rows[5], "label": "POSITIVE"}]
    for name, lines in (("dev", rows), ("wrong", wrong), ("bad", [*rows, {"other": 1}])):
        Path(f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    Path("glove.txt").write_text("good 1 2\nfilm 3 4\n")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.partition(" --")[0])
def test_no_command_opens_a_file_that_may_be_there_already(folder, command, watch, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", *command.split()])
    watch.folder, watch.opened = str(folder), []
    try:
        with pytest.raises(SystemExit) as stop:
            main()
    finally:
        watch.folder = None
    assert stop.value.code in (0, 3)
    assert watch.opened == []
    assert not list(folder.rglob(".*"))


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "a"
    with open_whole(path) as file:
        file.write(b"first")
        assert not path.exists()
    assert path.read_bytes() == b"first"

    def fail() -> None:
        with open_whole(path) as file:
            file.write(b"second")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_two_writers_of_a_file_do_not_meet(tmp_path):
    path = tmp_path / "a"
    with open_whole(path) as one, open_whole(path) as other:
        one.write(b"one" * 100_000)
        other.write(b"other")
    assert path.read_bytes() == b"one" * 100_000
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_has_the_rights_that_others_have(tmp_path):
    (tmp_path / "usual").touch()
    with open_whole(tmp_path / "whole") as file:
        file.write(b"it")
    assert (tmp_path / "whole").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_is_replaced_and_not_what_it_names(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"kept")
    link.symlink_to(target)
    with open_whole(link) as file:
        file.write(b"new")
    assert (target.read_bytes(), link.read_bytes()) == (b"kept", b"new")


@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_no_file_takes_the_place_of_something_else(tmp_path, kind):
    path = tmp_path / "a"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/null")
    before = path.lstat()
    with pytest.raises(InputError, match="name a file"), open_whole(path):
        pass
    assert path.lstat() == before
