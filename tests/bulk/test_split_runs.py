"""Runs in which workers read splits: the same bytes, whatever ends workers or the run."""

import json
import os
from pathlib import Path

import pytest
from platforms import linux

from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.engines.base import Begun, Failure, Task
from spacy_lstm_sentiment.bulk.places import Place
from spacy_lstm_sentiment.bulk.reader import Reader, Unread
from spacy_lstm_sentiment.bulk.shards import ScoredShard
from spacy_lstm_sentiment.bulk.summary import Summary
from spacy_lstm_sentiment.bulk.workspace import Workspace
from spacy_lstm_sentiment.records.splits import Split

LINES = ["good", "bad", "", "broken {", "a" * 300, "é\u2028", "explode"]


def write_input(path: Path, n: int = 400) -> None:
    rows = [LINES[number % len(LINES)] for number in range(n)]
    lines = [
        row if row.startswith("broken") or not row else json.dumps({"text": row}) for row in rows
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def whole(nlp, inputs, **options) -> tuple[bytes, bytes]:
    """The output and the rejects of a run."""
    bulk.score(inputs, "out.jsonl", nlp, quiet=True, force=True, **options)
    return Path("out.jsonl").read_bytes(), Path("out.jsonl.rejects.jsonl").read_bytes()


@pytest.mark.parametrize("shard_size", [1, 2, 3])
def test_who_reads_makes_no_difference_to_a_byte(nlp, tmp_path, monkeypatch, shard_size):
    monkeypatch.chdir(tmp_path)
    write_input(tmp_path / "in.jsonl")
    for n in range(5):
        write_input(tmp_path / f"more{n}.jsonl", 6)
    inputs = ["in.jsonl", *(f"more{n}.jsonl" for n in range(5)), "in.jsonl"]
    options = {"shard_size": shard_size, "batch_size": 1}
    alone = whole(nlp, inputs, **options)
    assert whole(nlp, inputs, n_process=2, **options) == alone
    assert whole(nlp, inputs, shard_size=100_000, batch_size=1) == alone
    lines = [json.loads(line)["line"] for line in alone[1].splitlines()]
    expected = [n + 1 for n in range(400) if LINES[n % len(LINES)] in ("broken {", "explode")]
    assert lines[: len(expected)] == expected


@linux
@pytest.mark.parametrize("word", ["die", "kill"])
def test_a_document_that_ends_workers_is_found_deep_in_a_split(nlp, tmp_path, monkeypatch, word):
    monkeypatch.chdir(tmp_path)
    texts = ["good"] * 700
    texts[517] = texts[518] = f"a {word} of poison"
    Path("in.txt").write_text("\n".join(texts))
    summary = bulk.score(["in.txt"], "out.jsonl", nlp, quiet=True, n_process=2, shard_size=1)
    assert (summary.n_scored, summary.n_rejected) == (698, 2)
    rejects = Path("out.jsonl.rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [518, 519]


@linux
def test_a_document_that_hangs_is_found_by_the_time_of_its_own_shard(nlp, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = ["good"] * 300
    texts[100] = "hang"
    Path("in.txt").write_text("\n".join(texts))
    options = {"n_process": 2, "shard_size": 1, "timeout": 4}
    summary = bulk.score(["in.txt"], "out.jsonl", nlp, quiet=True, **options)
    assert (summary.n_scored, summary.n_rejected) == (299, 1)


def test_workers_read_and_the_main_process_looks_at_no_more_than_the_beginning(
    nlp, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("good\n" * 20_000)
    read = []

    def noted(self, buffer):
        count = original(self, buffer)
        read.append((os.getpid(), count))
        return count

    from spacy_lstm_sentiment.records.ranges import LinesOfRange

    original = LinesOfRange.readinto
    monkeypatch.setattr(LinesOfRange, "readinto", noted)
    bulk.score(["in.txt"], "out.jsonl", nlp, quiet=True, n_process=2, shard_size=10)
    assert not [count for pid, count in read if pid == os.getpid()]


@linux
@pytest.mark.parametrize("word", ["die", "hang"])
def test_a_document_that_ends_workers_is_found_at_the_end_of_a_split(
    nlp, tmp_path, monkeypatch, word
):
    monkeypatch.chdir(tmp_path)
    texts = ["good".ljust(99)] * 400
    # A split of 5,120 bytes begins 52 rows, the last two of which are no full shard.
    texts[51] = texts[102] = word.ljust(99)
    Path("in.txt").write_text("\n".join(texts))
    options = {"n_process": 2, "shard_size": 5, "timeout": 4}
    summary = bulk.score(["in.txt"], "out.jsonl", nlp, quiet=True, **options)
    assert (summary.n_scored, summary.n_rejected) == (398, 2)
    rejects = Path("out.jsonl.rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejects] == [52, 103]


def test_a_split_has_time_to_be_read_and_each_shard_its_own():
    task = Task(Unread(Split(("in.csv",), 1_000_000), 0, 500, 501))
    assert task.seconds(10) == 100
    task.follow(Begun(500, 501, 10))
    assert task.seconds(10) == 10


def test_what_failed_before_a_shard_was_scored_does_not_count_after_it():
    task = Task(Unread(Split(("in.csv",), 1_000_000), 0, 0))
    again = task.after(Failure("killed", chance=True, memory=True))
    assert again == [task]
    assert task.alone
    task.follow(Begun(0, 10, 99))
    task.follow(ScoredShard(Place(0, 10, False), b"", b"", Summary()))
    assert (task.work.first, task.n_tries, task.alone) == (10, 0, False)
    task.after(Failure("killed", chance=True))
    with pytest.raises(ChildProcessError, match="the input cannot be read: killed"):
        task.after(Failure("killed", chance=True))


def test_a_split_is_read_once_whichever_of_its_parts_are_missing(nlp, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("text\n" + "good\n" * 200)
    expected = Path("whole.jsonl")
    bulk.score(["in.csv"], str(expected), nlp, quiet=True, shard_size=10)
    with monkeypatch.context() as patch:
        patch.setattr(Workspace, "join", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bulk.score(["in.csv"], "out.jsonl", nlp, quiet=True, shard_size=10)
    for part in sorted(Path("out.jsonl.spacy-lstm-sentiment").glob("*/*.part"))[::3]:
        part.unlink()
    asked = []
    read = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, u: asked.append(u.number) or read(self, u))
    bulk.score(["in.csv"], "out.jsonl", nlp, quiet=True, shard_size=10)
    assert asked == [0]
    assert Path("out.jsonl").read_bytes() == expected.read_bytes()


def interrupted(*args) -> None:
    raise KeyboardInterrupt


def test_a_run_that_goes_on_reads_nothing_of_what_is_done(nlp, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_input(tmp_path / "in.jsonl")
    whole_run = whole(nlp, ["in.jsonl"], shard_size=2, batch_size=1)
    asked = []
    read = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, u: asked.append(u.number) or read(self, u))

    def stopped(self, unread):
        if unread.number == 3:
            raise KeyboardInterrupt
        return read(self, unread)

    with monkeypatch.context() as patch:
        patch.setattr(Reader, "read", stopped)
        with pytest.raises(KeyboardInterrupt):
            whole(nlp, ["in.jsonl"], shard_size=2, batch_size=1)
    assert whole(nlp, ["in.jsonl"], shard_size=2, batch_size=1) == whole_run
    assert asked[0] == 3
