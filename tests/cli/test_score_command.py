import json
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
import typer
import warm_start
from spacy.training import Example
from typer.testing import CliRunner

import spacy_lstm_sentiment
from spacy_lstm_sentiment.cli.score import score
from spacy_lstm_sentiment.errors import InputError

BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 1,
    "no_output_layer": False,
}


@pytest.fixture(scope="module")
def nlp():
    """spaCy's own classifier, which any process can load, trained on two words."""
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat", config={"model": BAG_OF_WORDS})
    cats = {"good": {"POSITIVE": 1.0, "NEGATIVE": 0.0}, "bad": {"POSITIVE": 0.0, "NEGATIVE": 1.0}}
    examples = [Example.from_dict(nlp.make_doc(w), {"cats": c}) for w, c in cats.items()] * 8
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(20):
        nlp.update(examples, sgd=optimizer)
    return nlp


@pytest.fixture(scope="module")
def model(nlp, tmp_path_factory):
    path = tmp_path_factory.mktemp("model")
    nlp.to_disk(path)
    return str(path)


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text('{"id": 1,"text": "good"}\n{"id": 2,"text": "bad"}\n')
    Path("bad.jsonl").write_text('{"text": "good"}\noops\n')


def run(*args: str, stdin: str | None = None):
    app = typer.Typer()
    app.command()(score)
    return CliRunner().invoke(app, args, input=stdin)


