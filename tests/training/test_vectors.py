"""Vectors pruned, written and found again by spaCy, and trained."""

import gzip
import random
import sys

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import load_vectors_into_model

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.vector_files import WordVectors
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.training.vectors import (
    prune,
    put_beside,
    read_pipeline_vectors,
    read_vocabulary,
    write_vectors,
)
from spacy_lstm_sentiment.training.word2vec import read_words, train_word2vec


@pytest.fixture
def vectors():
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    return WordVectors("tiny", ["good", "bad", "plot"], table)


def write_docbin(path, *texts):
    nlp = spacy.blank("en")
    DocBin(docs=[nlp(text) for text in texts]).to_disk(path)
    return path


# Pruning


def test_prune_to_a_corpus(tmp_path, vectors):
    corpora = [
        write_docbin(tmp_path / "a.spacy", "Good plot", "good"),
        write_docbin(tmp_path / "b.spacy", "A GOOD Twist"),
    ]
    vocabulary = read_vocabulary(corpora)
    assert {"Good", "good", "GOOD", "plot", "Twist", "twist"} <= vocabulary
    assert "Plot" not in vocabulary
    pruned = prune(vectors, vocabulary)
    assert (pruned.name, pruned.words) == ("tiny", ["good", "plot"])
    assert pruned.table.tolist() == [[0, 1], [4, 5]]
    assert read_vocabulary(corpora, min_count=3) == {"good"}


def test_prune_keeps_what_is_looked_up_for_words_in_any_characters(tmp_path):
    corpora = [
        write_docbin(tmp_path / "a.spacy", "we\u2019ve isn\u2019t \u2026 soooo \U0001f622 Fine !!!")
    ]
    assert read_vocabulary(corpora) == {
        *("we", "'ve", "have", "is", "n't", "not", "...", "\u2026"),
        *("so", "sad", "Fine", "fine", "!"),
    }


def test_prune_to_nothing(vectors):
    with pytest.raises(InputError, match="None of the 3 words"):
        prune(vectors, {"bon"})


def test_prune_to_what_is_no_docbin(tmp_path):
    (tmp_path / "a.spacy").write_text("good plot")
    with pytest.raises(InputError, match=r"a\.spacy: not a \.spacy file"):
        read_vocabulary([tmp_path / "a.spacy"])


# Writing


def test_written_vectors_are_those_of_the_words(tmp_path, vectors):
    write_vectors(vectors, tmp_path / "deep" / "out")
    nlp = spacy.load(tmp_path / "deep" / "out")
    assert nlp.meta["vectors"]["name"] == "tiny"
    assert (nlp.meta["vectors"]["vectors"], nlp.meta["vectors"]["width"]) == (3, 2)
    good, plot, unknown = nlp("good plot twist")
    assert good.vector.tolist() == [0, 1]
    assert plot.vector.tolist() == [4, 5]
    assert not unknown.has_vector
    assert all(word in nlp.vocab.strings for word in vectors.words)


def test_cased_table_is_looked_up_as_written(tmp_path, vectors):
    cased = WordVectors("cased", ["good", "Good", "plot"], vectors.table)
    write_vectors(cased, tmp_path / "out")
    doc = spacy.load(tmp_path / "out")("good Good Plot")
    assert [token.vector.tolist() for token in doc] == [[0, 1], [2, 3], [0, 0]]


def test_written_vectors_initialize_a_pipeline(tmp_path, vectors):
    write_vectors(vectors, tmp_path / "out", lang="de")
    nlp = spacy.blank("de")
    load_vectors_into_model(nlp, tmp_path / "out")
    assert nlp.vocab.vectors_length == 2
    assert nlp("bad")[0].vector.tolist() == [2, 3]


