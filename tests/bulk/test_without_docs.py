"""A pipeline that does nothing but score makes no Docs: the output is the same, byte for byte."""

import json
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.tokens import Doc

import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.bulk.scorer import Scorer, ScoringOptions

CORPUS = Path(__file__).parents[2] / "corpus" / "test.jsonl"
ODD = [
    None,
    "",
    " \n\t",
    "<br/><!-- good -->",
    "\u200b",
    "lone \ud83d surrogate",
    "x" * 1_000_001,
    "good " * 3000,
    "brillig slithy toves 42 !!! \U0001f600 \u00e9",
    "NOUN <b>didn't</b> &amp; goooood",
]


@spacy.Language.component("wants_docs")
def wants_docs(doc: Doc) -> Doc:
    return doc


@pytest.fixture(scope="module")
def pipelines():
    """The shipped one, and one that does the same by the long way."""
    short, long = spacy_lstm_sentiment.load(), spacy_lstm_sentiment.load()
    long.add_pipe("wants_docs")
    assert Scorer(short, ScoringOptions())._text_scorer is not None
    assert Scorer(long, ScoringOptions())._text_scorer is None
    return {"short": short, "long": long}


@pytest.mark.parametrize(
    ("ending", "settings"),
    [
        (".jsonl", {}),
        (".csv", {"neutral_band": 0.5, "batch_size": 7, "keep_empty": True}),
        (".parquet", {"shard_size": 50}),
    ],
)
def test_outputs_and_counts_are_the_same(tmp_path, pipelines, ending, settings):
    texts = [*ODD, *(record["text"] for record in srsly.read_jsonl(CORPUS))]
    rows = tmp_path / "in.jsonl"
    rows.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    found = {}
    for way, nlp in pipelines.items():
        output, rejects = tmp_path / f"{way}{ending}", tmp_path / f"{way}.rejects"
        summary = bulk.score(
            [rows], output, nlp, rejects=str(rejects), n_process=1, quiet=True, **settings
        )
        report = {**summary.report("", ""), "seconds": 0, "rows_per_second": 0}
        found[way] = output.read_bytes(), rejects.read_bytes(), report
    assert found["short"] == found["long"]
    assert found["short"][2]["rows"] >= len(texts) - len(ODD)


@pytest.mark.parametrize("options", [ScoringOptions(per_sentence=True), ScoringOptions(explain=3)])
def test_what_needs_docs_has_them(pipelines, options):
    assert Scorer(pipelines["short"], options)._text_scorer is None
