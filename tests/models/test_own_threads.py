"""Threads of our own, in processes that have torch, have it later, or never."""

import os
import subprocess
import sys

import pytest

START = """
import os, sys, threading
from spacy_lstm_sentiment.late_torch import import_torch_late
import_torch_late()
from spacy_lstm_sentiment.models import threads
"""


def run(script, **environment):
    kept = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    result = subprocess.run(
        [sys.executable, "-c", START + script],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("wanted", "n"), [("3", "3"), ("0", "1"), ("", "cores"), ("many", "cores"), ("2,1", "cores")]
)
def test_without_torch_there_are_as_many_as_it_would_have(wanted, n):
    script = f"""
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
assert threads.number_of_threads() == {n}
assert "torch" not in sys.modules
"""
    run(script, OMP_NUM_THREADS=wanted)


def test_torch_takes_up_what_a_process_of_ours_was_given():
    run(
        "threads.take_threads(1)\nassert threads.number_of_threads() == 1\n"
        "import torch\nassert torch.get_num_threads() == threads.number_of_threads() == 1"
    )
    run("import torch\nthreads.take_threads(3)\nassert torch.get_num_threads() == 3")


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_readers_have_one_of_torchs_threads_once_it_is_there():
    script = """
barrier = threading.Barrier(2)
seen = []

def work(look):
    barrier.wait()  # each task in a thread of its own
    seen.append(look())

tasks = [lambda: "torch" in sys.modules] * 2
threads.run_in_threads(work, tasks)
assert seen == [False] * 2, seen

import torch
torch.set_num_threads(2)
seen.clear()
threads.run_in_threads(work, [torch.get_num_threads] * 2)
assert seen == [1] * 2, seen
assert torch.get_num_threads() == 2
"""
    run(script, OMP_NUM_THREADS="2")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.parametrize("torch", ["", "import torch; torch.set_num_threads(2); torch.rand(9)"])
def test_a_forked_process_computes(torch):
    script = f"""
{torch}
import spacy_lstm_sentiment
nlp = spacy_lstm_sentiment.load()
texts = ["A lovely day."] * 300
expected = spacy_lstm_sentiment.score_texts(texts, nlp)
process = os.fork()
if not process:
    again = spacy_lstm_sentiment.score_texts(texts, nlp)
    spacy_lstm_sentiment.explain(nlp(texts[0]))  # with torch
    os._exit(int(not (again == expected).all()))
assert os.waitpid(process, 0)[1] == 0
"""
    run(script, OMP_NUM_THREADS="2")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_fork_while_a_thread_sets_itself_up():
    """What that thread holds is never given back there."""
    script = """
import torch
torch.set_num_threads(2)
with threads.lock_in(threads._SETTING):
    process = os.fork()
    if not process:
        done = []
        threads.safe_after_fork(lambda: done.append(torch.get_num_threads()))()
        os._exit(done != [1])
assert os.waitpid(process, 0)[1] == 0
"""
    run(script)
