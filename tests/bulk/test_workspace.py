"""What runs leave alone: folders and files that no run has made, and those of another run."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from platforms import posix

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk import run
from spacy_lstm_sentiment.bulk.lock import lock_folder
from spacy_lstm_sentiment.bulk.manifest import Manifest
from spacy_lstm_sentiment.bulk.workspace import open_workspace, work_path
from spacy_lstm_sentiment.errors import InputError

MANIFEST = Manifest("1", "model", {"text-field": "text"}, {"a.csv": {"size": 1}})


@pytest.fixture(autouse=True)
def _in_a_folder_with_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text('{"text": "good"}\n{"text": "bad"}\n')
    Path("some.jsonl").write_text('{"text": "good"}\nbroken\n')


def score(nlp, output="out.jsonl", inputs="in.jsonl", **options):
    return bulk.score([inputs], output, nlp, quiet=True, **options)


def content(path="."):
    """All files below a path, with what is in them."""
    return {str(file): file.read_bytes() for file in Path(path).rglob("*") if file.is_file()}


MINE = {
    "precious.txt": "kept",
    "lock": "",
    "manifest.json": '{"name": "an app"}',
    "joined.json": "[]",
    "0123456789abcdef/000000000000-000000000002.part": "kept",
    ".spacy-lstm-sentiment-1": "kept",
}


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("options", [{}, {"force": True}, {"resume": False, "force": True}])
def test_a_folder_that_no_run_has_made_is_refused_and_left_alone(nlp, name, options):
    path = work_path("out.jsonl") / name
    path.parent.mkdir(parents=True)
    path.write_text(MINE[name])
    before = content()
    with pytest.raises(InputError, match="no run has made it"):
        score(nlp, **options)
    assert content() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")])
def test_whatever_else_is_there_is_left_alone(nlp, make):
    make(work_path("out.jsonl"))
    before = work_path("out.jsonl").lstat()
    with pytest.raises((InputError, OSError)):
        score(nlp)
    assert work_path("out.jsonl").lstat() == before
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize(
    "name", ["out.jsonl.parts", "out.jsonl.tmp", "out.jsonl.rejects.jsonl.tmp"]
)
def test_folders_and_files_of_like_names_are_left_alone(nlp, name):
    Path(name).mkdir()
    Path(name, "precious.txt").write_text("kept")
    before = content()
    assert score(nlp, inputs="some.jsonl", force=True).n_rejected == 1
    assert {path: data for path, data in content().items() if path in before} == before


def interrupted(nlp, monkeypatch, then=lambda: None):
    """A run that ends before its parts are joined."""

    def stop(*args):
        then()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("spacy_lstm_sentiment.bulk.workspace.Workspace.join", stop)
        with pytest.raises(KeyboardInterrupt):
            score(nlp)
    assert list(work_path("out.jsonl").glob("*/*.part"))


def test_what_somebody_has_put_among_the_parts_stays(nlp, monkeypatch):
    interrupted(nlp, monkeypatch)
    Path(work_path("out.jsonl"), "notes.txt").write_text("kept")
    score(nlp)
    assert Path(work_path("out.jsonl"), "notes.txt").read_text() == "kept"
    assert not list(work_path("out.jsonl").glob("*/*.part"))
    score(nlp, force=True)


@posix
def test_the_folder_is_known_as_ours_from_its_first_moment_to_its_last(nlp, monkeypatch, tmp_path):
    """A run that is killed at any step of making or removing it leaves no folder to be refused."""
    steps = []

    def kill(name):
        work = getattr(os, name)

        def step(*args, **kwargs):
            steps.append(name)
            if len(steps) == stop_at:
                os._exit(9)
            return work(*args, **kwargs)

        return step

    stop_at = 0
    while True:
        stop_at += 1
        child = os.fork()
        if not child:
            for name in ("mkdir", "rename", "replace", "unlink", "rmdir", "open"):
                monkeypatch.setattr(os, name, kill(name))
            score(nlp, n_process=1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        score(nlp, force=Path("out.jsonl").exists(), n_process=1)
        assert not work_path("out.jsonl").exists()
        Path("out.jsonl").unlink()
        if os.waitstatus_to_exitcode(status) == 0:
            break
    assert stop_at > 10


# Rejects, and what would be replaced


@pytest.mark.parametrize("output", ["out.jsonl", "-"])
@pytest.mark.parametrize("inputs", ["in.jsonl", "some.jsonl"])
@pytest.mark.parametrize(
    "text", ["precious\n", '{"source": 1}\n', "{", '{"text": "good"}\nbroken\n']
)
def test_what_is_no_file_of_rejects_is_never_replaced(nlp, output, inputs, text):
    Path("mine").write_text(text)
    with pytest.raises(InputError, match="mine: there, and no file of rejects"):
        score(nlp, output, inputs, rejects="mine", force=True)
    assert Path("mine").read_text() == text
    assert not Path("out.jsonl").exists()


@pytest.mark.parametrize("output", ["out.jsonl", "-"])
def test_rejects_of_an_earlier_run_go_with_force_and_stay_without(nlp, output):
    score(nlp, output, "some.jsonl", rejects="rejects")
    [reject] = Path("rejects").read_text().splitlines()
    assert json.loads(reject)["raw"] == "broken"
    with pytest.raises(InputError, match="already there"):
        score(nlp, output, rejects="rejects")
    assert Path("rejects").read_text().splitlines() == [reject]
    score(nlp, output, rejects="rejects", force=True)
    assert not Path("rejects").exists()
    Path("rejects").touch()
    score(nlp, output, "some.jsonl", rejects="rejects", force=True)
    assert Path("rejects").read_text().splitlines() == [reject]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.rejects.jsonl"])
@pytest.mark.parametrize("inputs", ["in.jsonl", "some.jsonl"])
def test_what_comes_while_a_run_works_is_not_replaced(nlp, monkeypatch, name, inputs):
    whole = run.Run._counted

    def counted(self, scored):
        summary = whole(self, scored)
        Path(name).write_text("kept")
        return summary

    with monkeypatch.context() as patch:
        patch.setattr(run.Run, "_counted", counted)
        with pytest.raises(InputError, match=f"{name}: (already )?there"):
            score(nlp, inputs=inputs)
    assert Path(name).read_text() == "kept"
    Path(name).unlink()
    assert score(nlp, inputs=inputs).n_resumed > 0


@posix
def test_a_device_is_not_replaced(nlp):
    before = Path("/dev/null").stat()
    for options in ({"output": "out.jsonl", "rejects": "/dev/null"}, {"output": "null.jsonl"}):
        Path("null.jsonl").unlink(missing_ok=True)
        Path("null.jsonl").symlink_to("/dev/null")
        with pytest.raises(InputError, match="a device or a pipe"):
            score(nlp, **options, inputs="some.jsonl", force=True)
    assert Path("/dev/null").stat().st_ino == before.st_ino


# The lock

HOLD = """
import sys
from pathlib import Path
from spacy_lstm_sentiment.bulk.lock import lock_folder
from spacy_lstm_sentiment.errors import InputError
try:
    with lock_folder(Path("held")):
        print("held", flush=True)
        sys.stdin.read()
