"""Runs of `score` on a Ray cluster of three nodes, whose parts are killed in mid-run."""

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path

import pytest
import srsly
from loopback_cluster import add_node, kill_node, loopback_cluster, processes
from platforms import linux
from ray_runs import (
    FAULTY,
    N_ROWS,
    SHARD,
    actor_at_work,
    assert_complete,
    finish,
    last,
    local,
    n_done,
    on_ray,
    parts,
    raylet_of,
    run,
    start,
)

import spacy_lstm_sentiment

pytestmark = [
    pytest.mark.ray,
    pytest.mark.skipif(find_spec("ray") is None, reason='needs Ray: pip install ".[ray]"'),
    linux,
]

CORPUS = Path(__file__).parents[2] / "corpus" / "test.jsonl"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    (folder / "faulty.py").write_text(FAULTY)
    info = folder / "faulty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faulty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[spacy_factories]\nfaulty = faulty:make\n")
    return folder


@pytest.fixture(scope="module")
def cluster(packages):
    with loopback_cluster(packages) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def model(cluster, packages, tmp_path_factory):
    """Our pipeline, and a component of its own that the nodes find by its entry point."""
    runpy.run_path(str(packages / "faulty.py"))  # spaCy has looked for entry points already
    nlp = spacy_lstm_sentiment.load()
    nlp.add_pipe("faulty")
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture(scope="module")
def lines():
    texts = [row["text"] for row in srsly.read_jsonl(CORPUS)]
    lines = [
        json.dumps({"id": n, "text": f"{n}. {t}"}) for n, t in zip(range(N_ROWS), cycle(texts))
    ]
    lines[7] = lines[333] = "broken"
    return lines


@pytest.fixture(autouse=True)
def _in_a_folder_with_input(tmp_path, monkeypatch, lines):
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text("\n".join(lines))


@pytest.fixture(scope="module")
def expected(model, lines, tmp_path_factory):
    """What a run on this machine alone makes of the rows: output, rejects, summary."""
    folder = tmp_path_factory.mktemp("expected")
    (folder / "in.jsonl").write_text("\n".join(lines))
    done = run(*local(model), cwd=folder)
    assert done.returncode == 3, done.stderr
    files = [(folder / f"out.csv{end}").read_bytes() for end in ("", ".rejects.jsonl")]
    return *files, json.loads(done.stdout)


def test_an_actor_that_is_killed(model, expected):
    process = start(on_ray(model, "--quiet"), n_parts=3)
    os.kill(actor_at_work(), signal.SIGKILL)
    code, out, err = finish(process)
    assert err == ""
    assert_complete(expected, code, out, err)


def test_a_node_that_is_killed(model, expected, cluster):
    process = start(on_ray(model), n_parts=3)
    kill_node(cluster, raylet_of(actor_at_work()))
    code, out, err = finish(process)
    add_node(cluster)
    assert_complete(expected, code, out, err)


@pytest.mark.parametrize("options", [[], ["--num-actors", "3"]])
def test_actors_join_while_a_run_goes_on(model, lines, cluster, options):
    marker = Path("go").absolute()
    row = json.dumps({"id": 0, "text": f"wait {marker}"})
    Path("in.jsonl").write_text("\n".join([row, *lines[8:300]]))
    process = start(on_ray(model, *options), n_parts=1)
    add_node(cluster)
    while process.poll() is None and len(processes("ray::Actor")) < 3:
        time.sleep(0.05)
    raylets = {raylet_of(pid) for pid in processes("ray::Actor")}
    marker.touch()
    code, out, err = finish(process)
    kill_node(cluster, raylets.pop())
    assert (code, len(raylets)) == (0, 2), err
    assert ("There is room for 2 of 3 actors" in err) == bool(options)
    assert json.loads(out)["rows"] == 293


def test_a_driver_that_is_killed(model, expected):
    process = start(on_ray(model), n_parts=3)
    with process:
        process.kill()
    end = time.monotonic() + 120
    while processes("ray::Actor") and time.monotonic() < end:
        time.sleep(0.05)
    assert not processes("ray::Actor")
    assert parts()
    assert not Path("out.csv").exists()
    done = run(*on_ray(model))
    assert "Resuming: " in done.stderr
    assert_complete(expected, done.returncode, done.stdout, done.stderr)


def test_a_driver_that_is_asked_to_end(model):
    process = start(on_ray(model), n_parts=1)
    process.terminate()
    code, _, err = finish(process)
    assert code == 128 + signal.SIGTERM
    assert last(err).startswith(
        "Error: interrupted; what is done is in out.csv.spacy-lstm-sentiment: give the"
    )
    assert "Traceback" not in err


