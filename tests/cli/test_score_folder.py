"""Runs of `score` into folders of parts, as processes that are killed: on a disk and on S3."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import spacy
import warm_start
from object_storage import s3_server
from spacy.training import Example

from spacy_lstm_sentiment.bulk.storage import Storage

N_ROWS = 1500
PATIENCE = 300  # seconds, for a machine that has others to serve


@pytest.fixture(scope="module")
def s3():
    with s3_server() as flaky:
        yield flaky


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    nlp = spacy.blank("en")
    bow = {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True}
    nlp.add_pipe("textcat", config={"model": {**bow, "ngram_size": 1, "no_output_layer": False}})
    cats = {"good": {"POSITIVE": 1.0, "NEGATIVE": 0.0}, "bad": {"POSITIVE": 0.0, "NEGATIVE": 1.0}}
    nlp.initialize(
        lambda: [Example.from_dict(nlp.make_doc(w), {"cats": c}) for w, c in cats.items()]
    )
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture(scope="module")
def lines():
    words = ["good ", "bad ", ""]
    return "\n".join(json.dumps({"id": n, "text": words[n % 3] * 50}) for n in range(N_ROWS))


@pytest.fixture
def output(request, tmp_path, monkeypatch, s3, lines):
    monkeypatch.chdir(tmp_path)
    Path("in.jsonl").write_text(lines)
    where = getattr(request, "param", "s3")
    return f"{tmp_path}/scored/" if where == "disk" else f"s3://bucket/{tmp_path.name}/"


@pytest.fixture(scope="module")
def expected(model, lines, tmp_path_factory):
    """The files that a run leaves which nothing disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "in.jsonl").write_text(lines)
    run(command(model, "scored/"), 3, cwd=folder)
    return files_of(f"{folder}/scored/")


def command(model: str, output: str, *more: str) -> list[str]:
    start = [sys.executable, "-m", "spacy_lstm_sentiment", "score", "in.jsonl", "--output", output]
    return [*start, "--model", model, "--shard-size", "20", "--n-process", "2", *more]


def run(args: list[str], expected: int, **options) -> str:
    args = [*warm_start.python(), *args[1:]]
    done = subprocess.run(args, capture_output=True, encoding="utf-8", timeout=PATIENCE, **options)
    assert done.returncode == expected, done.stderr
    return done.stderr


def files_of(output: str) -> dict[str, Any]:
    storage = Storage(output)
    files: dict[str, Any] = {name: storage.get(name) for name in storage.names()}
    if "_SUCCESS" in files:
        files["_SUCCESS"] = json.loads(files["_SUCCESS"])
        del files["_SUCCESS"]["run"]  # which pins the input, as each test has its own
    return files


def wait_for_parts(output: str, count: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + PATIENCE
    while sum(name.startswith("part-") for name in Storage(output).names()) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("how", "output"),
    [(signal.SIGKILL, "disk"), (signal.SIGKILL, "s3"), (signal.SIGINT, "s3")],
    indirect=["output"],
)
def test_a_run_that_is_killed_goes_on_to_the_same_bytes(how, output, model, expected):
    process = subprocess.Popen(
        command(model, output),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for_parts(output, 5, process)
    if how is signal.SIGKILL:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, said = process.communicate(timeout=PATIENCE)
    if how is signal.SIGINT:
        assert "Traceback" not in said
        assert f"the parts in {output} are whole: give the same command again" in said
    assert "_SUCCESS" not in files_of(output)
    assert "Resuming" in run(command(model, output), 3)
    assert files_of(output) == expected


def test_shares_of_several_machines_and_a_last_command(output, model, expected):
    shares = [
        subprocess.Popen(command(model, output, "--quiet", "--part", f"{n}/2")) for n in (2, 1)
    ]
    assert [share.wait(PATIENCE) for share in shares] == [3, 3]
    said = run(command(model, output, "--finish"), 3)
    assert f"Rejected {N_ROWS // 3:,} rows: {output}_rejects/" in said
    assert files_of(output) == expected