def spawn(*args: str, stdin: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [*warm_start.python(), "-m", "spacy_lstm_sentiment", "score", *args],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def labels(text: str) -> list[str]:
    return [json.loads(line)["label"] for line in text.splitlines()]


def test_scores_a_file_and_says_so(model):
    result = run("a.jsonl", "--output", "out.jsonl", "--model", model)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("Scored 2 rows, ")
    assert "50.0% POSITIVE, 50.0% NEGATIVE; mean score 0.5" in result.stderr
    lines = Path("out.jsonl").read_text().splitlines()
    assert lines[0].startswith('{"id": 1,"text": "good", "label": "POSITIVE", "score": 0.')
    assert labels(Path("out.jsonl").read_text()) == ["POSITIVE", "NEGATIVE"]


def test_the_packages_own_pipeline_is_the_default(nlp, monkeypatch):
    monkeypatch.setattr(spacy_lstm_sentiment, "load", lambda: nlp)
    assert run("a.jsonl", "--output", "-").exit_code == 0


def test_rejects_make_the_exit_code_3(model):
    result = run("bad.jsonl", "--output", "out.csv", "--model", model)
    assert result.exit_code == 3
    assert "Rejected 1 rows: out.csv.rejects.jsonl\n  1 broken JSON\n" in result.stderr
    assert Path("out.csv.rejects.jsonl").exists()


def test_options_reach_the_run(model):
    Path("b.csv").write_text("body\ngood\nbad\n" * 20)
    args = ["b.csv", "--text-field", "body", "--n-process", "2", "--batch-size", "3"]
    assert run(*args, "--output", "new/out.tsv.gz", "--model", model).exit_code == 0
    assert run(*args, "--output", "new/out.tsv.gz", "--model", model, "--force").exit_code == 0
    assert Path("new/out.tsv.gz").exists()


def test_a_summary_for_machines(model):
    result = run("bad.jsonl", "--output", "out.jsonl", "--model", model, "--json", "--quiet")
    assert (result.exit_code, result.stderr) == (3, "")
    summary = json.loads(result.stdout)
    assert (summary["rows"], summary["labels"]) == (1, {"POSITIVE": 1})
    assert (summary["rejected"], summary["rejects"]) == (1, {"broken JSON": 1})
    result = run("a.jsonl", "--output", "-", "--model", model, "--json")
    assert json.loads(result.stderr)["output"] == "standard output"
    assert labels(result.stdout) == ["POSITIVE", "NEGATIVE"]


def test_a_dry_run_and_a_quiet_one(model):
    result = run("a.jsonl", "--output", "out.jsonl", "--model", model, "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Scored 2 rows" in result.stderr
    assert not Path("out.jsonl").exists()
    assert run("a.jsonl", "--output", "out.jsonl", "--model", model, "--quiet").output == ""


def test_standard_input_to_standard_output(model):
    done = spawn("-", "--output", "-", "--model", model, stdin='{"text":"good é"}\n{"text":1}\n')
    assert done.returncode == 3
    assert done.stdout.startswith('{"text":"good é", "label": "POSITIVE", "score": ')
    assert done.stdout.count("\n") == 1
    reject, *summary = done.stderr.splitlines()
    assert (json.loads(reject)["source"], json.loads(reject)["line"]) == ("-", 2)
    assert summary[0].endswith("rows/s: standard output")
    assert summary[2:] == ["Rejected 1 rows: standard error", '  1 field "text" is no text']


def test_plain_text_on_standard_input(model):
    done = spawn("-", "--output", "-", "--model", model, stdin="good\nbad\n")
    assert done.returncode == 0
    assert labels(done.stdout) == ["POSITIVE", "NEGATIVE"]


def test_a_reader_that_leaves_early_is_no_traceback(model):
    Path("many.txt").write_text("good\n" * 20_000)
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "score", "many.txt", "--output", "-"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([*command, "--model", model], **pipes) as process:
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() == 1


def test_an_error_is_one_line(model):
    done = spawn("gone.csv", "--output", "out.csv", "--model", model)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: gone.csv: no such file\n"
    assert sorted(path.name for path in Path().iterdir()) == ["a.jsonl", "bad.jsonl"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--model", "nowhere"], "nowhere cannot be loaded: "),
        (["--model", "."], ". cannot be loaded: "),
        (["--gpu-id", "99"], "--gpu-id 99: "),
    ],
)
def test_models_and_gpus_that_are_not_there(args, message):
    result = run("a.jsonl", "--output", "out.csv", *args)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(message)
    assert "\n" not in str(result.exception)


def test_ray_that_is_not_installed(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    result = run("a.jsonl", "--output", "out.csv", "--model", model, "--engine", "ray")
    assert isinstance(result.exception, InputError)
    assert str(result.exception).endswith('pip install "spacy-lstm-sentiment[ray]"')
    assert not Path("out.csv.spacy-lstm-sentiment").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["a.jsonl"],
        ["--output", "out.csv"],
        ["a.jsonl", "--output", "out.csv", "--n-process", "0"],
        ["a.jsonl", "--output", "out.csv", "--batch-size", "0"],
        ["a.jsonl", "--output", "out.csv", "--gpu-id", "-2"],
        ["a.jsonl", "--output", "out.csv", "--gpu-id", "0", "--n-process", "2"],
        ["a.jsonl", "--output", "out.csv", "--num-actors", "2"],
        ["a.jsonl", "--output", "out.csv", "--num-cpus-per-actor", "1"],
        ["a.jsonl", "--output", "out.csv", "--num-gpus-per-actor", "0"],
        ["a.jsonl", "--output", "out.csv", "--address", "head:6379"],
        ["a.jsonl", "--output", "out.csv", "--engine", "ray", "--n-process", "2"],
        ["a.jsonl", "--output", "out.csv", "--engine", "ray", "--gpu-id", "0"],
    ],
)
def test_wrong_usage_exits_with_2(args):
    assert run(*args).exit_code == 2
    assert not Path("out.csv").exists()


def test_rows_without_a_text_are_rejected_or_kept(model):
    Path("a.csv").write_text("id,text\n1,good\n2,\n3,  \n")
    result = run("a.csv", "--output", "out.csv", "--model", model)
    assert result.exit_code == 3
    assert "2 no text" in result.stderr
    args = ("a.csv", "--output", "out.csv", "--model", model, "--force", "--keep-empty", "--json")
    result = run(*args)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["empty"] == 2
    assert Path("out.csv").read_text().splitlines()[2:] == ["2,,,,", "3,  ,,,"]