def test_overwriting_needs_force_and_a_pipeline(tmp_path, vectors):
    output = tmp_path / "out"
    output.mkdir()
    write_vectors(vectors, output)  # an empty folder is free
    other = WordVectors("other", ["fine"], np.ones((1, 2), dtype=np.float32))
    with pytest.raises(InputError, match="--force"):
        write_vectors(other, output)
    write_vectors(other, output, force=True)
    assert spacy.load(output).meta["vectors"]["name"] == "other"
    (output / "meta.json").unlink()
    with pytest.raises(InputError, match="choose another folder"):
        write_vectors(other, output, force=True)
    with pytest.raises(InputError, match="is a file"):
        write_vectors(other, output / "config.cfg", force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_interrupted_writing_leaves_what_was_there(tmp_path, vectors, monkeypatch):
    output = tmp_path / "out"
    write_vectors(vectors, output)
    monkeypatch.setattr("srsly.write_json", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_vectors(vectors, output, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert spacy.load(output)("good")[0].has_vector


def test_unknown_language(tmp_path, vectors):
    with pytest.raises(InputError, match="language 'xx9'"):
        write_vectors(vectors, tmp_path / "out", lang="xx9")
    assert not list(tmp_path.iterdir())


# Training


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz", ".jsonl", ".jsonl.gz", ".spacy"])
def test_words_of_a_source(tmp_path, suffix):
    path = tmp_path / f"reviews{suffix}"
    texts = ["Good  plot, isn't it?", "Überaus GOOD"]
    if suffix == ".spacy":
        write_docbin(path, *texts)
    else:
        with_blank = [texts[0], " ", texts[1]]  # from which there is nothing to learn
        rows = [f'{{"id": 1, "text": "{text}"}}' for text in with_blank]
        lines = with_blank if "txt" in suffix else rows
        content = "".join(f"{line}\n" for line in lines).encode()
        path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    assert list(read_words(path)) == [
        ["good", "plot", ",", "is", "n't", "it", "?"],
        ["überaus", "good"],
    ]


def test_words_of_a_table_in_a_dialect(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text('id;text\n1;"Überaus; ""good"""\n', encoding="cp1252")
    dialect = Dialect(encoding="cp1252", delimiter=";")
    assert list(read_words(path, dialect=dialect)) == [["überaus", ";", '"', "good", '"']]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a.jsonl", b"no json"),
        ("a.jsonl", b"[1]"),
        ("a.jsonl", b'{"text": 1}'),
        ("a.jsonl", b'{"review": "Good"}'),
        ("a.jsonl", b'{"text": "\xff"}'),
        ("a.jsonl", b'{"text": "\\ud83d"}'),
        ("a.txt", b"caf\xe9"),
    ],
)
def test_bad_line_of_text(tmp_path, name, line):
    path = tmp_path / name
    path.write_bytes(b'{"text": "Good"}\n' + line + b"\n")
    with pytest.raises(InputError, match=rf"{name}:2: "):
        list(read_words(path))


def test_word2vec_learns_which_words_go_together():
    pytest.importorskip("gensim", reason='needs gensim: pip install ".[word2vec]"')
    choose = random.Random(0).choices
    topics = [f"warm{n}" for n in range(40)], [f"cold{n}" for n in range(40)]
    documents = [choose(topics[n % 2], k=12) for n in range(600)] + [["rare"]]

    def train(**options):
        return train_word2vec(documents, "own", dimensions=8, **options)

    vectors = train(seed=1)
    assert vectors.table.shape == (80, 8)
    assert set(vectors.words) == {*topics[0], *topics[1]}
    unit = vectors.table / np.linalg.norm(vectors.table, axis=1, keepdims=True)
    is_warm = np.array([word.startswith("warm") for word in vectors.words])
    same_topic = is_warm[:, None] == is_warm[None]
    similarity = unit @ unit.T
    assert similarity[same_topic].mean() > similarity[~same_topic].mean() + 0.3
    np.testing.assert_array_equal(train(seed=1).table, vectors.table)
    assert not np.array_equal(train(seed=2).table, vectors.table)
    assert train(seed=1, max_words=2).words == vectors.words[:2]


def test_word2vec_without_frequent_words():
    pytest.importorskip("gensim", reason='needs gensim: pip install ".[word2vec]"')
    with pytest.raises(InputError, match="no word occurs 5 times; lower --min-count"):
        train_word2vec([["once"]], "own")


def test_word2vec_without_gensim(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(InputError, match=r'pip install "spacy-lstm-sentiment\[word2vec\]"'):
        train_word2vec([["good"]], "own")


def test_docbin_words_keep_their_tokens(tmp_path):
    doc = Doc(spacy.blank("en").vocab, words=["Not-Good", "\n", "plot"])
    DocBin(docs=[doc]).to_disk(tmp_path / "a.spacy")
    assert list(read_words(tmp_path / "a.spacy")) == [["not-good", "plot"]]


def test_two_tables_side_by_side(tmp_path, vectors):
    write_vectors(vectors, tmp_path / "left")
    other = WordVectors("other", ["plot", "twist"], np.array([[7.0], [8.0]], dtype=np.float32))
    joined = put_beside(read_pipeline_vectors(tmp_path / "left"), other)
    rows = dict(zip(joined.words, joined.table, strict=True))
    scale = (35 / 12) ** 0.5 / 0.5  # to the same standard deviation
    expected = {"good": [0, 1, 0], "bad": [2, 3, 0], "plot": [4, 5, 7], "twist": [0, 0, 8]}
    assert rows.keys() == expected.keys()
    for word, values in expected.items():
        np.testing.assert_allclose(rows[word], np.array(values) * [1, 1, scale], rtol=1e-5)


def test_a_pipeline_without_vectors_has_nothing_to_put_beside(tmp_path):
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(InputError, match="no word vectors"):
        read_pipeline_vectors(tmp_path / "blank")
    with pytest.raises(InputError, match="not a pipeline"):
        read_pipeline_vectors(tmp_path)
