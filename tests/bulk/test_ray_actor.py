"""What a node does for a run, without a cluster."""

import os
from dataclasses import replace

import pytest

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk.engines.actor import Actor, ActorSetup, Pipeline
from spacy_lstm_sentiment.bulk.parts import LocalParts, read_parts
from spacy_lstm_sentiment.bulk.plan import Plan, RowOptions
from spacy_lstm_sentiment.bulk.scorer import ScoringOptions
from spacy_lstm_sentiment.bulk.shards import Shard
from spacy_lstm_sentiment.bulk.sinks.formats import JsonFormat
from spacy_lstm_sentiment.records.record import Record

OPTIONS = ScoringOptions()
SHARD = Shard(0, [Record("a", 1, "good", {"text": "good"})])


@pytest.fixture
def setup(trained_nlp, tmp_path):
    format, parts = JsonFormat(OPTIONS.columns), LocalParts(tmp_path)
    plan = Plan(RowOptions("text", OPTIONS), format, OPTIONS.columns, parts)
    probe = tmp_path / "a.probe"
    probe.touch()
    version = spacy_lstm_sentiment.__version__
    return ActorSetup(plan, Pipeline.of(trained_nlp), probe, version, n_threads=1, on_gpu=False)


def test_a_pipeline_arrives_as_it_left(trained_nlp, monkeypatch):
    monkeypatch.setattr(trained_nlp, "max_length", 99)
    nlp = Pipeline.of(trained_nlp).unpack()
    assert nlp.max_length == 99
    assert nlp("I loved this film").cats == trained_nlp("I loved this film").cats


def test_what_keeps_a_node_from_taking_part(setup, monkeypatch):
    assert setup.problem() is None
    assert replace(setup, version="0").problem().startswith("has version ")
    gone = setup.probe.with_name("b.probe")
    assert replace(setup, probe=gone).problem().startswith(f"does not see {gone.parent}: ")
    assert replace(setup, probe=None).problem() is None
    monkeypatch.setattr(os, "access", lambda *args: False)
    assert setup.problem().startswith(f"must not write into {gone.parent}: ")


def test_an_actor_leaves_a_part_or_says_why_not(setup, tmp_path):
    actor = Actor()
    actor._load(setup)
    (scored,) = actor.score(SHARD)
    assert scored.summary.n_scored == 1
    assert [part.place.end for part in read_parts(tmp_path)] == [1]
    actor._load(replace(setup, plan=replace(setup.plan, parts=LocalParts(tmp_path / "gone"))))
    (failure,) = actor.score(SHARD)
    assert failure.reason.startswith("FileNotFoundError: ")
