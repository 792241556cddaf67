"""`spacy-lstm-sentiment vectors`, from the arguments to the folder and the exit code."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm_sentiment.cli import main

GLOVE = "good 1 2\nbad 3 4\nplot 5 6\n"


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command; returns exit code, standard output and standard error."""

    def run_command(*args):
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", "vectors", *map(str, args)])
        with pytest.raises(SystemExit) as exit:
            main()
        return exit.value.code, *capsys.readouterr()

    return run_command


@pytest.fixture
def glove(tmp_path):
    path = tmp_path / "glove.2d.txt"
    path.write_text(GLOVE)
    return path


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "train.spacy"
    nlp = spacy.blank("en")
    DocBin(docs=[nlp(text) for text in ("Good plot", "a good twist")]).to_disk(path)
    return path


def test_glove_to_a_pipeline(run, glove, tmp_path):
    code, out, err = run(glove, tmp_path / "out")
    assert (code, err) == (0, "")
    assert "3 of 3 words, 2 dimensions" in out
    assert f'[paths] vectors = "{tmp_path / "out"}"' in out
    nlp = spacy.load(tmp_path / "out")
    assert nlp.meta["vectors"]["name"] == "glove.2d"
    assert nlp("plot")[0].vector.tolist() == [5, 6]


def test_tutorial_pair_to_a_pipeline(run, tmp_path):
    np.save(tmp_path / "wordsList.npy", np.array([b"good", b"bad"]))
    np.save(tmp_path / "wordVectors.npy", np.eye(2, dtype=np.float32))
    assert run(tmp_path, tmp_path / "out", "--lang", "de")[0] == 0
    nlp = spacy.load(tmp_path / "out")
    assert nlp.lang == "de"
    assert nlp("bad")[0].vector.tolist() == [0, 1]


def test_prune_to_a_corpus(run, glove, corpus, tmp_path):
    code, out, _ = run(glove, tmp_path / "out", "--prune-to", corpus)
    assert code == 0
    assert "2 of 3 words" in out
    code, out, _ = run(glove, tmp_path / "out", "--prune-to", corpus, "--min-count", 2, "--force")
    assert code == 0
    assert "1 of 3 words" in out
    assert spacy.load(tmp_path / "out").meta["vectors"]["vectors"] == 1


def test_max_words(run, glove, tmp_path):
    assert "2 of 2 words" in run(glove, tmp_path / "out", "--max-words", 2)[1]


def test_train_and_prune(run, corpus, tmp_path):
    pytest.importorskip("gensim", reason='needs gensim: pip install ".[word2vec]"')
    text = tmp_path / "reviews.txt"
    text.write_text("A good film, a bad plot.\n" * 20 + "Unique!\n")
    code, out, err = run(
        *(text, tmp_path / "out", "--train", "--dimensions", 4, "--epochs", 2),
        *("--min-count", 2, "--prune-to", corpus, "--n-process", 2),
    )
    assert (code, err) == (0, "")
    assert "3 of 7 words, 4 dimensions" in out
    nlp = spacy.load(tmp_path / "out")
    assert [token.text for token in nlp("a good film bad plot") if token.has_vector] == [
        "a",
        "good",
        "plot",
    ]


def test_bad_line_is_one_line_and_exit_1(run, glove, tmp_path):
    glove.write_text(GLOVE + "twist 1\n")
    code, out, err = run(glove, tmp_path / "out")
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: {glove}:4: expected a word and 2 numbers")
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_existing_output_needs_force(run, glove, tmp_path):
    assert run(glove, tmp_path / "out")[0] == 0
    glove.write_text("fine 1 2\n")
    code, _, err = run(glove, tmp_path / "out")
    assert code == 1
    assert "--force" in err
    assert run(glove, tmp_path / "out", "--force")[0] == 0
    assert spacy.load(tmp_path / "out")("fine")[0].has_vector


@pytest.mark.parametrize(
    "options",
    [
        ["--min-count", "2"],
        ["--max-words", "0"],
        ["--prune-to", "missing.spacy"],
    ],
)
def test_options_that_do_not_fit_are_usage_errors(run, glove, tmp_path, options):
    code, _, err = run(glove, tmp_path / "out", *options)
    assert code == 2
    assert "Usage" in err


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("none.txt", []),
        ("none.zip/a.txt", []),
        ("none.jsonl", ["--train"]),
        ("a.spacy", ["--train"]),
    ],
)
def test_missing_source_is_one_line(run, tmp_path, name, options):
    code, _, err = run(tmp_path / name, tmp_path / "out", *options)
    assert code == 1
    assert err.count("\n") == 1
    assert name in err
    assert "o such file" in err


def test_a_file_in_an_archive(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "glove.zip", "w") as archive:
        archive.writestr("glove.2d.txt", GLOVE)
        archive.writestr("glove.3d.txt", "")
    assert run(tmp_path / "glove.zip" / "glove.2d.txt", tmp_path / "out")[0] == 0
    code, _, err = run(tmp_path / "glove.zip", tmp_path / "other")
    assert code == 1
    assert f"name one of {tmp_path / 'glove.zip'}/glove.2d.txt, " in err


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from spacy_lstm_sentiment.cli import vectors; "
        "print(sorted({'spacy', 'torch', 'numpy', 'gensim', 'ray'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_tables_side_by_side_in_single_precision(run, glove, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("plot 9\ntwist 8\n")
    assert run(other, tmp_path / "other")[0] == 0
    arguments = ("--beside", tmp_path / "other")
    code, out, _ = run(glove, tmp_path / "out", *arguments)
    assert code == 0
    assert "4 of 4 words, 3 dimensions" in out
    nlp = spacy.load(tmp_path / "out")
    assert nlp.vocab.vectors.data.dtype == np.float32  # which others can read too
    assert nlp("plot")[0].vector[:2].tolist() == [5, 6]
    ratio = nlp("plot")[0].vector[2] / nlp("twist")[0].vector[2]
    assert ratio == pytest.approx(9 / 8, rel=0.01)
    assert nlp("twist")[0].vector[:2].tolist() == [0, 0]
