import json
import sys
import tarfile
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm_sentiment.cli import main

ROWS = [{"text": f"Film {n}, a {'joy' if n % 2 else 'bore'}.", "label": n % 2} for n in range(10)]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run `spacy-lstm-sentiment convert ARGS` in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["spacy-lstm-sentiment", "convert", *args])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return stop.value.code or 0, captured.out, captured.err

    return run


def write_jsonl(name: str, rows) -> None:
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows))


def read_docs(name: str) -> list:
    return list(DocBin().from_disk(name).get_docs(spacy.blank("en").vocab))


def test_a_table_becomes_train_and_dev(run):
    write_jsonl("reviews.jsonl", ROWS)
    code, out, err = run(
        "reviews.jsonl", "out/train.spacy", "--dev", "out/dev.spacy", "--dev-size", "3"
    )
    assert (code, err) == (0, "")
    train, dev = read_docs("out/train.spacy"), read_docs("out/dev.spacy")
    assert sorted(doc.text for doc in train + dev) == sorted(row["text"] for row in ROWS)
    table = [line.split()[:2] for line in out.splitlines()]
    assert table == [["file", "documents"], ["out/train.spacy", "7"], ["out/dev.spacy", "3"]]
    assert {doc.text: doc.cats for doc in train + dev}["Film 3, a joy."] == {
        "POSITIVE": 1.0,
        "NEGATIVE": 0.0,
    }


def test_another_seed_gives_another_dev(run):
    write_jsonl("reviews.jsonl", ROWS)
    devs = set()
    for seed in ("0", "0", "1"):
        run("reviews.jsonl", "t.spacy", "--dev", "d.spacy", "--dev-size", "3", "--seed", seed)
        devs.add(tuple(doc.text for doc in read_docs("d.spacy")))
    assert len(devs) == 2


