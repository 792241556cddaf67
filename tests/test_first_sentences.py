"""The page of first sentences shows what is new to the pipeline that ships."""

import ast
import re
from pathlib import Path

import srsly

ROOT = Path(__file__).parents[1]
TRAINING = ("sentences", "plain", "train")


def words(text):
    return re.findall(r"\w+", text.lower())


def test_none_is_in_the_training_data():
    tree = ast.parse((ROOT / "benchmarks" / "first_sentences.py").read_text(encoding="utf-8"))
    (value,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "SENTENCES"
    )
    sentences = ast.literal_eval(value)
    assert {label: len(texts) for label, texts in sentences.items()} == {
        "POSITIVE": 20,
        "NEGATIVE": 20,
        "NEUTRAL": 20,
    }
    read = [srsly.read_jsonl(ROOT / "corpus" / f"{name}.jsonl") for name in TRAINING]
    trained = {tuple(words(record["text"])) for records in read for record in records}
    for texts in sentences.values():
        assert not [text for text in texts if tuple(words(text)) in trained]
