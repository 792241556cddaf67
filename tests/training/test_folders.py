"""Folders that are replaced: whatever happens meanwhile, one of the two is there, and whole."""

import gc
import os
import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
import spacy

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.folders import require_writable, whole_folder

NAMES = ("a", "b/c", "b/d")


def write(folder: Path, content: str) -> None:
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def read(folder: Path) -> set[str]:
    return {(folder / name).read_text() for name in NAMES}


def replace(folder: Path, content: str) -> None:
    with whole_folder(folder) as made:
        write(made, content)


class Interrupting:
    """A function of a module that raises at one of its calls, before or after its work."""

    def __init__(self, module, name, call, after, error):
        self.work, self.calls = getattr(module, name), 0
        self.call, self.after, self.error = call, after, error

    def __call__(self, *args, **kwargs):
        self.calls += 1
        if self.calls == self.call and not self.after:
            raise self.error
        result = self.work(*args, **kwargs)
        if self.calls == self.call:
            raise self.error
        return result


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError("no"), MemoryError])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("module", "name", "calls"),
    [(os, "rename", 2), (os, "fsync", 4), (shutil, "rmtree", 1)],
)
def test_an_interrupt_at_any_step(tmp_path, monkeypatch, module, name, calls, after, error):
    folder = tmp_path / "folder"
    for call in range(1, calls + 1):
        write(folder, "old")
        with monkeypatch.context() as patch:
            patch.setattr(module, name, Interrupting(module, name, call, after, error))
            with pytest.raises(BaseException) as raised:  # noqa: PT011
                replace(folder, "new")
        assert raised.type is (type(error) if isinstance(error, OSError) else error)
        assert read(folder) in ({"old"}, {"new"})
        shutil.rmtree(folder)


# What is interrupted leaves files and folders open, and may be interrupted in closing one.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_signals_at_any_moment(tmp_path):
    folder, chance, n_replaced = tmp_path / "folder", random.Random(0), 0
    write(folder, "old")

    def interrupt(number, frame):
        raise KeyboardInterrupt

    start = time.perf_counter()
    replace(folder, "old")
    longest = 2 * (time.perf_counter() - start)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(200):
            # Interrupted at an unlucky moment, rmtree of Python 3.11 ends with an OSError.
            with suppress(KeyboardInterrupt, OSError):
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(longest / 100, longest))
                replace(folder, "new")
                n_replaced += 1
                time.sleep(1)  # until it comes
            assert read(folder) in ({"old"}, {"new"})
    finally:
        signal.signal(signal.SIGALRM, before)
    gc.collect()  # here, not in another test
    assert 0 < n_replaced < 200


def test_where_the_old_cannot_come_back_it_is_kept_all_the_same(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    write(folder, "old")
    rename = os.rename

    def fail(source, target):
        if Path(source) != folder:
            raise OSError("the disk is gone")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        replace(folder, "new")
    [kept] = tmp_path.glob("*/replaced")
    assert read(kept) == {"old"}


def test_folders_that_are_not_there_yet(tmp_path):
    replace(tmp_path / "new" / "folder", "new")
    assert read(tmp_path / "new" / "folder") == {"new"}
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["folder"]


def test_the_folder_behind_a_link(tmp_path):
    write(tmp_path / "folder", "old")
    (tmp_path / "link").symlink_to("folder")
    replace(tmp_path / "link", "new")
    assert read(tmp_path / "folder") == {"new"}
    assert (tmp_path / "link").is_symlink()


def test_files_that_may_only_be_read(tmp_path):
    with whole_folder(tmp_path / "folder") as made:
        write(made, "new")
        (made / "a").chmod(0o400)
    assert read(tmp_path / "folder") == {"new"}


@pytest.mark.parametrize("name", ["notes.txt", "README.md", ".git", "lstm_sentiment", "meta.json"])
def test_a_pipeline_with_something_else_in_it_is_not_overwritten(tmp_path, name):
    folder = tmp_path / "pipeline"
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(folder)
    require_writable(folder, force=True)
    (folder / name).write_text("{}")
    with pytest.raises(InputError, match="other content than a pipeline"):
        require_writable(folder, force=True)
