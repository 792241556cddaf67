"""No command writes over what it reads, or two files into one, however they are named."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import warm_start

from spacy_lstm_sentiment.cli import main
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import is_within, require_distinct

ROWS = '{"text": "good", "label": "pos"}\n'

# Each with IN, which is read, and OUT, which would be written.
OVER_INPUT = [
    "score IN --output OUT --force",
    "score IN --output - --rejects OUT --force",
    "score IN --output other.jsonl --rejects OUT --force",
    "stats IN --json OUT --force",
    "evaluate model IN --html OUT --force",
    "evaluate model other.jsonl --baseline IN --json OUT --force",
    "explain IN --html OUT --force",
    "tune IN --output study --png OUT --force",
]
TWO_IN_ONE = [
    "score IN --output OUT --rejects OUT2 --force",
    "stats IN --html OUT --json OUT2 --force",
    "evaluate model IN --html OUT --png OUT2 --force",
    "explain IN --html OUT --json OUT2 --force",
    "convert IN OUT.spacy --dev OUT2.spacy",
]


@pytest.fixture
def refuse(tmp_path, monkeypatch, capsys):
    """Runs a command that has to be refused, in one line and without a change of any file."""
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    for name in ("in.jsonl", "other.jsonl"):
        Path(name).write_text(ROWS)
    Path("model").mkdir()

    def run(command, message):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", *command.split()])
        with pytest.raises(SystemExit) as stop:
            main()
        error = capsys.readouterr().err
        assert (stop.value.code, error.count("\n")) == (1, 1), error
        assert message in error
        after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert after == before

    return run


def spell(kind, name):
    """Another way to name a file, which is made if it takes a link."""
    if kind == "spelling":
        return f"folder/../{name}"
    if kind == "absolute":
        return str(Path(name).absolute())
    if kind == "symlink":
        Path("linked.jsonl").symlink_to(name)
    elif kind == "hard link":
        os.link(name, "linked.jsonl")
    elif kind == "linked folder":
        Path("again").symlink_to(".")
        return f"again/{name}"
    return "linked.jsonl"


@pytest.mark.parametrize("kind", ["spelling", "symlink", "hard link", "linked folder"])
@pytest.mark.parametrize("command", OVER_INPUT)
def test_no_output_is_an_input(refuse, command, kind):
    out = spell(kind, "in.jsonl")
    refuse(command.replace("IN", "in.jsonl").replace("OUT", out), "input would be overwritten")


@pytest.mark.parametrize("kind", ["spelling", "absolute", "linked folder", "capitals"])
@pytest.mark.parametrize("command", TWO_IN_ONE)
def test_no_two_outputs_are_one(refuse, command, kind):
    other = "Out.JSONL" if kind == "capitals" else spell(kind, "out.jsonl")
    command = command.replace("OUT2", other).replace("OUT", "out.jsonl").replace("IN", "in.jsonl")
    refuse(command, "is both")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("score file://CWD/in.jsonl --output in.jsonl --force", "name a local file by its path"),
        ("score in.jsonl --output o.csv --rejects o.csv.spacy-lstm-sentiment/r", "goes at the end"),
        ("distill in.jsonl in.spacy --teacher model", "input would be overwritten"),
        ("stats model --json model/meta.json --force", "belongs to an input"),
        ("vectors model/in.jsonl model --force", "would be lost with it"),
        ("calibrate model model/in.jsonl --output model --force", "would be lost with it"),
        ("tune study/best.cfg --output study", "input would be overwritten"),
        ("tune in.jsonl --output study --json study/study.db", "input would be overwritten"),
        ("tune in.jsonl --output study", "there without a study"),
    ],
)
def test_what_else_would_be_lost(refuse, tmp_path, command, message):
    Path("in.spacy").symlink_to("in.jsonl")
    Path("model/in.jsonl").write_text(ROWS)
    Path("model/meta.json").write_text("{}")
    Path("study").mkdir()
    Path("study/best.cfg").write_text("[nlp]\n")
    refuse(command.replace("CWD", str(tmp_path)), message)


@pytest.mark.parametrize(
    "shell",
    [
        "score - --output in.jsonl --force < in.jsonl",
        "score in.jsonl --output - >> in.jsonl",
        "score in.jsonl --output - --rejects r > r --force",
    ],
)
def test_what_the_shell_leads_to_a_file(tmp_path, shell):
    (tmp_path / "in.jsonl").write_text(ROWS)
    command = f"{shlex.join(warm_start.python())} -m spacy_lstm_sentiment {shell}"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "overwritten" in done.stderr or "is both" in done.stderr
    assert (tmp_path / "in.jsonl").read_text() == ROWS


def test_names_that_only_some_file_systems_tell_apart(tmp_path):
    composed, split = tmp_path / "caf\u00e9", tmp_path / "CAFE\u0301"
    with pytest.raises(InputError, match="is both"):
        require_distinct({"a": composed, "b": split}, [])
    require_distinct({"a": composed, "b": tmp_path / "cafe"}, [])
    composed.touch()
    split.touch()
    if not composed.samefile(split):  # both are there: the file system has told
        require_distinct({"a": composed, "b": split}, [])


def test_a_folder_by_whatever_name(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert is_within(tmp_path / "link" / "new" / "file", tmp_path)
    assert is_within(tmp_path / "a" / "b", tmp_path / "link" / "A")
    assert not is_within(tmp_path / "ab", tmp_path / "a")
