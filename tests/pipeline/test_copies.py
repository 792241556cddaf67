"""Copies of a pipeline, in this process and others, read their documents as the first one does."""

import copy
import os
import pickle
import shutil
import subprocess
import sys
from importlib.util import find_spec

import pytest
import spacy

from spacy_lstm_sentiment.bulk.scorer import Scorer, ScoringOptions
from spacy_lstm_sentiment.pipeline.explain import explain
from spacy_lstm_sentiment.pipeline.origin import component_of

TEXTS = ["I loved it. A great film!", "bad film", "zyxwv"]


@pytest.fixture
def saved(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def nlp(saved):
    nlp = spacy.load(saved)
    nlp.add_pipe("sentencizer", first=True)
    return nlp


@pytest.mark.parametrize(
    "make",
    [copy.deepcopy, copy.copy, lambda nlp: pickle.loads(pickle.dumps(nlp))],
    ids=["deepcopy", "copy", "pickle"],
)
def test_copies(nlp, make):
    copied = make(nlp)
    for text in TEXTS:
        expected, doc = nlp(text), copied(text)
        assert component_of(doc) is copied.get_pipe("lstm_sentiment")
        assert explain(doc) == explain(expected)
        sentences = [score for _, score in doc._.sentiment_by_sentence]
        assert sentences == [score for _, score in expected._.sentiment_by_sentence]
    options = ScoringOptions(per_sentence=True, explain=2)
    results = [one.results for one in Scorer(copied, options)(TEXTS)]
    assert results == [one.results for one in Scorer(nlp, options)(TEXTS)]
    assert [len(result) for result in results] == [2, 1, 1]


ELSEWHERE = """
import sys
import spacy
from spacy_lstm_sentiment.bulk.scorer import ScoringOptions, Scorer
from spacy_lstm_sentiment.pipeline.explain import explain

def work(nlp, text):
    doc = nlp(text)
    (scored,) = Scorer(nlp, ScoringOptions(per_sentence=True, explain=2))([text])
    return doc, explain(doc), [score for _, score in doc._.sentiment_by_sentence], scored.results

def run(nlp, texts):
    {run}

if __name__ == "__main__":
    nlp = spacy.load(sys.argv[1])
    nlp.add_pipe("sentencizer", first=True)
    texts = sys.argv[2:]
    for text, (doc, *said) in zip(texts, run(nlp, texts), strict=True):
        _, *alone = work(nlp, text)
        assert said == alone, (said, alone)
        assert explain(doc) == said[0]
        assert [score for _, score in doc._.sentiment_by_sentence] == said[1]
    print("same")
"""


def run_elsewhere(run, saved, folder, **environment):
    (folder / "script.py").write_text(ELSEWHERE.format(run=run))
    result = subprocess.run(
        [sys.executable, "script.py", saved, *TEXTS],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "same\n", result.stderr


def test_joblib(saved, tmp_path):
    pytest.importorskip("joblib", reason="needs joblib: pip install joblib")
    run = """from joblib import Parallel, delayed
    return Parallel(n_jobs=2)(delayed(work)(nlp, text) for text in texts)"""
    run_elsewhere(run, saved, tmp_path)


@pytest.mark.skipif(
    shutil.which("java") is None or find_spec("pyspark") is None,
    reason="needs Java and PySpark: apt-get install default-jre; pip install pyspark",
)
def test_spark(saved, tmp_path):
    """The pipeline goes to the tasks within a function, and documents come back."""
    run = """from pyspark import SparkContext
    spark = SparkContext.getOrCreate()
    return spark.parallelize(texts, 2).map(lambda text: work(nlp, text)).collect()"""
    options = "--master local[2] --driver-memory 1g --conf spark.ui.enabled=false pyspark-shell"
    spark = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    run_elsewhere(run, saved, tmp_path, **spark, PYSPARK_SUBMIT_ARGS=options)
