"""Runs from Python, however it starts its processes."""

import sys
from pathlib import Path

import pytest
from faulty_runs import assert_complete, run
from platforms import linux

pytestmark = [linux, pytest.mark.usefixtures("_with_input")]


@pytest.fixture(name="model")
def _model(bow_model):
    return bow_model


START = """
import multiprocessing, spacy, sys
from spacy_lstm_sentiment import bulk

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.load(sys.argv[2])
    bulk.score(["in.jsonl"], "out.csv", nlp, n_process=2, batch_size=10, shard_size=1000)
"""


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_however_processes_are_started(model, method, whole):
    Path("start.py").write_text(START)
    done = run(sys.executable, "start.py", method, model)
    assert done.returncode == 0, done.stderr
    assert_complete(whole)


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