except InputError as error:
    print(error, flush=True)
"""


def holder():
    return subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def other_process():
    """What another process says that wants to hold the folder."""
    with holder() as process:
        return process.communicate()[0].strip()


def test_a_second_try_in_a_process_is_refused_and_frees_nothing_for_others(tmp_path):
    Path("held").mkdir()
    refused = f"held: process {os.getpid()} is writing there: wait for it, or name another output"
    with lock_folder(Path("held")):
        for path in (Path("held"), tmp_path / "held", Path("../" + tmp_path.name + "/held")):
            with pytest.raises(InputError, match="is writing there"), lock_folder(path):
                pass
        errors = []

        def try_it():
            try:
                with lock_folder(Path("held")):
                    pass
            except InputError as error:
                errors.append(str(error))

        thread = threading.Thread(target=try_it)
        thread.start()
        thread.join()
        assert errors == [refused]
        assert other_process() == refused
    assert other_process() == "held"
    with lock_folder(Path("held")):
        pass


@posix
def test_a_holder_that_is_killed_holds_no_more_though_its_children_live():
    Path("held").mkdir()
    with holder() as process:
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match=f"process {process.pid} is writing"),
            lock_folder(Path("held")),
        ):
            pass
        process.kill()
        process.wait()
        with lock_folder(Path("held")):
            child = os.fork()
            if not child:
                signal.pause()
        try:
            with lock_folder(Path("held")):
                assert "is writing" in other_process()
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def test_two_runs_of_a_process_on_one_output():
    def second():
        with open_workspace("out.jsonl", "rejects", MANIFEST, resume=True):
            pass

    with open_workspace("out.jsonl", "rejects", MANIFEST, resume=True) as space:
        with pytest.raises(InputError, match="is writing there"):
            second()
        assert space.parts.is_dir()
    second()
