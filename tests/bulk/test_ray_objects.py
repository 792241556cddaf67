"""Runs on a Ray cluster without any shared folder: splits are read from an S3 server on loopback,
and parts are put there, whatever of the cluster is killed meanwhile."""

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

import fsspec
import pytest
import srsly
from loopback_cluster import add_node, kill_node, loopback_cluster, processes
from object_storage import s3_server
from platforms import linux
from ray_runs import actor_at_work, finish, raylet_of, run

from spacy_lstm_sentiment.bulk.storage import Storage

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(find_spec("ray") is None, reason='needs Ray: pip install ".[ray]"'),
    linux,
]

CORPUS = Path(__file__).parents[2] / "corpus" / "test.jsonl"
N_FILES, N_ROWS = 4, 600
DONE = "_spacy-lstm-sentiment/done"


@pytest.fixture(scope="module")
def bucket():
    """Input of several files, of which each is several splits."""
    with s3_server() as server:
        texts = cycle(row["text"] for row in srsly.read_jsonl(CORPUS))
        files = fsspec.filesystem("s3")
        for name in range(N_FILES):
            lines = [json.dumps({"id": n, "text": next(texts)}) for n in range(N_ROWS)]
            lines[100 * name + 7] = "broken"
            files.pipe(f"bucket/in/{name}.jsonl", "\n".join(lines).encode())
        yield server


@pytest.fixture(scope="module")
def cluster(bucket, tmp_path_factory):
    with loopback_cluster(tmp_path_factory.mktemp("packages")) as cluster:
        yield cluster


def command(output: str, *more: str) -> list[str]:
    start = [sys.executable, "-m", "spacy_lstm_sentiment", "score", "s3://bucket/in/"]
    sizes = ["--shard-size", "20", "--batch-size", "10"]
    return [*start, "--output", output, *sizes, "--json", *more]


def files_of(output: str) -> dict[str, bytes]:
    storage = Storage(output)
    return {name: storage.get(name) for name in storage.names()}


@pytest.fixture(scope="module")
def expected(bucket):
    """What one process of this machine makes of the rows."""
    done = run(*command("s3://bucket/expected/"))
    assert done.returncode == 3, done.stderr
    found = files_of("s3://bucket/expected/")
    lines = [json.loads(v)["line"] for name, v in sorted(found.items()) if "_rejects" in name]
    assert lines == [100 * name + 8 for name in range(N_FILES)]
    return found


def begin(output: str, *more: str) -> subprocess.Popen:
    """A run that has some parts, and is under way still."""
    args = command(output, "--engine", "ray", *more)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(args, **pipes, encoding="utf-8")
    while process.poll() is None and len(Storage(output).names(DONE)) < 3:
        pass
    assert process.poll() is None, process.communicate()
    return process


def assert_complete(output: str, expected: dict[str, bytes], done: tuple[int, str, str]) -> None:
    code, out, err = done
    assert code == 3, err
    assert json.loads(out)["rejected"] == N_FILES
    assert files_of(output) == expected


def test_actors_read_and_the_command_does_not(bucket, cluster, expected):
    output = "s3://bucket/read/"
    del bucket.requests[:]
    done = run(*command(output, "--engine", "ray"))
    assert_complete(output, expected, (done.returncode, done.stdout, done.stderr))
    # From an input's object: its first bytes to know it and to look for its columns, and then
    # each of its splits once.
    n_splits = sum(1 for name in expected if name.startswith("part-"))
    gets = [path for method, path in bucket.requests if method == "GET" and "/in/" in path]
    assert len(gets) < n_splits + 8 * N_FILES


def test_an_actor_that_is_killed(cluster, expected):
    output = "s3://bucket/actor/"
    process = begin(output, "--quiet")
    os.kill(actor_at_work(), signal.SIGKILL)
    assert_complete(output, expected, finish(process))


def test_a_node_that_is_killed(cluster, expected):
    output = "s3://bucket/node/"
    process = begin(output)
    kill_node(cluster, raylet_of(actor_at_work()))
    done = finish(process)
    add_node(cluster)
    assert_complete(output, expected, done)


def test_a_driver_that_is_killed(cluster, expected):
    output = "s3://bucket/driver/"
    process = begin(output)
    with process:
        process.kill()
    while processes("ray::Actor"):
        pass
    assert "_SUCCESS" not in files_of(output)
    done = run(*command(output, "--engine", "ray"))
    assert "Resuming: " in done.stderr
    assert_complete(output, expected, (done.returncode, done.stdout, done.stderr))


def test_a_server_that_throttles_and_fails_now_and_then(bucket, cluster, expected):
    output = "s3://bucket/throttled/"
    count = iter(range(10**9))
    bucket.fail = lambda method, path: "503 Slow Down" if next(count) % 5 == 0 else None
    try:
        done = run(*command(output, "--engine", "ray"))
    finally:
        bucket.heal()
    assert_complete(output, expected, (done.returncode, done.stdout, done.stderr))
