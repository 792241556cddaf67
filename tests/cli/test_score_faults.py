"""What happens to whole runs of `score`, as processes, when the machine is against them."""

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
from shutil import which

import pytest
import spacy
from platforms import linux
from spacy.training import Example

pytestmark = linux
resource = pytest.importorskip("resource", reason="on Linux alone: limits memory")

N_ROWS = 2000
SHARD = 20
PATIENCE = 600  # seconds, for a machine that has others to serve


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A pipeline that any process can load."""
    nlp = spacy.blank("en")
    bow = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True}
    nlp.add_pipe("textcat", config={"model": {**bow, "ngram_size": 1, "no_output_layer": False}})
    cats = {"good": {"POSITIVE": 1.0, "NEGATIVE": 0.0}, "bad": {"POSITIVE": 0.0, "NEGATIVE": 1.0}}
    examples = [Example.from_dict(nlp.make_doc(w), {"cats": c}) for w, c in cats.items()]
    nlp.initialize(lambda: examples)
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture(autouse=True)
def _in_a_folder_with_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["good", "bad", "so so"]
    lines = [json.dumps({"id": n, "text": f"{words[n % 3]} {n} " * 50}) for n in range(N_ROWS)]
    lines[7] = lines[333] = "broken"
    Path("in.jsonl").write_text("\n".join(lines))


def command(model: str, output: str = "out.csv", *more: str, inputs: str = "in.jsonl") -> list[str]:
    start = [sys.executable, "-m", "spacy_lstm_sentiment", "score", inputs, "--output", output]
    size = ["--shard-size", str(SHARD), "--batch-size", "10", "--n-process", "2"]
    return [*start, "--model", model, *size, *more]


def run(*args: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run(args, capture_output=True, encoding="utf-8", timeout=PATIENCE, **options)


def heed_interrupts() -> None:
    """A shell has what it starts with `&` ignore them, and so do all processes below that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(args: list[str]) -> subprocess.Popen:
    return subprocess.Popen(
        args,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )


def n_parts(output: str = "out.csv") -> int:
    return len(list(Path(f"{output}.spacy-lstm-sentiment").glob("*/*.part")))


def wait_for_parts(process: subprocess.Popen, n: int) -> None:
    while process.poll() is None and n_parts() < n:
        time.sleep(0.001)


def expected(model: str) -> tuple[bytes, bytes]:
    done = run(*command(model, "whole.csv"))
    assert done.returncode == 3, done.stderr
    return tuple(Path(f"whole.csv{end}").read_bytes() for end in ("", ".rejects.jsonl"))


def assert_complete(model: str) -> None:
    rows, rejects = expected(model)
    assert Path("out.csv").read_bytes() == rows
    assert rows.count(b"\n") == 1 + N_ROWS - 2
    assert Path("out.csv.rejects.jsonl").read_bytes() == rejects
    assert not Path("out.csv.spacy-lstm-sentiment").exists()


def test_killed_at_random_moments_and_resumed(model):
    chance = random.Random(0)
    for _ in range(4):
        process = start(command(model))
        wait_for_parts(process, n_parts() + chance.randrange(1, 20))
        time.sleep(chance.random() / 50)
        process.kill()
        process.wait()
    before = n_parts()
    assert before
    assert not Path("out.csv").exists()
    done = run(*command(model))
    assert done.returncode == 3, done.stderr
    assert "Resuming: " in done.stderr
    assert_complete(model)


@pytest.mark.parametrize("moment", ["join", "replace", "rmtree"])
def test_killed_at_the_very_end_and_resumed(model, moment):
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
    assert_complete(model)


