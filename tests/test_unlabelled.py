"""Texts that a teacher labels for the pipeline that ships."""

import runpy
from pathlib import Path
from random import Random

import numpy as np
import pytest
import spacy

SCRIPT = Path(__file__).parents[1] / "scripts" / "unlabelled.py"


@pytest.fixture(scope="module")
def unlabelled():
    return runpy.run_path(str(SCRIPT))


def test_every_word_stands_in_some_frames(unlabelled):
    words = ["grim", "well-made", ":-)", "top notch"]
    made = unlabelled["phrases"](words, Random(0))
    assert len(made) == 3 * unlabelled["FRAMES_OF_A_WORD"]
    assert all("{" not in text for text in made)
    assert all(any(word in text for word in words) for text in made)
    assert made != unlabelled["phrases"](words, Random(1))


def test_a_variant_differs_in_words_that_have_neighbours_alone(unlabelled):
    doc = spacy.blank("en")("The grim soup wasn't warm, but the bread was.")
    swaps = {"soup": ["stew"], "bread": ["cake"], "but": ["and"], "was": ["were"]}
    made = {
        text for seed in range(9) for text in unlabelled["variants"]([doc], swaps, Random(seed))
    }
    assert made == {
        "The grim stew wasn't warm, but the bread was.",
        "The grim soup wasn't warm, but the cake was.",
    }
    assert unlabelled["variants"]([doc], {"tea": ["coffee"]}, Random(0)) == []


def test_neighbours_are_the_nearest_by_cosine(unlabelled, monkeypatch):
    monkeypatch.setitem(unlabelled["nearest"].__globals__, "N_NEIGHBOURS", 2)
    keys = ["hot", "warm", "cold", "7", "far"]
    vectors = np.array([[1, 0], [9, 1], [5, 2], [1, 0.1], [-1, 0]], dtype="float32")
    found = unlabelled["nearest"](["hot", "7", "unknown"], keys, vectors)
    assert {word: set(near) for word, near in found.items()} == {"hot": {"warm"}}  # and 7, no word
