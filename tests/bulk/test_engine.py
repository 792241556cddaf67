"""Workers, killed in all the ways in which processes are."""

import json
import os
import signal
import time
from dataclasses import replace
from itertools import islice

import pytest
import torch
from platforms import linux

from spacy_lstm_sentiment.bulk.engines.base import Task
from spacy_lstm_sentiment.bulk.engines.processes import Processes
from spacy_lstm_sentiment.bulk.parts import LocalParts, read_parts
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.scorer import ScoringOptions
from spacy_lstm_sentiment.bulk.shards import cut_shards
from spacy_lstm_sentiment.bulk.sinks.formats import JsonFormat
from spacy_lstm_sentiment.records.record import Record

pytestmark = linux

OPTIONS = ScoringOptions(batch_size=3)
PLAN = Plan(RowOptions("text", OPTIONS), JsonFormat(OPTIONS.columns), OPTIONS.columns)


def shards(texts, size: int = 8):
    return cut_shards((Record("a", n, t, {"n": n, "text": t}) for n, t in enumerate(texts)), size)


def run(
    nlp, texts, n_process: int, plan: Plan = PLAN, timeout: float = 0
) -> tuple[list[dict], list[dict]]:
    """All rows and all rejects, in order."""
    pieces = Processes(n_process, timeout).run(plan, nlp, shards(texts))
    scored = sorted(pieces, key=lambda each: each.place)
    ends = [0, *(each.place.end for each in scored)]
    assert [each.place.first for each in scored] == ends[:-1]
    assert ends[-1] == len(texts)
    rows, rejects = (
        [json.loads(line) for each in scored for line in getattr(each, name).splitlines()]
        for name in ("rows", "rejects")
    )
    return rows, rejects


def test_processes_give_what_one_gives(nlp):
    n_threads = torch.get_num_threads()
    texts = ["good", "bad", "explode"] * 25
    alone = run(nlp, texts, 1)
    assert run(nlp, texts, 2) == alone
    assert (len(alone[0]), len(alone[1])) == (50, 25)
    assert torch.get_num_threads() == n_threads


def test_processes_use_one_torch_thread(nlp):
    n_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        rows, _ = run(nlp, ["threads"], 2)
        assert rows[0]["score"] == 1.0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(n_threads)


@pytest.mark.parametrize(
    ("word", "end"),
    [("die", "exit code 1"), ("kill", "SIGKILL"), ("terminate", "SIGTERM")],
)
@pytest.mark.parametrize("place", [0, 12, 29])
def test_a_document_that_ends_every_worker_is_found_and_rejected(nlp, word, end, place):
    texts = ["good"] * 30
    texts[place] = f"a {word} of poison"
    rows, rejects = run(nlp, texts, 2)
    assert [row["n"] for row in rows] == [n for n in range(30) if n != place]
    (reject,) = rejects
    assert (reject["line"], reject["raw"]) == (place, texts[place])
    assert reject["reason"].startswith(f"the document ends the process that scores it: {end}; ")


def test_many_such_documents_and_nothing_else(nlp):
    rows, rejects = run(nlp, ["kill"] * 5, 2)
    assert (rows, len(rejects)) == ([], 5)


def test_a_worker_that_is_killed_once_is_no_harm(nlp, tmp_path):
    marker = tmp_path / "killed"
    texts = ["good"] * 20 + [f"once {marker}"] + ["bad"] * 20
    scored = list(Processes(2, 0).run(PLAN, nlp, shards(texts)))
    assert marker.exists()
    # All shards whole, so that each batch is what it would have been, and so each last digit.
    assert sorted((each.place.first, each.place.end) for each in scored) == [
        (each.first, each.end) for each in shards(texts)
    ]
    assert sum(each.summary.n_scored for each in scored) == 41


@pytest.mark.parametrize("n_process", [1, 2])
@pytest.mark.parametrize("word", ["hungry", "tensor", "array"])
def test_a_document_for_which_there_is_no_memory_is_rejected(nlp, word, n_process):
    texts = ["good"] * 12
    texts[5] = word
    rows, rejects = run(nlp, texts, n_process)
    assert [row["n"] for row in rows] == [n for n in range(12) if n != 5]
    (reject,) = rejects
    assert reject["raw"] == word
    assert reject["reason"].startswith("no memory for the document: ")
    assert reject["reason"].endswith("; split its text")


@pytest.mark.parametrize("n_process", [1, 2])
def test_documents_that_have_no_room_together_are_scored_apart(nlp, n_process):
    rows, rejects = run(nlp, ["ballast good"] * 9, n_process)
    assert (len(rows), rejects) == (9, [])


def test_a_document_that_wants_what_others_have_is_scored_alone(nlp, tmp_path):
    texts = [f"busy {tmp_path}"] * 24
    texts[3] = f"greedy {tmp_path}"
    rows, rejects = run(nlp, texts, 3)
    assert (len(rows), rejects) == (24, [])


@pytest.mark.parametrize("word", ["hang", "sleep"])
def test_a_document_that_hangs_every_worker_is_found_and_rejected(nlp, word):
    rows, rejects = run(nlp, ["good", word, "good", "good"], 2, timeout=4)
    assert [row["n"] for row in rows] == [0, 2, 3]
    (reject,) = rejects
    assert (reject["raw"], reject["reason"]) == (
        word,
        "no result within 4 seconds; split it, or raise --timeout",
    )


def test_a_shard_has_time_by_its_characters():
    shard, _ = shards(["x" * 1000] * 8)
    assert Task(shard).seconds(10) == 10
    shard, _ = shards(["x" * 100_000] * 8)
    assert Task(shard).seconds(10) == 80
    assert Task(shard).seconds(0) == float("inf")


def test_a_worker_that_is_never_ready(nlp, monkeypatch):
    monkeypatch.setattr("spacy_lstm_sentiment.bulk.engines.worker.START_TIMEOUT", 0.5)
    monkeypatch.setattr(Plan, "scorer", lambda *args: time.sleep(3600))
    with pytest.raises(ChildProcessError, match=r"cannot start \(not ready in time\)"):
        run(nlp, ["good"], 2)


def test_parts_are_left_where_the_plan_says(nlp, tmp_path):
    plan = replace(PLAN, parts=LocalParts(tmp_path))
    assert run(nlp, ["good"] * 20, 2, plan) == ([], [])
    assert sum(part.summary.n_scored for part in read_parts(tmp_path)) == 20


def test_a_folder_that_cannot_be_written_is_an_error(nlp, tmp_path):
    plan = replace(PLAN, parts=LocalParts(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError):
        run(nlp, ["good"], 2, plan)


def test_workers_that_cannot_start(nlp, monkeypatch):
    monkeypatch.setattr(Plan, "scorer", lambda *args: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(ChildProcessError, match=r"cannot start \(SIGKILL\), perhaps for want of"):
        run(nlp, ["good"], 2)


@pytest.mark.parametrize("n_process", [1, 2])
def test_no_more_is_read_than_a_few_shards(nlp, n_process):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield "good"

    scored = Processes(n_process, 0).run(PLAN, nlp, shards(endless(), 10))
    assert len(list(islice(scored, 100))) == 100
    scored.close()
    assert taken <= 10 * (100 + 5 * n_process)
