import numpy as np
import pytest
import spacy
from small_pipeline import REVIEWS, make_examples, make_vectors_nlp
from spacy.tokens import DocBin

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.corpus_report import describe_corpus
from spacy_lstm_sentiment.reports.corpus_statistics import measure_corpus, measure_cut
from spacy_lstm_sentiment.reports.texts import Text, read_texts


def texts_of(*texts, label="POSITIVE"):
    return [Text(text, label) for text in texts]


def test_counts():
    splits = {
        "a": texts_of("good film", "the film was good ."),
        "b": texts_of("bad\n\nfilm", label="NEGATIVE"),
    }
    statistics = measure_corpus(splits, make_vectors_nlp())
    a, b = statistics.splits
    assert a.lengths.tolist() == [2, 5]
    assert (a.n_words, b.n_words) == (7, 2)
    assert b.lengths.tolist() == [3]  # the line breaks are a token, and no word
    assert (dict(a.labels), dict(b.labels)) == ({"POSITIVE": 2}, {"NEGATIVE": 1})


def test_coverage_by_token_and_by_type():
    """By lower case: the vectors are keyed by it."""
    splits = {"a": texts_of("GOOD good zyx film zyx", "qwv zyx")}
    coverage = measure_corpus(splits, make_vectors_nlp()).coverage
    assert coverage.token_share == pytest.approx(3 / 7)
    assert coverage.type_share == pytest.approx(2 / 4)
    assert list(coverage.unknown) == [("zyx", 3), ("qwv", 1)]


def test_no_vectors():
    statistics = measure_corpus({"a": texts_of("good")}, spacy.blank("en"))
    assert statistics.coverage is None
    assert "Vectors" in [section.title for section in describe_corpus(statistics).sections]


def test_duplicates_within_and_between():
    splits = {
        "train": texts_of("A good film", "a  GOOD\nfilm", "bad"),
        "dev": texts_of("Bad", "a good film", "other"),
    }
    statistics = measure_corpus(splits, make_vectors_nlp())
    assert [split.n_duplicates for split in statistics.splits] == [1, 0]
    assert statistics.shared == {("train", "dev"): 2}


def test_what_a_max_length_cuts():
    cut = measure_cut(np.array([10, 20, 30, 40]), 25)
    assert cut.documents == 0.5
    assert cut.tokens == pytest.approx((5 + 15) / 100)


def test_the_recommended_length_is_the_smallest_that_cuts_little():
    splits = {"a": texts_of(*["good " * 90] * 19, "good " * 900)}
    statistics = measure_corpus(splits, make_vectors_nlp(), max_length=77)
    assert statistics.recommended == 800
    by_length = {cut.max_length: cut.tokens for cut in statistics.cuts}
    assert by_length[800] <= 0.05 < by_length[600]
    assert 77 in by_length


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_texts_of_a_table(files):
    (files / "a.csv").write_text("body,mark,site\ngood,pos,x\nbad,,y\n")
    texts = read_texts(files / "a.csv", text_field="body", label_field="mark")
    assert texts == [Text("good", "POSITIVE", {"site": "x"}), Text("bad", None, {"site": "y"})]


def test_texts_of_a_docbin(files):
    docs = [example.reference for example in make_examples(spacy.blank("en"))]
    DocBin(docs=docs).to_disk(files / "a.spacy")
    assert [(t.text, t.label) for t in read_texts(files / "a.spacy")] == REVIEWS


def test_texts_of_imdb_have_ratings(files):
    for folder, rating in (("pos", 9), ("neg", 2)):
        (files / "aclImdb" / "train" / folder).mkdir(parents=True)
        (files / "aclImdb" / "train" / folder / f"0_{rating}.txt").write_text("a film")
        (files / "aclImdb" / "train" / f"urls_{folder}.txt").write_text("http://x/tt0000001/\n")
    texts = read_texts(files / "aclImdb")
    assert sorted((text.columns["rating"], text.label) for text in texts) == [
        (2, "NEGATIVE"),
        (9, "POSITIVE"),
    ]


def test_a_review_of_imdb_that_cannot_be_read(files):
    (files / "aclImdb" / "train" / "pos").mkdir(parents=True)
    (files / "aclImdb" / "train" / "pos" / "0_9.txt").write_text("")
    with pytest.raises(InputError, match=r"0_9\.txt: no text"):
        read_texts(files / "aclImdb")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", None, "no such file"),
        ("a.jsonl", "", "no texts"),
        ("a.jsonl", '{"text": "good", "label": "maybe"}', "a.jsonl:1: unknown label"),
        ("a.jsonl", '{"text": 1}', "a.jsonl:1: .* is no text"),
        ("a.spacy", "nonsense", "not a .spacy file"),
    ],
)
def test_texts_that_cannot_be_read(files, name, content, message):
    if content is not None:
        (files / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_texts(files / name)
