from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.convert import convert_reviews, describe
from spacy_lstm_sentiment.training.reviews import Review

REVIEWS = [
    Review(
        f"  Take {n}.<br /><br />\tIt's <b>{'fine' if n % 2 else 'poor'}</b>\u00a0\U0001f600 ",
        "POSITIVE" if n % 2 else "NEGATIVE",
        f"tt{n // 3}",
    )
    for n in range(12)
]


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def read_docs(path: Path) -> list:
    return list(DocBin().from_disk(path).get_docs(spacy.blank("en").vocab))


def test_texts_and_cats_come_back_as_they_were(tmp_path, nlp):
    convert_reviews(REVIEWS, nlp, tmp_path / "train.spacy")
    docs = read_docs(tmp_path / "train.spacy")
    assert [doc.text for doc in docs] == [review.text for review in REVIEWS]
    assert docs[0].cats == {"POSITIVE": 0.0, "NEGATIVE": 1.0}
    assert docs[1].cats == {"POSITIVE": 1.0, "NEGATIVE": 0.0}
    assert not any(doc.has_annotation(name) for doc in docs for name in ("TAG", "DEP", "ENT_IOB"))


def test_dev_takes_whole_films(tmp_path, nlp):
    train, dev = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    convert_reviews(REVIEWS, nlp, train, dev, dev_size=2)
    assert len(read_docs(dev)) == 3
    films = {review.text: review.group for review in REVIEWS}
    train_films, dev_films = ({films[doc.text] for doc in read_docs(path)} for path in (train, dev))
    assert len(train_films) == 3
    assert len(dev_films) == 1
    assert not train_films & dev_films


def test_neutral_on_one_side_is_a_key_on_both(tmp_path, nlp):
    reviews = [*REVIEWS, Review("Seen it.", "NEUTRAL", "tt9")]
    paths = tmp_path / "train.spacy", tmp_path / "dev.spacy"
    convert_reviews(reviews, nlp, *paths, dev_size=1)
    keys = {tuple(doc.cats) for path in paths for doc in read_docs(path)}
    assert keys == {("POSITIVE", "NEGATIVE", "NEUTRAL")}


def test_unlabelled_reviews_have_no_cats(tmp_path, nlp):
    convert_reviews([Review("Seen it.", None)], nlp, tmp_path / "unsup.spacy")
    assert [doc.cats for doc in read_docs(tmp_path / "unsup.spacy")] == [{}]


def test_the_same_reviews_make_the_same_bytes(tmp_path, nlp):
    for name in ("a.spacy", "b.spacy"):
        convert_reviews(REVIEWS, nlp, tmp_path / name)
    assert (tmp_path / "a.spacy").read_bytes() == (tmp_path / "b.spacy").read_bytes()


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, nlp, monkeypatch):
    path = tmp_path / "train.spacy"
    path.write_text("the old one")

    def refuse(self):
        raise ValueError("too large")

    monkeypatch.setattr(DocBin, "to_bytes", refuse)
    with pytest.raises(InputError, match=r"train\.spacy: .*too large"):
        convert_reviews(REVIEWS, nlp, path)
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_the_table_counts_documents_labels_and_films():
    files = {Path("train.spacy"): REVIEWS, Path("dev.spacy"): [Review("Seen it.", "NEUTRAL")]}
    assert [line.split() for line in describe(files).splitlines()] == [
        ["file", "documents", "POSITIVE", "NEGATIVE", "NEUTRAL", "films"],
        ["train.spacy", "12", "6", "6", "0", "4"],
        ["dev.spacy", "1", "0", "0", "1", "0"],
    ]
