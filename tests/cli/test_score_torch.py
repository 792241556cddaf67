"""`score` in processes of its own, none of which imports torch unless something wants it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from small_pipeline import WIDTH, make_examples, train_small

import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk

TEXTS = [
    "A lovely day, and so much fun.",
    "It broke on the first day. I could cry.",
    "Please send me the invoice.",
    "",
    "<p>Grrreat &amp; <b>good</b></p>",
] * 30
NATIVE = "spacy_lstm_sentiment.models.kernels._lstm"

# The command in a process that starts as it does. Which modules it imports is told on standard
# error by Python itself, of its workers as well.
COMMAND = """
import multiprocessing, sys
from spacy_lstm_sentiment.cli import main

if __name__ == "__main__":
    if {method!r}:
        multiprocessing.set_start_method({method!r})
    main()
"""
WITHOUT_KERNEL = f"import sys\nsys.modules[{NATIVE!r}] = None\n"


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """Files of the same rows, in the folder where commands run."""
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")
    monkeypatch.chdir(tmp_path)
    records = [{"id": n, "text": text} for n, text in enumerate(TEXTS)]
    Path("in.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    with Path("in.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text"])
        writer.writeheader()
        writer.writerows(records)
    parquet.write_table(pyarrow.Table.from_pylist(records), "in.parquet")
    return tmp_path


def score(source, *options, method="", prelude="", **environment):
    """Run the command; gives whether torch was imported, and what it said."""
    Path("command.py").write_text(prelude + COMMAND.format(method=method))
    result = subprocess.run(
        [sys.executable, "command.py", "score", source, "--keep-empty", *options],
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = result.stderr.splitlines()
    imported = {
        line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")
    }
    said = "\n".join(line for line in lines if not line.startswith("import time:"))
    assert "spacy" in imported, said
    assert result.returncode == 0, said
    return "torch._C" in imported  # that torch was asked for is told as well


def scored_here(source, **options):
    """What a library's call gives, in this process, which has torch."""
    target = Path(f"here{Path(source).suffix}")
    nlp = options.pop("nlp", None) or spacy_lstm_sentiment.load()
    bulk.score([source], target, nlp, keep_empty=True, force=True, quiet=True, **options)
    return target.read_bytes()


@pytest.fixture
def _compiled():
    pytest.importorskip(NATIVE, reason="not compiled: python setup.py build_ext --inplace")


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("n_process", ["1", "2"])
@pytest.mark.parametrize("suffix", ["jsonl", "csv", "parquet"])
def test_the_pipeline_that_ships_needs_no_torch(rows, suffix, n_process):
    source, target = f"in.{suffix}", f"out.{suffix}"
    assert not score(source, "--output", target, "--n-process", n_process, "--shard-size", "50")
    assert Path(target).read_bytes() == scored_here(source)


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_that_begin_anew_import_none_either(rows, method):
    options = ("--output", "out.jsonl", "--n-process", "2", "--shard-size", "50")
    assert not score("in.jsonl", *options, method=method)
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl")


@pytest.mark.usefixtures("_compiled")
@pytest.mark.parametrize("n_process", ["1", "2"])
def test_sentences_need_none(rows, n_process):
    options = ("--output", "out.jsonl", "--per-sentence", "--n-process", n_process)
    assert not score("in.jsonl", *options)
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl", per_sentence=True)


@pytest.mark.usefixtures("_compiled")
def test_a_pipeline_of_ones_own_needs_none(rows, trained_nlp):
    trained_nlp.to_disk("model")
    assert not score("in.jsonl", "--output", "out.jsonl", "--model", "model")
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl", nlp=spacy.load("model"))


@pytest.mark.parametrize("n_process", ["1", "2"])
def test_explanations_import_it(rows, n_process):
    options = ("--output", "out.jsonl", "--explain", "3", "--limit", "3", "--n-process", n_process)
    assert score("in.jsonl", *options)
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl", explain=3, limit=3)


@pytest.mark.parametrize("n_process", ["1", "2"])
@pytest.mark.parametrize(
    ("prelude", "kernel"), [("", "torch"), (WITHOUT_KERNEL, "")], ids=["forced", "not compiled"]
)
def test_torch_reads_where_it_has_to(rows, monkeypatch, prelude, kernel, n_process):
    options = ("--output", "out.jsonl", "--n-process", n_process)
    name = "SPACY_LSTM_SENTIMENT_KERNEL"
    assert score("in.jsonl", *options, prelude=prelude, **{name: kernel})
    monkeypatch.setenv(name, "torch")
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl")


TORCH_ENCODER = {
    "@architectures": "spacy.TorchBiLSTMEncoder.v1",
    "width": WIDTH,
    "depth": 1,
    "dropout": 0.0,
}


def test_layers_of_spacy_that_are_torchs_work(rows, vectors_nlp):
    """Their config looks as if there were none; Thinc is told of torch as they import it."""
    encode = {"tok2vec": {"encode": TORCH_ENCODER}}
    vectors_nlp.add_pipe("lstm_sentiment", config={"model": encode})
    train_small(vectors_nlp, make_examples(vectors_nlp), steps=2)
    vectors_nlp.to_disk("model")
    assert score("in.jsonl", "--output", "out.jsonl", "--model", "model")
    assert Path("out.jsonl").read_bytes() == scored_here("in.jsonl", nlp=spacy.load("model"))


PACKAGE = '''
import numpy
from spacy import Language
from thinc.api import xp2torch


@Language.factory("shouting")
class Shouting:
    """Asks Thinc for torch, and never imports it."""

    def __init__(self, nlp, name):
        self.total = xp2torch(numpy.ones(3, "f")).sum().item()

    def __call__(self, doc):
        assert self.total == 3
        return doc
'''


def test_components_of_others_have_torch_from_the_start(rows, trained_nlp):
    Path("shouting.py").write_text(PACKAGE)
    about = Path("shouting-1.dist-info")
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shouting\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[spacy_factories]\nshouting = shouting:Shouting\n")
    trained_nlp.to_disk("model")
    expected = scored_here("in.jsonl", nlp=spacy.load("model"))
    config = spacy.util.load_config("model/config.cfg")
    config["nlp"]["pipeline"].append("shouting")
    config["components"]["shouting"] = {"factory": "shouting"}
    config.to_disk("model/config.cfg")
    options = ("--output", "out.jsonl", "--model", "model", "--n-process", "1")
    assert score("in.jsonl", *options, PYTHONPATH=str(rows))
    assert Path("out.jsonl").read_bytes() == expected
