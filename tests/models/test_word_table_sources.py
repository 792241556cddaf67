"""What a table of words is filled from."""

import gzip
import zipfile

import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from small_pipeline import make_vectors_nlp
from spacy.tokens import Doc
from spacy.vectors import Vectors
from word_tables import TEXT, make_table

from spacy_lstm_sentiment.errors import InputError


def test_vectors_may_come_from_a_folder(tmp_path):
    nlp = make_vectors_nlp()
    nlp.to_disk(tmp_path / "vectors")
    blank = spacy.blank("en")
    model = make_table(blank, vectors=str(tmp_path / "vectors"))
    assert not len(blank.vocab.vectors)
    docs = [blank.make_doc(TEXT)]
    assert_array_equal(model.predict(docs)[0], make_table(nlp).predict(docs)[0])


FILES = ["glove.txt", "glove.txt.gz", "all.zip", "all.zip/glove.txt", "w2v.bin", "pair"]


def write_vectors_as(folder, name, words, table):
    """A file of vectors, or the tutorial's pair; what a config names is in the folder."""
    lines = [f"{w} {' '.join(map(str, row.tolist()))}" for w, row in zip(words, table, strict=True)]
    text = "\n".join(lines).encode()
    if name == "pair":
        (folder / name).mkdir()
        numpy.save(folder / name / "wordsList.npy", numpy.array(words))
        numpy.save(folder / name / "wordVectors.npy", table)
    elif ".zip" in name:
        with zipfile.ZipFile(folder / "all.zip", "w") as archive:
            archive.writestr("glove.txt", text)
            if name != "all.zip":
                archive.writestr("other.txt", "good 1 2\n")
    elif name.endswith(".bin"):
        rows = (w.encode() + b" " + row.tobytes() for w, row in zip(words, table, strict=True))
        header = f"{len(words)} {table.shape[1]}\n".encode()
        (folder / name).write_bytes(header + b"".join(rows))
    else:
        (folder / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return str(folder / name)


@pytest.mark.parametrize("name", FILES)
def test_vectors_may_come_from_a_file(name, tmp_path):
    """And are those that the pipeline of the same words and vectors has."""
    nlp = spacy.blank("en")
    words = ["great", "film", "FILM", "n't", "ORTH", "nsubj", "\u2026", ",", "café", "smile"]
    table = numpy.random.default_rng(0).normal(size=(len(words), 5)).astype("float32")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=table, keys=words)
    source = write_vectors_as(tmp_path, name, words, table)
    blank = spacy.blank("en")
    model = make_table(blank, vectors=source)
    assert not len(blank.vocab.vectors)
    docs = [nlp.make_doc(TEXT), nlp.make_doc("ORTH nsubj ... can't Café CAFÉ :)")]
    for found, expected in zip(model.predict(docs), make_table(nlp).predict(docs), strict=True):
        assert_array_equal(found, expected)
        assert found.any()


def test_words_of_a_file_are_found_in_the_characters_that_are_looked_up(tmp_path):
    """A word of the file that is written so comes first."""
    words = ["don\u2019t", "\u2019cause", "'cause", "\U0001f622", "\u200bzero", "\u200b"]
    table = numpy.arange(1, 7, dtype="float32")[:, None]
    model = make_table(
        spacy.blank("en"), vectors=write_vectors_as(tmp_path, "glove.txt", words, table)
    )
    doc = Doc(spacy.blank("en").vocab, words=[*words, "don't", "zero", "Zero", "sad"])
    assert model.predict([doc])[0][:, 0].tolist() == [1, 3, 3, 4, 5, 0, 1, 5, 5, 4]


@pytest.mark.parametrize("source", ["nowhere", ".", "nowhere.txt", "nowhere.zip/a.txt"])
def test_a_source_that_is_nothing_is_an_error(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"vectors = '{source}' is no file of vectors and no pipe"):
        make_table(spacy.blank("en"), vectors=source)


@pytest.mark.parametrize("name", ["glove.txt", "glove.txt.gz", "all.zip"])
def test_a_bad_line_is_named(tmp_path, name):
    words, table = ["good", "bad 1"], numpy.ones((2, 3), "float32")
    source = write_vectors_as(tmp_path, name, words, table)
    with pytest.raises(InputError, match=f"{name}.*:2: expected a word and 3 numbers") as error:
        make_table(spacy.blank("en"), vectors=source)
    assert "\n" not in str(error.value)


def test_a_file_with_numbers_too_large_for_half_precision(tmp_path):
    source = write_vectors_as(tmp_path, "glove.txt", ["good"], numpy.full((1, 2), 1e5, "float32"))
    with pytest.raises(InputError, match="half precision"):
        make_table(spacy.blank("en"), vectors=source)


def test_a_source_without_vectors_is_an_error(tmp_path):
    spacy.blank("en").to_disk(tmp_path)
    with pytest.raises(InputError, match="the pipeline has no word vectors"):
        make_table(spacy.blank("en"), vectors=str(tmp_path))
