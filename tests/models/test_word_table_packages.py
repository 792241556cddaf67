"""Words and vectors of a package that is installed, named in the config as a user names it."""

import subprocess
import sys

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from small_pipeline import make_vectors_nlp
from spacy.cli.train import train
from spacy.util import load_config
from training_files import write_training_files

from spacy_lstm_sentiment.models.word_table import table_in

NAME = "en_tiny_vectors"
TABLE = "components.lstm_sentiment.model.tok2vec.embed"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder of packages with one of vectors, which pip has installed."""
    folder = tmp_path_factory.mktemp("packages")
    nlp = make_vectors_nlp()
    nlp.vocab.vectors.data *= 2  # no other vectors of these tests
    nlp.to_disk(folder / "vectors")
    names = ["--name", "tiny_vectors", "--version", "1.0.0", "--build", "none"]
    python = [sys.executable, "-m"]
    make = [*python, "spacy", "package", folder / "vectors", folder, *names]
    subprocess.run(make, check=True, capture_output=True, timeout=600)
    install = [*python, "pip", "install", "--no-deps", "--no-build-isolation", "--no-index"]
    install += ["--quiet", "--target", folder / "site", folder / f"{NAME}-1.0.0"]
    subprocess.run(install, check=True, timeout=600)
    return folder / "site"


@pytest.fixture
def installed(site, monkeypatch):
    monkeypatch.syspath_prepend(site)
    assert spacy.util.is_package(NAME)


def trained(folder, changes):
    """A pipeline that `spacy train` has made with changes to its config."""
    write_training_files(folder)
    config = load_config(folder / "train.cfg")
    config["training"]["logger"] = {"@loggers": "spacy.ConsoleLogger.v1"}  # no extra is needed
    config.to_disk(folder / "train.cfg")
    train(folder / "train.cfg", folder / "output", overrides=changes)
    return spacy.load(folder / "output" / "model-last")


def assert_has_vectors_of_the_package(nlp):
    theirs = spacy.load(NAME).vocab
    table = table_in(nlp)
    keys = sorted(theirs.vectors.key2row)
    assert table.keys.tolist() == keys
    rows = [theirs.vectors.key2row[key] for key in keys]
    expected = theirs.vectors.data[rows].astype("float16")
    assert_array_equal(table.vectors[table.rows], expected)
    assert numpy.any(expected)


@pytest.mark.usefixtures("installed")
def test_the_tables_own_setting_takes_a_package_by_its_name(tmp_path):
    """And leaves the vectors of the vocab empty."""
    changes = {f"{TABLE}.vectors": NAME, "initialize.vectors": None}
    nlp = trained(tmp_path, changes)
    assert_has_vectors_of_the_package(nlp)
    assert nlp.vocab.vectors.n_keys == nlp.vocab.vectors.size == 0
    assert nlp("A great film!").cats["POSITIVE"] > 0.5


@pytest.mark.usefixtures("installed")
def test_the_pipelines_setting_takes_a_package_by_its_name(tmp_path):
    nlp = trained(tmp_path, {"initialize.vectors": NAME})
    assert_has_vectors_of_the_package(nlp)


def test_the_package_is_not_read_again_when_the_pipeline_is_loaded(tmp_path, site, monkeypatch):
    with monkeypatch.context() as patch:
        patch.syspath_prepend(site)
        changes = {f"{TABLE}.vectors": NAME, "initialize.vectors": None}
        expected = trained(tmp_path, changes)("A great film!").cats
        sys.modules.pop(NAME)
    assert not spacy.util.is_package(NAME)
    assert spacy.load(tmp_path / "output" / "model-last")("A great film!").cats == expected
