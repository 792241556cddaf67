"""The command against kills, interrupts and want of memory, on real processes."""

import contextlib
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from faulty_runs import (
    PATIENCE,
    SHARD,
    assert_complete,
    command,
    n_parts,
    run,
    start,
    wait_for_parts,
)
from platforms import linux

pytestmark = [linux, pytest.mark.usefixtures("_with_input")]


@pytest.fixture(name="model")
def _model(bow_model):
    return bow_model


def test_killed_at_random_moments_and_resumed(model, whole):
    chance = random.Random(0)
    for _ in range(4):
        process = start(command(model))
        wait_for_parts(process, n_parts() + chance.randrange(1, 20))
        time.sleep(chance.random() / 50)
        with process:
            process.kill()
    before = n_parts()
    assert before
    assert not Path("out.csv").exists()
    done = run(*command(model))
    assert done.returncode == 3, done.stderr
    assert "Resuming: " in done.stderr
    assert_complete(whole)


@pytest.mark.parametrize("moment", ["join", "replace", "rmtree"])
def test_killed_at_the_very_end_and_resumed(model, moment, whole):
    patches = {
        "join": "from spacy_lstm_sentiment.bulk.workspace import Workspace as C; C.join = die",
        "replace": "from pathlib import Path; whole = Path.replace\n"
        "def replace(path, target):\n"
        "    die() if target.name == 'out.csv' else whole(path, target)\n"
        "Path.replace = replace",
        "rmtree": "import shutil; shutil.rmtree = die",
    }
    code = (
        "import os, signal, sys\n"
        "def die(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{patches[moment]}\n"
        "from spacy_lstm_sentiment.cli import main; main()"
    )
    args = command(model)
    assert run(sys.executable, "-c", code, *args[3:]).returncode == -signal.SIGKILL
    assert Path("out.csv").exists() == (moment == "rmtree")
    assert run(*args).returncode == 3
    assert_complete(whole)


def test_a_worker_that_is_killed(model, whole):
    process = start(command(model))
    wait_for_parts(process, 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    os.kill(int(children[0]), signal.SIGKILL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, errors
    assert_complete(whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_and_says_how_to_resume(model, number, whole):
    code = (
        "import itertools, os, time\n"
        "from spacy_lstm_sentiment.bulk.progress import Progress\n"
        # The second worker has hardly begun when it comes.
        "forks = itertools.count()\n"
        "os.register_at_fork(after_in_child=lambda: next(forks) and time.sleep(2))\n"
        "os.register_at_fork(after_in_parent=lambda: next(forks))\n"
        # After a shard, so that it can be neither too early nor too late.
        f"Progress.add = lambda *args: os.killpg(0, {int(number)})\n"
        "from spacy_lstm_sentiment.cli import main; main()"
    )
    process = start([sys.executable, "-c", code, *command(model)[3:]])
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert errors.splitlines()[-1].startswith(
        "Error: interrupted; what is done is in out.csv.spacy-lstm-sentiment"
    )
    assert "Traceback" not in errors
    done = run(*command(model))
    assert "Resuming: " in done.stderr
    assert_complete(whole)


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz"])
def test_no_memory_to_read_on_is_no_broken_file(model, name):
    rows = Path("in.jsonl").read_text().splitlines()[:SHARD]
    rows += [json.dumps({"text": "\U0001f600" * (1 << 22)}, ensure_ascii=False), rows[0]]
    content = "\n".join(rows).encode()
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    code = (
        "import resource\n"
        "from pathlib import Path\n"
        "from spacy_lstm_sentiment.bulk.progress import Progress\n"
        "def starve(*args):\n"
        "    used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (used + 4_000_000, -1))\n"
        "Progress.add = starve\n"
        "from spacy_lstm_sentiment.cli import main; main()"
    )
    args = [*command(model, "out.jsonl", inputs=name), "--n-process", "1"]
    done = run(sys.executable, "-c", code, *args[3:])
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "Error: out of memory; what is done is in out.jsonl.spacy-lstm-sentiment"
    )
    assert "Traceback" not in done.stderr
    done = run(*args)
    assert "Resuming: 20 rows are done" in done.stderr
    assert Path("out.jsonl").read_text().count("\n") == SHARD
    assert len(Path("out.jsonl.rejects.jsonl").read_text().splitlines()) == 2


def test_workers_end_with_a_run_that_is_killed(model):
    process = start(command(model))
    wait_for_parts(process, 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    with process:
        process.kill()
    for child in children:
        # Gone, or no more than a name that nobody has asked after.
        stat = Path(f"/proc/{child}/stat")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            while stat.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.01)


def test_a_closed_pipe_is_no_error_to_speak_of(model):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command(model, "-"), **pipes, encoding="utf-8") as process:
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=PATIENCE)
    assert "Traceback" not in errors
    assert "Error" not in errors


def test_two_runs_at_once(model, whole):
    process = start(command(model))
    wait_for_parts(process, 1)
    os.killpg(process.pid, signal.SIGSTOP)
    second = run(*command(model))
    os.killpg(process.pid, signal.SIGCONT)
    assert second.returncode == 1
    assert second.stderr.startswith(
        f"Error: out.csv.spacy-lstm-sentiment: process {process.pid} is writing there"
    )
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, errors
    assert_complete(whole)
