"""The corpus of plain texts: made by its script, held out where it says so, even-handed."""

import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import srsly

ROOT = Path(__file__).parents[1]
SLOT = re.compile(r"\{(?:[^{}]|\{[^{}]*\})+\}")

# What the README and the docs show, as a reader's first tries: never learnt by heart.
SHOWN = [
    *("I don't like it.", "It's okay.", "not great", "The meeting is on Tuesday.", "Not bad!"),
    *("Can you help me reset my password?", "I wouldn't recommend it.", "yay", "😡", "😍"),
    *("A cow is grazing.", "very bad", "no complaints"),
]


def read(name: str) -> list[dict[str, str]]:
    return list(srsly.read_jsonl(ROOT / "corpus" / name))


def words(text: str) -> str:
    """A text's words, and emoji; of one without words, all of it."""
    plain = text.lower().replace("\u2019", "").replace("'", "")
    found = re.findall(r"\w+|[^\w\s!-~]", plain)
    return " ".join(found) if re.search(r"\w\w", plain) else text


def frames(pattern: str) -> list[str]:
    lines = [
        line
        for path in sorted((ROOT / "corpus" / "plain").glob(pattern))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [line for line in lines if SLOT.search(line) and not line.startswith(("= ", "@ "))]


@pytest.fixture(scope="module")
def train():
    return read("plain.jsonl")


@pytest.fixture(scope="module")
def dev():
    return read("plain_dev.jsonl")


def test_the_files_are_what_the_script_writes(tmp_path):
    script = ROOT / "scripts" / "plain_corpus.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    for name in ("plain.jsonl", "plain_dev.jsonl"):
        assert (tmp_path / name).read_bytes() == (ROOT / "corpus" / name).read_bytes()


def test_no_text_twice(train, dev):
    counts = Counter(words(record["text"]) for record in train + dev)
    assert [text for text, count in counts.items() if count > 1] == []


def test_records_are_whole(train, dev):
    for record in train + dev:
        assert list(record) == ["text", "label", "phenomenon", "domain"]
        assert record["label"] in {"POSITIVE", "NEGATIVE", "NEUTRAL"}
        assert record["text"] == record["text"].strip() != ""
        assert not set("{}|") & set(record["text"]) - ({"|"} if record["text"] == ":|" else set())
        assert not re.search(r"\ban [bcdfgjkpqtvwz]|\ba [aeio](?!ne|u)", record["text"].lower())


def test_labels_are_in_balance(train, dev):
    for records in (train, dev):
        share = {k: n / len(records) for k, n in Counter(r["label"] for r in records).items()}
        assert 0.4 < share["NEUTRAL"] < 0.55
        assert 0.75 < share["POSITIVE"] / share["NEGATIVE"] < 1.25


def test_no_frame_of_training_says_a_text_of_dev(train, dev):
    patterns = []
    for frame in frames("train*.txt"):
        parts = [re.escape(part.lower()) for part in SLOT.split(frame)]
        if len(re.findall(r"\w+", SLOT.sub(" ", frame))) >= 3:
            patterns.append(re.compile(r"[\w' -]+".join(parts)))
    texts = [record["text"].replace("\u2019", "'").lower() for record in dev]
    assert len(patterns) > 150
    assert [text for text in texts if any(p.fullmatch(text) for p in patterns)] == []
    blank = [{words(SLOT.sub("x", frame)) for frame in frames(p)} for p in ("train*", "dev*")]
    assert not blank[0] & blank[1]


def test_dev_has_no_near_copy_in_training(train, dev):
    learnt = [frozenset(words(record["text"]).split()) for record in train]
    for record in dev:
        held = frozenset(words(record["text"]).split())
        if len(held) >= 4:
            assert max(len(held & other) / len(held | other) for other in learnt) < 0.65, record


def test_nothing_of_other_held_out_files_is_learnt(train):
    held = {words(text) for text in SHOWN}
    for name in ("challenge", "sentences_dev", "dev", "test"):
        held |= {words(record["text"]) for record in read(f"{name}.jsonl")}
    assert [record["text"] for record in train if words(record["text"]) in held] == []


def test_identities_say_nothing_of_the_label(train):
    """A word for people is about as often in praise as in blame."""
    groups = defaultdict(Counter)
    for record in train:
        if record["phenomenon"] == "fairness":
            for word in set(words(record["text"]).split()):
                groups[word][record["label"]] += 1
    labels = sum(groups.values(), Counter())
    assert 0.8 < labels["POSITIVE"] / labels["NEGATIVE"] < 1.25
    for word in ("black", "white", "gay", "muslim", "jewish", "woman", "man", "old", "young"):
        assert groups[word]["NEUTRAL"] > 0, word
        assert abs(groups[word]["POSITIVE"] - groups[word]["NEGATIVE"]) <= 4, word
