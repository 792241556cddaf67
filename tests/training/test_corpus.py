import gzip
import json
from pathlib import Path

import pytest
import spacy
from spacy.training import Example
from thinc.api import Config

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.corpus import ReviewCorpus, read_reviews
from spacy_lstm_sentiment.training.reviews import Review

ROWS = [{"text": f"Film {n}, a joy.", "label": "pos"} for n in range(6)] + [
    {"text": f"Film {n}, a bore.", "label": "neg"} for n in range(6)
]


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def write_jsonl(path: Path, rows) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "reviews.jsonl", ROWS)


@pytest.fixture
def imdb(tmp_path: Path) -> Path:
    """Four films of two reviews a label in train, one review a label in test."""
    root = tmp_path / "aclImdb"
    for label, rating in (("pos", 8), ("neg", 3)):
        (root / "train" / label).mkdir(parents=True)
        (root / "test" / label).mkdir(parents=True)
        for number in range(8):
            path = root / f"train/{label}/{number}_{rating}.txt"
            path.write_text(f"tt{number // 2} was {label}, says viewer {number}.")
        (root / f"test/{label}/0_{rating}.txt").write_text(f"Seen once, {label}.")
        films = "".join(f"http://films.example/tt{number // 2}/\n" for number in range(8))
        (root / f"train/urls_{label}.txt").write_text(films)
    return root


def texts(examples) -> list[str]:
    return [example.text for example in examples]


def test_tables_of_every_format_give_the_same_reviews(tmp_path):
    jsonl = write_jsonl(tmp_path / "a.jsonl", [{"text": "Fine, really.", "label": 1.0}])
    (tmp_path / "b.csv").write_text('label,text\n1,"Fine, really."\n')
    (tmp_path / "c.tsv").write_text("text\tlabel\nFine, really.\tPos\n")
    with gzip.open(tmp_path / "d.csv.gz", "wt") as file:
        file.write('text,label\n"Fine, really.",positive\n')
    for path in (jsonl, tmp_path / "b.csv", tmp_path / "c.tsv", tmp_path / "d.csv.gz"):
        assert list(read_reviews(path)) == [Review("Fine, really.", "POSITIVE")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "Fine."}, 'no field "label": name the one with the label, of text'),
        ({"label": "pos", "body": "Fine."}, 'no field "text": name the one with the text'),
        ({"text": "  ", "label": "pos"}, 'no text: field "text" is blank'),
        ({"text": None, "label": "pos"}, 'no text: field "text" is null'),
        ({"text": "Fine.", "label": "good"}, "unknown label 'good'; accepted are positive, pos"),
        ({"text": "x" * 1_000_001, "label": "pos"}, "a text of 1,000,001 characters"),
        ({"text": "\ud83d", "label": "pos"}, 'field "text" is no Unicode text'),
    ],
)
def test_a_bad_row_goes_to_on_bad_and_reading_goes_on(tmp_path, row, reason):
    path = write_jsonl(tmp_path / "reviews.jsonl", [ROWS[0], row, ROWS[1]])
    bad = []
    reviews = list(read_reviews(path, on_bad=bad.append))
    assert [review.text for review in reviews] == [ROWS[0]["text"], ROWS[1]["text"]]
    assert [(record.source, record.line) for record in bad] == [(str(path), 2)]
    assert bad[0].reason.startswith(reason)


def test_a_bad_row_stops_the_corpus_with_its_place(tmp_path, nlp):
    path = write_jsonl(tmp_path / "reviews.jsonl", [ROWS[0], {"text": "Hm.", "label": "so-so"}])
    with pytest.raises(InputError, match=r"reviews\.jsonl:2: unknown label 'so-so'"):
        list(ReviewCorpus(path)(nlp))


def test_fields_can_be_named(tmp_path, nlp):
    path = write_jsonl(tmp_path / "reviews.jsonl", [{"body": "Fine.", "stars": 2}])
    corpus = ReviewCorpus(path, text_field="body", label_field="stars", stars="5")
    (example,) = corpus(nlp)
    assert example.text == "Fine."
    assert example.reference.cats == {"POSITIVE": 0.0, "NEGATIVE": 1.0}


def test_examples_hold_the_pipelines_own_tokens_and_cats_on_the_reference_alone(table, nlp):
    example = next(iter(ReviewCorpus(table)(nlp)))
    assert isinstance(example, Example)
    assert [token.text for token in example.predicted] == ["Film", "0", ",", "a", "joy", "."]
    assert example.predicted.cats == {}
    assert example.reference.cats == {"POSITIVE": 1.0, "NEGATIVE": 0.0}


