"""spaCy's own commands with our configurations, on the corpus of our own."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.util import load_config, load_model_from_config, registry
from typer.testing import CliRunner

from spacy_lstm_sentiment.training.convert import convert_reviews
from spacy_lstm_sentiment.training.corpus import read_reviews
from spacy_lstm_sentiment.training.vectors import write_vectors
from spacy_lstm_sentiment.training.word2vec import read_words, train_word2vec

ROOT = Path(__file__).parents[2]
CONFIGS = [ROOT / "configs" / name for name in ("lstm.cfg", "tutorial.cfg")]


def spacy_cli(*arguments, exit_code=0):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Converted corpora and vectors, as the project makes them."""
    folder = tmp_path_factory.mktemp("data")
    for part in ("train", "dev"):
        reviews = list(read_reviews(ROOT / "corpus" / f"{part}.jsonl"))[:100]
        convert_reviews(reviews, spacy.blank("en"), folder / f"{part}.spacy")
    words = read_words(ROOT / "corpus" / "train.jsonl")
    vectors = train_word2vec(words, "small", dimensions=16, epochs=1, min_count=2)
    write_vectors(vectors, folder / "vectors")
    return folder


def overrides(data):
    return (
        *("--paths.train", data / "train.spacy", "--paths.dev", data / "dev.spacy"),
        *("--paths.vectors", data / "vectors", "--training.max_steps", 4),
        *("--training.eval_frequency", 2),
    )


@pytest.fixture(scope="module")
def pipeline(data):
    spacy_cli("train", CONFIGS[0], "--output", data / "trained", *overrides(data))
    return data / "trained" / "model-best"


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
class TestConfigs:
    def test_complete(self, config, tmp_path):
        """`init fill-config` has nothing to add."""
        filled = tmp_path / "filled.cfg"
        spacy_cli("init", "fill-config", config, filled)
        assert load_config(filled) == load_config(config)

    def test_debug_config(self, config, data):
        output = spacy_cli("debug", "config", config, *overrides(data))
        assert "Config validation" in output

    def test_debug_model(self, config, data):
        arguments = [*overrides(data), "--print-step3"]
        output = spacy_cli("debug", "model", config, "lstm_sentiment", *arguments)
        assert "model looks good" in output

    def test_train_and_evaluate(self, config, data, tmp_path):
        output = spacy_cli("train", config, "--output", tmp_path, *overrides(data))
        assert "SENTIMENT_ACC" in output
        metrics = tmp_path / "metrics.json"
        spacy_cli("evaluate", tmp_path / "model-best", data / "dev.spacy", "--output", metrics)
        assert 0.0 <= srsly.read_json(metrics)["sentiment_acc"] <= 1.0


def test_train_on_a_file_of_vectors(data, tmp_path):
    """And on no `[initialize] vectors`: words and vectors are the component's own."""
    nlp = spacy.load(data / "vectors")
    table = nlp.vocab.vectors
    lines = (
        f"{nlp.vocab.strings[key]} {' '.join(map(str, table.data[row].tolist()))}\n"
        for key, row in table.key2row.items()
    )
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.txt", "".join(lines))
        archive.writestr("other.txt", "")
    changes = ("--paths.vectors", tmp_path / "glove.zip" / "glove.txt")
    for name, arguments in (("file", [*overrides(data), *changes]), ("folder", overrides(data))):
        spacy_cli("train", CONFIGS[0], "--output", tmp_path / name, *arguments)
    config = load_config(tmp_path / "file" / "model-last" / "config.cfg")
    assert config["initialize"]["vectors"] is None
    of_file, of_folder = (spacy.load(tmp_path / name / "model-last") for name in ("file", "folder"))
    assert not len(of_file.vocab.vectors)
    text = "A great film, isn't it? Dull."
    assert of_file(text).cats == pytest.approx(of_folder(text).cats, abs=1e-3)