def test_a_worker_that_is_killed(model):
    process = start(command(model))
    wait_for_parts(process, 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(children) == 2
    os.kill(int(children[0]), signal.SIGKILL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 3, errors
    assert_complete(model)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_and_says_how_to_resume(model, number):
    code = (
        "import itertools, os, time\n"
        "from spacy_lstm_sentiment.bulk.progress import Lines\n"
        # The second worker has hardly begun when it comes.
        "forks = itertools.count()\n"
        "os.register_at_fork(after_in_child=lambda: next(forks) and time.sleep(2))\n"
        "os.register_at_fork(after_in_parent=lambda: next(forks))\n"
        # After a shard, so that it can be neither too early nor too late.
        f"Lines.add = lambda *args: os.killpg(0, {int(number)})\n"
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
    assert_complete(model)


@pytest.mark.parametrize("name", ["in.jsonl", "in.jsonl.gz"])
def test_no_memory_to_read_on_is_no_broken_file(model, name):
    rows = Path("in.jsonl").read_text().splitlines()[:SHARD]
    rows += [json.dumps({"text": "\U0001f600" * (1 << 22)}, ensure_ascii=False), rows[0]]
    content = "\n".join(rows).encode()
    Path(name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    code = (
        "import resource\n"
        "from pathlib import Path\n"
        "from spacy_lstm_sentiment.bulk.progress import Lines\n"
        "def starve(*args):\n"
        "    used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (used + 4_000_000, -1))\n"
        "Lines.add = starve\n"
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
    process.kill()
    process.wait()
    for child in children:
        # Gone, or no more than a name that nobody has asked after.
        stat = Path(f"/proc/{child}/stat")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            while stat.read_text().rpartition(")")[2].split()[0] != "Z":
                time.sleep(0.01)


def test_a_closed_pipe_is_no_error_to_speak_of(model):
    process = subprocess.Popen(
        command(model, "-"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.wait(timeout=PATIENCE)
    assert "Traceback" not in errors
    assert "Error" not in errors


def test_two_runs_at_once(model):
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
    assert_complete(model)


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize("shard", ["20", "2000"])
def test_files_that_cannot_grow(model, shard):
    done = run(*command(model), "--shard-size", shard, preexec_fn=limit_files)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: [Errno 27] File too large"
    assert not Path("out.csv").exists()
    done = run(*command(model), "--shard-size", shard)
    assert done.returncode == 3, done.stderr
    assert_complete(model)


AS_ROOT = ("sudo", "--non-interactive") if which("sudo") and os.getuid() else ()


def mount(*options: str) -> int:
    return run(*AS_ROOT, "mount", *options).returncode


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own with very little on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = f"size=400k,uid={os.getuid()}"
    if mount("-t", "tmpfs", "-o", options, "tmpfs", str(disk)):
        pytest.skip("needs root, or sudo without a password, to mount a small disk")
    yield disk
    run(*AS_ROOT, "umount", str(disk))


def test_a_full_disk(model, small_disk):
    output = str(small_disk / "out.csv")
    done = run(*command(model, output))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "Error: [Errno 28] No space left on device"
    assert n_parts(output) > 0
    assert mount("-o", "remount,size=4m", str(small_disk)) == 0
    done = run(*command(model, output))
    assert "Resuming: " in done.stderr
    assert Path(output).read_bytes() == expected(model)[0]


def test_a_folder_that_becomes_read_only(model, small_disk):
    assert mount("-o", "remount,size=4m,ro", str(small_disk)) == 0
    output = str(small_disk / "out.csv")
    done = run(*command(model, output))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: [Errno 30] Read-only file system")
    assert mount("-o", "remount,rw", str(small_disk)) == 0
    assert run(*command(model, output)).returncode == 3
    assert Path(output).read_bytes() == expected(model)[0]


def interrupted(model: str) -> None:
    process = start(command(model))
    wait_for_parts(process, 2)
    process.kill()
    process.wait()
    assert n_parts()


@pytest.mark.parametrize(
    ("change", "more", "reason"),
    [
        (None, ["--prefix", "p_"], "columns "),
        (None, ["--limit", "10"], "limit null, not 10"),
        (None, ["--neutral-band", "0.5"], "neutral-band null, not 0.5"),
        ("append", [], "in.jsonl as it was before it changed"),
        ("model", [], "another model"),
    ],
)
def test_another_run_is_not_resumed(model, change, more, reason):
    interrupted(model)
    if change == "append":
        with Path("in.jsonl").open("a") as file:
            file.write('\n{"text": "more"}')
    if change == "model":
        nlp = spacy.load(model)
        nlp.add_pipe("sentencizer")
        nlp.to_disk("other")
        model = "other"
    refused = run(*command(model), *more)
    assert refused.returncode == 1
    assert f"has parts of a run with {reason}" in refused.stderr
    assert "--no-resume" in refused.stderr
    done = run(*command(model), *more, "--no-resume")
    assert done.returncode == 3
    assert "Resuming" not in done.stderr
    assert not Path("out.csv.spacy-lstm-sentiment").exists()


START = """
import multiprocessing, spacy, sys
from spacy_lstm_sentiment import bulk

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.load(sys.argv[2])
    bulk.score(["in.jsonl"], "out.csv", nlp, n_process=2, batch_size=10, shard_size=1000)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_however_processes_are_started(model, method):
    Path("start.py").write_text(START)
    done = run(sys.executable, "start.py", method, model)
    assert done.returncode == 0, done.stderr
    assert_complete(model)


UNGUARDED = """
import multiprocessing, spacy, sys
from spacy_lstm_sentiment import bulk

multiprocessing.set_start_method({method!r}, force=True)
nlp = spacy.load({model!r})
# More than what a pipe holds: who starts a process waits until it has read that.
nlp.vocab.strings.add("x" * 1_000_000)
bulk.score(["in.jsonl"], {output!r}, nlp, n_process=2, shard_size=1000)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
@pytest.mark.parametrize("output", ["out.csv", "-"])
def test_a_script_without_a_guard_ends_and_is_told(model, method, output):
    Path("unguarded.py").write_text(UNGUARDED.format(method=method, model=model, output=output))
    done = run(sys.executable, "unguarded.py")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ChildProcessError: worker processes cannot start (exit code 1), ")
    assert '`if __name__ == "__main__":`' in last
    assert done.stdout == ""


UNKNOWN = """
import multiprocessing, spacy
from spacy import Language
from spacy_lstm_sentiment import bulk

if __name__ == "__main__":
    def known_here_alone(doc):
        return doc

    multiprocessing.set_start_method("spawn")
    Language.component("mine", func={function})
    nlp = spacy.load({model!r})
    nlp.add_pipe("mine")
    bulk.score(["in.jsonl"], "out.csv", nlp, n_process=2)
"""


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("lambda doc: doc", "the pipeline cannot be sent to other processes: "),
        ("known_here_alone", "the pipeline cannot be loaded in another process: "),
    ],
)
def test_a_pipeline_that_other_processes_cannot_have(model, function, message):
    Path("unknown.py").write_text(UNKNOWN.format(function=function, model=model))
    done = run(sys.executable, "unknown.py")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"spacy_lstm_sentiment.errors.InputError: {message}")
