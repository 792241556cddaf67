"""The promises of docs/bulk.md, word for word, and the tests that hold each."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from promises import FILES, PROMISES, TOLD

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.errors import InputError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "bulk.md").read_text(encoding="utf-8")
# From the first of these headings to the second, all is a promise or told below to be none.
PROMISING = ("## What is guaranteed", "`spacy-lstm-sentiment --install-completion`")


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_each_promise_is_on_the_page_and_no_other():
    start, end = map(PAGE.index, PROMISING)
    left = PAGE[start:end]
    for sentence in [*PROMISES, *TOLD]:
        assert sentence in left, sentence
        left = left.replace(sentence, "", 1)
    assert not re.findall(r"\w+", left)


def test_each_promise_has_tests_that_are_collected():
    tests = {name_of(test) for held_by in PROMISES.values() for test in held_by}
    files = {test.partition("::")[0] for test in tests}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", *files],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout
    collected = {line.partition("[")[0] for line in done.stdout.splitlines()}
    assert tests <= collected, tests - collected
    assert all(PROMISES.values())


def name_of(test: str) -> str:
    file, _, name = test.partition("::")
    return f"{FILES.get(file, f'tests/bulk/test_{file}.py')}::test_{name}"


def part_name(first: int, end: int) -> str:
    return Place(first, end, is_last=False).name


def test_nothing_of_the_shard_at_which_errors_stop_a_run(nlp, in_folder):
    rows = ['{"text": "good"}'] * 30
    rows[12] = rows[14] = "broken"
    Path("in.jsonl").write_text("\n".join(rows))
    with pytest.raises(InputError, match="rejected"):
        bulk.score(["in.jsonl"], "out.jsonl", nlp, shard_size=10, max_errors=1)
    parts = Path("out.jsonl.spacy-lstm-sentiment").glob("*/*.part")
    assert [part.stem for part in parts] == [part_name(0, 10)]


@pytest.mark.parametrize(
    ("lines", "texts", "n_rejects"),
    [
        (['"5"', '"Oh"'], ["5", "Oh"], 0),
        (['"a "good" day"', "bad", '"good"', "bad"], [], 4),
        (['"a "good" day"', "bad", "good"], ["bad", "good"], 1),
    ],
)
def test_a_table_of_one_column(nlp, in_folder, lines, texts, n_rejects):
    Path("in.csv").write_text("\n".join(["text", *lines]))
    summary = bulk.score(["in.csv"], "out.csv", nlp)
    assert [line.split(",")[0] for line in Path("out.csv").read_text().split("\n")[1:-1]] == texts
    assert summary.n_rejected == n_rejects


def test_what_is_renamed_is_on_the_disk(nlp, in_folder, monkeypatch):
    """Each file that takes its final name is one whose very content has been synced."""
    synced, renamed = set(), []
    sync, replace, rename = os.fsync, os.replace, os.rename

    def noted_sync(file):
        stat = os.fstat(file if isinstance(file, int) else file.fileno())
        synced.add((stat.st_ino, stat.st_size))
        return sync(file)

    def noted(move):
        def moved(source, target, **options):
            stat = Path(source).stat()
            renamed.append((Path(target).name, (stat.st_ino, stat.st_size) in synced))
            return move(source, target, **options)

        return moved

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted(replace))
    monkeypatch.setattr(os, "rename", noted(rename))
    Path("in.jsonl").write_text('{"text": "good"}\nbroken\n' * 3)
    bulk.score(["in.jsonl"], "out.jsonl", nlp, shard_size=2)
    names = [name for name, _ in renamed]
    assert {f"{part_name(n, n + 2)}.part" for n in (0, 2, 4)} <= set(names)
    assert names.index("out.jsonl.rejects.jsonl") < names.index("out.jsonl")
    kept = {name: is_synced for name, is_synced in renamed if ".json" in name or ".part" in name}
    assert all(kept.values()), kept


def test_what_the_output_does_not_depend_on_may_change(nlp, in_folder, capfd):
    rows = ['{"text": "good"}'] * 30
    rows[25] = "broken"
    Path("in.jsonl").write_text("\n".join(rows))
    with pytest.raises(InputError, match="rejected"):
        bulk.score(["in.jsonl"], "out.jsonl", nlp, shard_size=10, max_errors=0)
    capfd.readouterr()
    options = {"n_process": 2, "timeout": 77.0, "max_errors": 5}
    summary = bulk.score(["in.jsonl"], "out.jsonl", nlp, shard_size=10, **options)
    assert summary.n_resumed == 20
    assert "Resuming: 20 rows are done" in capfd.readouterr().err