def test_a_document_that_kills_every_actor_is_left_for_another_engine(model, expected, lines):
    Path("in.jsonl").write_text("\n".join([*lines[:50], '{"id": 0, "text": "kill"}', *lines[50:]]))
    done = run(*on_ray(model))
    assert (done.returncode, done.stdout) == (1, "")
    assert last(done.stderr).startswith("Error: rows 41 to 60 have failed 3 times: ")
    assert n_done() == N_ROWS + 1 - SHARD
    done = run(*local(model))
    assert f"Resuming: {N_ROWS + 1 - SHARD:,} rows are done" in done.stderr
    assert Path("out.csv").read_bytes() == expected[0]
    assert b"the document ends the process" in Path("out.csv.rejects.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("text", "size", "reason"),
    [
        ("hang", 20, "rows 41 to 60 have failed 3 times: no result in time; or raise --timeout"),
        (
            "hungry",
            2,
            "rows 5 to 5 of split 5 have failed 3 times: no memory for the document: RuntimeErr",
        ),
    ],
)
def test_a_document_too_much_for_any_actor_is_left_alone(model, lines, text, size, reason):
    row = json.dumps({"id": 0, "text": text})
    Path("in.jsonl").write_text("\n".join([*lines[:50], row, *lines[50:200]]))
    done = run(*on_ray(model, "--timeout", "8", "--shard-size", str(size)))
    assert (done.returncode, done.stdout) == (1, "")
    assert last(done.stderr).startswith(f"Error: {reason}")
    assert n_done() == (200 if text == "hungry" else 201 - size)


def test_values_nested_however_deep(model, lines):
    deep = '{"id": 0, "text": "good", "more": %s}' % ("[" * 500 + "]" * 500)
    Path("in.jsonl").write_text("\n".join([*lines[8:28], deep, *lines[28:48]]))
    done = run(*on_ray(model, output="out.jsonl"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 41


def test_standard_output_has_rows_in_order_and_nothing_else(model):
    rows = [{"id": n, "text": f"good {n}"} for n in range(200)]
    rows[90]["text"] = f"once {Path('marker').absolute()}"
    Path("in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    done = run(*on_ray(model, "--num-actors", "1", output="-"))
    assert Path("marker").exists()
    assert done.returncode == 0
    assert json.loads(last(done.stderr))["rows"] == len(rows)
    assert done.stdout == run(*local(model, output="-")).stdout


def test_a_folder_that_nodes_do_not_share(model):
    done = run(*on_ray(model, output="/proc/self/cwd/out.csv"))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: node ")
    assert ": does not see /proc/self/cwd/out.csv.spacy-lstm-sentiment/" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["in.jsonl"]


HOLD = """
import ray, sys
ray.init()
actors = [ray.remote(num_cpus=1)(type("Holder", (), {})).remote() for _ in range(2)]
ray.wait([actor.__ray_ready__.remote() for actor in actors], num_returns=2)
print(flush=True)
sys.stdin.read()
"""
IMPATIENT = """
from spacy_lstm_sentiment.bulk.engines import ray_actors
ray_actors.START_TIMEOUT = 2.0
from spacy_lstm_sentiment.cli import main; main()
"""


def test_a_cluster_that_others_use(model):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", HOLD], **pipes) as holder:
        holder.stdout.readline()
        done = run(sys.executable, "-c", IMPATIENT, *on_ray(model)[3:])
        holder.stdin.close()
    assert done.returncode == 1
    assert done.stderr.startswith(
        "Error: no actor has started within 2 seconds; the cluster has 0 free CPUs and 0 free GPUs"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--num-gpus-per-actor", "1"],
            "the cluster has no room for an actor of 1 CPU and 1 GPU: it has 2 CPUs and 0 GPUs",
        ),
        (["--address", "127.0.0.1:1"], "127.0.0.1:1: no Ray cluster answers there: "),
        (["--address", "ray://127.0.0.1:1"], "ray://127.0.0.1:1: not the address of a Ray "),
    ],
)
def test_a_cluster_that_will_not_do(model, options, message):
    done = run(*on_ray(model, *options))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {message}")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["in.jsonl"]


def test_without_the_token(model, monkeypatch):
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    done = run(*on_ray(model))
    assert done.returncode == 1
    head = os.environ["RAY_ADDRESS"]
    assert last(done.stderr).startswith(f"Error: {head}: no Ray cluster to work with: ")
    assert "Authentication token is missing or incorrect" in last(done.stderr)
    assert done.stderr.count("\n") <= 2  # Ray has a line of its own
