"""Which runs are resumed, and which are not."""

import shutil
from pathlib import Path

import pytest
import spacy
from faulty_runs import command, n_parts, run, start, wait_for_parts, write_input
from platforms import linux

pytestmark = linux


@pytest.fixture(scope="module")
def interrupted(bow_model, tmp_path_factory):
    """The folder of a run that was killed."""
    folder = tmp_path_factory.mktemp("interrupted")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_input()
        process = start(command(bow_model))
        wait_for_parts(process, 2)
        with process:
            process.kill()
        assert n_parts()
    return folder


@pytest.fixture(autouse=True)
def _in_a_copy(interrupted, tmp_path, monkeypatch):
    shutil.copytree(interrupted, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


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
def test_another_run_is_not_resumed(bow_model, change, more, reason):
    if change == "append":
        with Path("in.jsonl").open("a") as file:
            file.write('\n{"text": "more"}')
    model = bow_model
    if change == "model":
        nlp = spacy.load(model)
        nlp.add_pipe("sentencizer")
        nlp.to_disk("other")
        model = "other"
    before = n_parts()
    refused = run(*command(model), *more)
    assert refused.returncode == 1
    assert f"has parts of a run with {reason}" in refused.stderr
    assert "--no-resume" in refused.stderr
    assert n_parts() == before


def test_another_run_that_is_to_begin_anew(bow_model):
    done = run(*command(bow_model), "--prefix", "p_", "--no-resume")
    assert done.returncode == 3
    assert "Resuming" not in done.stderr
    assert not Path("out.csv.spacy-lstm-sentiment").exists()


def test_the_same_run_is_resumed(bow_model, whole):
    done = run(*command(bow_model))
    assert done.returncode == 3
    assert "Resuming" in done.stderr
    assert Path("out.csv").read_bytes() == whole[0]