def test_neutral_is_in_all_cats_or_in_none(tmp_path, nlp):
    rows = [*ROWS, {"text": "Film 9, a film.", "label": "neutral"}]
    path = write_jsonl(tmp_path / "reviews.jsonl", rows)
    keys = {tuple(example.reference.cats) for example in ReviewCorpus(path, limit=3)(nlp)}
    assert keys == {("POSITIVE", "NEGATIVE", "NEUTRAL")}


def test_a_table_is_read_whole_or_split_in_two(table, nlp):
    everything = texts(ReviewCorpus(table)(nlp))
    train = texts(ReviewCorpus(table, split="train", dev_size=4)(nlp))
    dev = texts(ReviewCorpus(table, split="dev", dev_size=4)(nlp))
    assert everything == [row["text"] for row in ROWS]
    assert len(dev) == 4
    assert sorted(train + dev) == sorted(everything)
    assert texts(ReviewCorpus(table, split="train")(nlp)) == everything
    assert dev != texts(ReviewCorpus(table, split="dev", dev_size=4, seed=1)(nlp))


def test_imdb_is_split_by_film_and_tested_on_its_test_folder(imdb, nlp):
    train = texts(ReviewCorpus(imdb, split="train", dev_size=3)(nlp))
    dev = texts(ReviewCorpus(imdb, split="dev", dev_size=3)(nlp))
    assert len(train) == 12
    assert len(dev) == 4
    assert not {text.split()[0] for text in train} & {text.split()[0] for text in dev}
    assert sorted(texts(ReviewCorpus(imdb)(nlp))) == sorted(train + dev)
    test = {
        example.text: example.reference.cats for example in ReviewCorpus(imdb, split="test")(nlp)
    }
    assert test == {
        "Seen once, pos.": {"POSITIVE": 1.0, "NEGATIVE": 0.0},
        "Seen once, neg.": {"POSITIVE": 0.0, "NEGATIVE": 1.0},
    }


def test_limit_and_a_second_pass(table, nlp):
    corpus = ReviewCorpus(table, limit=5)
    first = texts(corpus(nlp))
    assert first == [row["text"] for row in ROWS[:5]]
    assert texts(corpus(nlp)) == first


def test_texts_become_docs_one_at_a_time(table, nlp, monkeypatch):
    made = []
    make_doc = nlp.make_doc
    monkeypatch.setattr(nlp, "make_doc", lambda text: made.append(text) or make_doc(text))
    next(iter(ReviewCorpus(table)(nlp)))
    assert made == [ROWS[0]["text"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split": "dev"}, 'split "dev" needs a dev_size above 0'),
        ({"split": "test"}, 'a table has no split "test"'),
        ({"split": "train", "dev_size": 12}, "leaves none of the 12 reviews to train on"),
    ],
)
def test_splits_that_a_table_cannot_give(table, nlp, options, message):
    with pytest.raises(InputError, match=message):
        list(ReviewCorpus(table, **options)(nlp))


def test_an_empty_table(tmp_path, nlp):
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(InputError, match=r"empty\.jsonl: no reviews"):
        list(ReviewCorpus(tmp_path / "empty.jsonl")(nlp))


@pytest.mark.parametrize("name", ["gone.jsonl", "gone.tar.gz", "aclImdb"])
def test_a_source_that_is_not_there(tmp_path, nlp, name):
    with pytest.raises(InputError, match=f"{name}: no such file or folder"):
        list(ReviewCorpus(tmp_path / name)(nlp))


def test_broken_json_stops_the_corpus_with_its_place(tmp_path, nlp):
    (tmp_path / "reviews.jsonl").write_text('{"text": "Fine.", "label": "pos"}\n{"text": \n')
    with pytest.raises(InputError, match=r"reviews\.jsonl:2: broken JSON"):
        list(ReviewCorpus(tmp_path / "reviews.jsonl")(nlp))


def test_config_resolves_the_registered_reader(table, nlp):
    config = f"""
    [corpora]

    [corpora.train]
    @readers = "spacy-lstm-sentiment.ReviewCorpus.v1"
    path = {json.dumps(str(table))}
    split = "train"
    dev_size = 4
    """
    corpora = spacy.registry.resolve(Config().from_str(config))["corpora"]
    assert len(list(corpora["train"](nlp))) == 8