def test_a_bad_line_of_vectors_ends_training_with_its_number(data, tmp_path):
    (tmp_path / "glove.txt").write_text("good 1 2\nbad 1\n")
    options = overrides(data)
    command = [sys.executable, "-m", "spacy", "train", CONFIGS[0], *options]
    command += ["--paths.vectors", tmp_path / "glove.txt"]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert f"InputError: {tmp_path / 'glove.txt'}:2: expected a word and 2 numbers" in last


def test_debug_data(data, tmp_path):
    """It knows spaCy's factory names only, so the model is put under plain textcat."""
    config = load_config(CONFIGS[0])
    model = config["components"]["lstm_sentiment"]["model"]
    config["components"]["lstm_sentiment"] = {"factory": "textcat", "model": model}
    config["training"]["score_weights"] = {"cats_score": 1.0}
    load_model_from_config(config, auto_fill=True).config.to_disk(tmp_path / "textcat.cfg")
    output = spacy_cli("debug", "data", tmp_path / "textcat.cfg", *overrides(data))
    assert "Text Classification" in output


def test_init_labels(data, tmp_path):
    spacy_cli("init", "labels", CONFIGS[0], tmp_path, *overrides(data)[:-4])
    assert set(srsly.read_json(tmp_path / "lstm_sentiment.json")) == {"POSITIVE", "NEGATIVE"}


def test_benchmark_speed(pipeline, data):
    arguments = ["--batches", 30, "--warmup", 1]
    assert "words/s" in spacy_cli("benchmark", "speed", pipeline, data / "dev.spacy", *arguments)


def test_apply(pipeline, tmp_path):
    spacy_cli("apply", pipeline, ROOT / "corpus" / "dev.jsonl", tmp_path / "scored.spacy")
    docs = DocBin().from_disk(tmp_path / "scored.spacy").get_docs(spacy.blank("en").vocab)
    assert all(sum(doc.cats.values()) == pytest.approx(1.0) for doc in docs)


def test_find_threshold(pipeline, data):
    arguments = ["lstm_sentiment", "threshold", "cats_macro_f", "--n_trials", 3]
    output = spacy_cli("find-threshold", pipeline, data / "dev.spacy", *arguments)
    assert "identical" in output, "the labels exclude each other, so that no threshold matters"


def test_pretrain_makes_weights_that_training_loads(data, tmp_path):
    """`spacy pretrain` teaches our encoder to predict the words beside."""
    changes = ["--pretraining.max_epochs", 1, "--paths.raw_text", data / "dev.spacy"]
    spacy_cli("pretrain", CONFIGS[0], tmp_path / "weights", *changes, *overrides(data))
    (weights,) = (tmp_path / "weights").glob("model0.bin")
    changes = ["--paths.init_tok2vec", weights]
    spacy_cli("train", CONFIGS[0], "--output", tmp_path / "out", *changes, *overrides(data))
    assert spacy.load(tmp_path / "out" / "model-best")("fine").cats


# What spaCy writes it leaves to the collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_package_makes_an_installable_wheel(pipeline, tmp_path):
    spacy_cli("package", pipeline, tmp_path, "--name", "sentiment", "--build", "none")
    source = tmp_path / "en_sentiment-0.0.0"
    python = [sys.executable, "-m"]
    build = [*python, "build", "--wheel", "--no-isolation", str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (source / "dist").glob("*.whl")
    install = [*python, "pip", "install", "--no-deps", "--target", str(tmp_path / "site")]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    code = "import en_sentiment; print(en_sentiment.load()('fine').cats)"
    command = [sys.executable, "-W", "ignore", "-c", code]
    output = subprocess.run(
        command, cwd=tmp_path / "site", check=True, capture_output=True, text=True
    ).stdout
    assert "POSITIVE" in output
    requirements = srsly.read_json(source / "meta.json")["requirements"]
    assert any(line.startswith("spacy-lstm-sentiment") for line in requirements)


def test_group_under_spacys_command():
    registry.cli.get_all()  # as spaCy's command does when it starts
    assert "convert" in spacy_cli("lstm-sentiment", "--help")
