"""Worker processes of whole runs that are stuck, cannot start, or print."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

N_ROWS = 400
SHARD = 20
TEXTS = [f"good {n}" if n % 2 else f"bad {n}" for n in range(N_ROWS)]
PATIENCE = 600  # seconds, for a machine that has others to serve

# A run of a pipeline that obeys its documents.
SCRIPT = """
import os, re, resource, signal, sys, time
from pathlib import Path
import spacy
from spacy import Language
from spacy_lstm_sentiment import bulk, cli


@Language.component("obedient")
def obey(doc):
    if doc.text.startswith("print"):
        print("printed")
    if doc.text.startswith("loop"):
        Path(f"stuck.{os.getpid()}").touch()
        while True:
            pass
    if doc.text.startswith("search"):  # in C, and nothing else of Python may run meanwhile
        Path(f"stuck.{os.getpid()}").touch()
        re.search("(a*)*b", "a" * 60)
    if doc.text.startswith("once") and not Path("once").exists():
        Path("once").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    while doc.text.startswith("later") and Path("wait").exists():
        time.sleep(0.01)
    positive = float("good" in doc.text)
    doc.cats = {"POSITIVE": positive, "NEGATIVE": 1 - positive}
    return doc

nlp = spacy.blank("en")
nlp.add_pipe("obedient")
sys.modules["spacy_lstm_sentiment.cli.score"].load_pipeline = lambda model: nlp
"""
MAIN = "cli.main()\n"
# Forks fail once there have been so many; root has to be somebody else for that.
NO_FORKS = """
Path("good.jsonl").write_text('{{"text": "good"}}')
bulk.score(["good.jsonl"], "good.csv", nlp, n_process=2, force=True)  # imports all there is
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)

n_forks = 0

def limit():
    global n_forks
    n_forks += 1
    if n_forks > {most}:
        resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))

limit()
os.register_at_fork(after_in_parent=limit)
"""


@pytest.fixture(autouse=True)
def _in_a_folder_with_input(monkeypatch):
    with TemporaryDirectory() as folder:  # whose parents anybody may pass, unlike tmp_path's
        Path(folder).chmod(0o777)
        monkeypatch.chdir(folder)
        write(TEXTS)
        yield
        monkeypatch.undo()


def write(texts) -> None:
    rows = [json.dumps({"id": n, "text": text}) for n, text in enumerate(texts)]
    Path("in.jsonl").write_text("\n".join(rows))


def command(script: str, *more: str, output: str = "out.csv") -> list[str]:
    Path("run.py").write_text(SCRIPT + script)
    files = ["score", "in.jsonl", "--output", output]
    return [sys.executable, "run.py", *files, "--n-process", "2", "--shard-size", str(SHARD), *more]


def run(*args: str) -> subprocess.CompletedProcess:
    return subprocess.run(args, capture_output=True, encoding="utf-8", timeout=PATIENCE)


def parts() -> list[Path]:
    return sorted(Path("out.csv.spacy-lstm-sentiment").glob("*/*.part"))


def is_alive(pid: int) -> bool:
    """Whether a process is more than a name that nobody has asked after."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels have no such signal")
@pytest.mark.parametrize("text", ["loop", "search"])
def test_workers_that_are_stuck_end_with_a_run_that_is_killed(text):
    write([text, *["good"] * 30, text])
    process = subprocess.Popen(command(MAIN))
    while len(stuck := list(Path().glob("stuck.*"))) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    pids = [int(path.suffix[1:]) for path in stuck]
    assert all(map(is_alive, pids))
    process.kill()
    process.wait()
    while any(map(is_alive, pids)):
        time.sleep(0.01)


@pytest.mark.parametrize("most", [1, 2])
def test_a_run_goes_on_with_the_workers_that_can_be_started(most):
    write([*TEXTS[:50], f"once {TEXTS[50]}", *TEXTS[51:]] if most == 2 else TEXTS)
    done = run(*command(NO_FORKS.format(most=most) + MAIN, "--json"))
    assert done.returncode == 0, done.stderr
    assert Path("once").exists() == (most == 2)
    lines = Path("out.csv").read_text().splitlines()[1:]
    assert [line.split(",")[2] for line in lines] == ["NEGATIVE", "POSITIVE"] * (N_ROWS // 2)


def test_a_run_that_can_start_no_worker_ends_in_one_line_and_keeps_its_parts():
    write([*TEXTS[:-1], f"later {TEXTS[-1]}"])
    Path("wait").touch()
    process = subprocess.Popen(command(NO_FORKS.format(most=9) + MAIN))
    while len(parts()) < 5:
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    process.wait()
    before = parts()
    Path("wait").unlink()
    done = run(*command(NO_FORKS.format(most=0) + MAIN))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: worker processes cannot start ([Errno 11] ")
    assert "Traceback" not in done.stderr
    assert parts() == before
    done = run(*command(NO_FORKS.format(most=9) + MAIN))
    assert done.returncode == 0, done.stderr
    assert f"Resuming: {len(before) * SHARD:,} rows are done" in done.stderr
    assert Path("out.csv").read_text().count("\n") == 1 + N_ROWS


@pytest.mark.parametrize("n_process", ["1", "2"])
def test_what_a_component_prints_is_not_among_the_rows(n_process):
    write(["print"] * 50)
    done = run(*command(MAIN, "--n-process", n_process, "--quiet", output="-"))
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(50))
    assert done.stderr.count("printed") == 50
