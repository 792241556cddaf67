"""Threads of ours compute on as many of torch's as they are to, and the host's keep theirs."""

import subprocess
import sys

SCRIPT = """
from concurrent.futures import ThreadPoolExecutor

import torch

from spacy_lstm_sentiment.models import threads

torch.set_num_threads(3)


def compute(task=None):
    square = torch.ones(600, 600)
    (square @ square + 1).sum()
    return torch.get_num_threads()


found = []
threads.run_in_threads(lambda task: found.append(compute()), range(6))
assert found == [1] * 6, found
assert list(threads.map_flushing_denormals(compute, range(6), 2)) == [1] * 6
assert threads.flushing_denormals(compute) == 3
with ThreadPoolExecutor(1) as theirs:
    assert theirs.submit(compute).result() == torch.get_num_threads() == 3
print("as they are to")
"""


def test_numbers_of_threads():
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert result.stdout == "as they are to\n", result.stderr


MAPPED = """
import os
import threading

import torch

from spacy_lstm_sentiment.models.threads import map_flushing_denormals

busy, most, lock = 0, 0, threading.Lock()


def work(task):
    global busy, most
    with lock:
        busy += 1
        most = max(most, busy)
    smallest = torch.full((1,), 1e-40) * 0.5
    with lock:
        busy -= 1
    if task == "fail":
        raise ValueError("no such task")
    return task, smallest.item()


for n_threads in (1, 2, 5):
    assert list(map_flushing_denormals(work, range(50), n_threads)) == [(n, 0.0) for n in range(50)]
    assert most <= n_threads
assert (torch.full((1,), 1e-40) * 0.5).item() > 0
try:
    list(map_flushing_denormals(work, [1, "fail", 2], 2))
except ValueError:
    print("in order")
"""


def test_tasks_are_done_in_order_by_no_more_threads_than_wanted():
    """With denormals taken for zero there, and nowhere else."""
    result = subprocess.run(
        [sys.executable, "-c", MAPPED], capture_output=True, text=True, check=False
    )
    assert result.stdout == "in order\n", result.stderr