def test_the_imdb_archive(run):
    for name, text in (
        ("train/pos/0_9.txt", "A joy."),
        ("train/neg/0_1.txt", "A bore."),
        ("train/unsup/0_0.txt", "A film."),
        ("test/pos/0_8.txt", "Bliss."),
        ("train/urls_pos.txt", "http://films.example/tt1/"),
        ("train/urls_neg.txt", "http://films.example/tt2/"),
    ):
        path = Path("aclImdb", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with tarfile.open("aclImdb_v1.tar.gz", "w:gz") as tar:
        tar.add("aclImdb")
    code, out, _ = run("aclImdb_v1.tar.gz", "train.spacy")
    assert code == 0
    assert out.splitlines()[1].split() == ["train.spacy", "2", "1", "1", "2"]
    assert run("aclImdb_v1.tar.gz", "test.spacy", "--split", "test")[0] == 0
    assert [doc.text for doc in read_docs("test.spacy")] == ["Bliss."]
    assert run("aclImdb", "unsup.spacy", "--split", "unsup")[0] == 0
    assert [(doc.text, doc.cats) for doc in read_docs("unsup.spacy")] == [("A film.", {})]


def test_bad_lines_are_reported_and_the_good_ones_written(run):
    rows = [*ROWS[:2], *({"text": f"Film {n}.", "label": "?"} for n in range(25)), ROWS[2]]
    write_jsonl("reviews.jsonl", rows)
    code, out, err = run("reviews.jsonl", "train.spacy")
    lines = err.splitlines()
    assert code == 1
    assert [doc.text for doc in read_docs("train.spacy")] == [row["text"] for row in ROWS[:3]]
    assert out.splitlines()[1].split()[:2] == ["train.spacy", "3"]
    assert [line.split(": ")[0] for line in lines[:20]] == [
        f"reviews.jsonl:{line}" for line in range(3, 23)
    ]
    assert "unknown label '?'; accepted are 0, 1" in lines[0]
    assert lines[20:] == [
        "... and 5 more bad lines",
        "Error: reviews.jsonl: 3 reviews written, 25 bad lines left out",
    ]


def test_limit_stops_reading(run):
    write_jsonl("reviews.jsonl", [*ROWS[:4], {"text": "Never reached.", "label": "?"}])
    assert run("reviews.jsonl", "train.spacy", "--limit", "4")[0] == 0
    assert len(read_docs("train.spacy")) == 4


def test_fields_and_language(run):
    Path("reviews.csv").write_text("body,mark\nC'est l'été.,pos\n")
    code, _, _ = run(
        "reviews.csv", "t.spacy", "--text-field", "body", "--label-field", "mark", "--lang", "fr"
    )
    assert code == 0
    (doc,) = read_docs("t.spacy")
    assert [token.text for token in doc] == ["C'", "est", "l'", "été", "."]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["empty.jsonl", "t.spacy"], "empty.jsonl: no reviews to convert, 0 bad lines"),
        (["gone.jsonl", "t.spacy"], "gone.jsonl"),
        (["gone.tar.gz", "t.spacy"], "gone.tar.gz: no such file"),
        (["reviews.jsonl", "t.spacy", "--lang", "qq"], "--lang qq: "),
        (["reviews.jsonl", "t.spacy", "--split", "test"], 'a table has no split "test"'),
        (["reviews.jsonl", "t.spacy", "--dev", "d.spacy"], "a dev set of 2500 leaves none"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(run, args, message):
    Path("empty.jsonl").touch()
    write_jsonl("reviews.jsonl", ROWS)
    code, out, err = run(*args)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert message in err
    assert err.count("\n") == 1
    assert not list(Path().glob("*.spacy"))


@pytest.mark.parametrize(
    "args",
    [
        ["reviews.jsonl", "train.jsonl"],
        ["reviews.jsonl", "a.spacy", "--dev", "a.spacy"],
        ["reviews.jsonl", "a.spacy", "--dev", "b.bin"],
        ["reviews.jsonl", "a.spacy", "--split", "validation"],
        ["reviews.jsonl", "a.spacy", "--limit", "0"],
    ],
)
def test_wrong_usage_exits_with_2(run, args):
    write_jsonl("reviews.jsonl", ROWS)
    assert run(*args)[0] == 2
    assert not list(Path().glob("*.spacy"))


def test_a_published_file_of_another_domain(run):
    Path("words-positive.txt").write_text("; a comment\njolly\nspotless\n")
    assert run("words-positive.txt", "words.spacy", "--domain", "words")[0] == 0
    docs = read_docs("words.spacy")
    assert [(doc.text, doc.cats["POSITIVE"]) for doc in docs] == [("jolly", 1.0), ("spotless", 1.0)]
    code, _, err = run("words-positive.txt", "words.spacy", "--domain", "developers")
    assert code == 1
    assert "words-positive.txt:1: not `id;label;text`" in err


def test_no_more_than_so_many_of_a_label(run):
    write_jsonl("reviews.jsonl", [*ROWS, {"text": "Two more joys.", "label": 1}])
    kept = {}
    for seed in ("0", "1"):
        run("reviews.jsonl", "t.spacy", "--max-per-label", "3", "--seed", seed)
        kept[seed] = [doc.text for doc in read_docs("t.spacy")]
        labels = [doc.cats["POSITIVE"] for doc in read_docs("t.spacy")]
        assert sorted(labels) == [0.0] * 3 + [1.0] * 3
    order = [row["text"] for row in ROWS] + ["Two more joys."]
    assert kept["0"] == [text for text in order if text in kept["0"]]
    assert kept["0"] != kept["1"]


def test_labels_that_may_mean_several_things(run):
    """Refused until it is said what they mean; nothing is written."""
    write_jsonl("yelp.jsonl", [{"text": f"Place {n}.", "label": 1 + n % 2} for n in range(4)])
    code, _, err = run("yelp.jsonl", "out.spacy")
    assert (code, err.count("\n")) == (1, 1)
    assert 'yelp.jsonl, field "label": the labels are 1, 2, which may mean several things' in err
    assert not Path("out.spacy").exists()
    assert run("yelp.jsonl", "out.spacy", "--labels", "1=NEGATIVE,2=POSITIVE")[0] == 0
    assert [doc.cats["POSITIVE"] for doc in read_docs("out.spacy")] == [0.0, 1.0, 0.0, 1.0]
    assert run("yelp.jsonl", "out.spacy", "--stars", "2:1,2")[0] == 0
    assert [doc.cats["POSITIVE"] for doc in read_docs("out.spacy")] == [0.0, 1.0, 0.0, 1.0]
    assert run("yelp.jsonl", "out.spacy", "--labels", "1=NEGATIVE", "--stars", "5")[0] == 1
