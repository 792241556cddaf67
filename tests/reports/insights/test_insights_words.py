"""Words, excerpts and what moved the model."""

import random
from collections import Counter
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

import pytest
from scored_rows import WORDS, scored_rows, write_rows

import spacy_lstm_sentiment
from spacy_lstm_sentiment import bulk
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE
from spacy_lstm_sentiment.reports.insights.excerpts import choose_excerpts
from spacy_lstm_sentiment.reports.insights.movers import find_movers, has_scored
from spacy_lstm_sentiment.reports.insights.phrases import (
    PRIOR,
    find_phrases,
    log_odds,
    phrases_of,
)

SHOP = Path(__file__).parents[3] / "corpus" / "shop.csv"


def test_phrases_are_words_and_neighbours():
    assert phrases_of("The battery\u2019s lid, 4711, does NOT close well. It does close.") == {
        *("battery's", "lid", "close", "battery's lid", "not close"),
    }


def test_log_odds_are_those_of_the_paper():
    """Equations 15, 16, 20 and 22 of Monroe, Colaresi and Quinn (2008), by hand."""
    there = Counter(a=10, b=90)
    zs = log_odds({"a": 40, "b": 20}, 200, there, 300)
    alpha = PRIOR * 50 / 500
    here, other = 40 + alpha, 10 + alpha
    delta = log(here / (200 + PRIOR - here)) - log(other / (300 + PRIOR - other))
    assert zs["a"] == pytest.approx(delta / sqrt(1 / here + 1 / other))
    assert zs["a"] > 0 > zs["b"]


def texts(n, *phrases, seed=0):
    rng = random.Random(seed)
    return [
        f"{rng.choice(phrases)} and the {' and the '.join(rng.sample(WORDS, 3))}" for _ in range(n)
    ]


def test_what_is_over_represented_is_found():
    found = find_phrases(texts(200, "The fan rattles", "It is bad"), texts(900, "It is bad"))
    assert [phrase.phrase for phrase in found] == ["fan", "rattles"]
    assert found[0].texts > 70
    assert found[0].other_texts == 0


def test_what_is_everywhere_is_not_told():
    for seed in range(10):
        here, there = texts(200, "It is bad", seed=seed), texts(900, "It is bad", seed=100 + seed)
        assert find_phrases(here, there) == []


def test_what_few_have_is_not_told():
    assert find_phrases(["Mr Smithers lied"] * 4 + texts(40, "bad"), texts(4000, "bad")) == []


def test_names_of_a_group_are_not_told():
    found = find_phrases(texts(200, "The fan rattles"), texts(900, "It is bad"), {"fan"})
    assert [phrase.phrase for phrase in found] == ["rattles"]


def test_excerpts_are_typical_and_differ():
    usual = [(f"The battery {w} died on the {v}", 0.8) for w, v in pairwise(WORDS)]
    extreme = [("I hate, hate, hate the battery", 0.99), ("The battery is odd", 0.51)]
    copies = [("The battery hinge died on the lid again", 0.8)]
    found = choose_excerpts("battery", [*extreme, *copies, *usual])
    assert len(found) == 3
    assert {text for text, _ in found} <= {text for text, _ in [*copies, *usual]}
    assert len({phrases for text, _ in found for phrases in [frozenset(phrases_of(text))]}) == 3


def test_excerpts_are_short_and_whole_words():
    text = " ".join(f"word{number}" for number in range(200))
    long = text.replace("word100", "The dreadful battery")
    ((_, passage),) = choose_excerpts("dreadful battery", [(long, 0.9)])
    assert "The dreadful battery" in passage
    assert len(passage) < 300
    assert set(passage.split()) - {"…"} <= set(long.split())
    huge = "battery" + "x" * 100_000
    assert choose_excerpts("battery", [(huge, 0.9)]) == []


def test_a_pipeline_is_known_by_its_scores(trained_nlp):
    docs = list(trained_nlp.pipe(["A great film.", "An awful film.", "Dull and bad."]))
    scored = [(doc.text, doc.cats[NEGATIVE]) for doc in docs]
    assert has_scored(trained_nlp, scored)
    assert not has_scored(trained_nlp, [(text, p * 0.5) for text, p in scored])


def test_words_that_moved_the_model():
    nlp = spacy_lstm_sentiment.load()
    movers = find_movers(nlp, [f"The {word} is awful." for word in WORDS])
    assert movers[0].word == "awful"
    assert movers[0].texts == len(WORDS)
    assert movers[0].contribution > 1


def test_the_pipeline_that_scored_explains_and_corrects(tmp_path):
    path = tmp_path / "rows.parquet"
    bulk.score([SHOP], path, spacy_lstm_sentiment.load(), quiet=True)
    found = spacy_lstm_sentiment.insights(path, by=["product", "country"], time="date")
    tables = {name: table.to_pylist() for name, table in found.tables().items()}
    for name in ("phrases", "movers"):
        words = {row.get("phrase") or row["word"] for row in tables[name]}
        assert words >= {"battery", "delivery"}
    assert "checkout" in {row["phrase"] for row in tables["phrases"]}
    for row in tables["groups"]:
        assert abs(row["negative"] - row["negative_corrected"]) < 0.1
    assert "corrected" in found.html()


def test_another_pipeline_does_not(tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", scored_rows(900))
    found = spacy_lstm_sentiment.insights(path, by=["product"], time="date")
    assert found.topics[0].phrases
    assert not found.is_explained
    assert "negative_corrected" not in found.tables()["groups"].column_names
    assert "name it with --model" in found.html()


def test_texts_are_sampled_alike(tmp_path, monkeypatch):
    """The same whatever the order of the rows."""
    monkeypatch.setattr("spacy_lstm_sentiment.reports.insights.topics.MOST_TEXTS", 50)
    rows = scored_rows(3000)
    found = []
    for name in ("a.jsonl", "b.jsonl"):
        path = write_rows(tmp_path / name, rows)
        topics = spacy_lstm_sentiment.insights(path, by=["product"], time="date", explain=0).topics
        found.append(topics)
        rows.reverse()
    assert found[0][0].phrases == found[1][0].phrases
    assert found[0][0].excerpts == found[1][0].excerpts
    assert 30 <= found[0][0].n_texts <= 50
