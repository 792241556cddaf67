"""Everything that setup.py registers resolves, under the name it has there."""

from importlib.metadata import distribution

import pytest
import spacy
from spacy.util import registry

ENTRY_POINTS = [
    point
    for point in distribution("spacy-lstm-sentiment").entry_points
    if point.group.startswith("spacy_")
]


@pytest.mark.parametrize("point", ENTRY_POINTS, ids=lambda point: f"{point.group}:{point.name}")
def test_entry_point_resolves(point):
    function = registry.get(point.group.removeprefix("spacy_"), point.name)
    assert function is point.load()


def test_names_carry_distribution_and_version():
    for point in ENTRY_POINTS:
        if point.group not in ("spacy_factories", "spacy_cli"):
            name, _, version = point.name.rpartition(".")
            assert name.startswith("spacy-lstm-sentiment.")
            assert version.startswith("v")


def test_factory_needs_no_import():
    assert spacy.blank("en").add_pipe("lstm_sentiment").name == "lstm_sentiment"
    assert spacy.blank("de").has_factory("lstm_sentiment")
