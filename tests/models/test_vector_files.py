"""Vectors of every kind of file."""

import gzip
import struct
import zipfile

import numpy as np
import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.vector_files import (
    CHUNK,
    FIRST_BLOCK,
    read_table,
    read_tutorial_pair,
    read_vectors,
)

GLOVE = "good 0.5 -1 2e-1\nbad 1 2 3\n. 0 0 0\n"


def write_pair(folder, words, table):
    np.save(folder / "wordsList.npy", words)
    np.save(folder / "wordVectors.npy", table)
    return folder


def write_zip(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


# Text files


@pytest.mark.parametrize("header", ["", "3 3\n"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_text_vectors_plain_gzipped_and_with_header(tmp_path, header, compress):
    path = tmp_path / ("my.vec.3d.txt" if compress is bytes else "my.vec.3d.txt.gz")
    path.write_bytes(compress((header + GLOVE).encode()))
    vectors = read_vectors(path)
    assert vectors.words == ["good", "bad", "."]
    assert vectors.name == "my.vec.3d"
    assert vectors.table.dtype == np.float32
    np.testing.assert_allclose(vectors.table, [[0.5, -1, 0.2], [1, 2, 3], [0, 0, 0]])


def test_zip_with_one_member_needs_no_choice(tmp_path):
    vectors = read_vectors(write_zip(tmp_path / "glove.zip", glove_3d_txt=GLOVE))
    assert (vectors.name, vectors.words) == ("glove.3d", ["good", "bad", "."])


def test_zip_with_several_files_wants_one_named(tmp_path):
    path = write_zip(tmp_path / "glove.zip", a_txt=GLOVE, b_txt="fine 1 2\n")
    assert read_vectors(path / "b.txt").words == ["fine"]
    for source, problem in ((path, "has 2 files"), (path / "c.txt", r"has no file 'c\.txt'")):
        with pytest.raises(InputError, match=rf"glove\.zip: {problem}: name one of .*zip/a\.txt, "):
            read_vectors(source)


def test_files_in_folders_of_an_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/er/glove.txt", GLOVE)
        archive.writestr("deep/b.txt", GLOVE)
    assert read_vectors(tmp_path / "a.zip" / "deep/er/glove.txt").name == "glove"


@pytest.mark.parametrize("name", ["none.txt", "none.bin.gz", "none.zip", "none.zip/a.txt"])
def test_missing_file(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: cannot be read: No such file"):
        read_vectors(tmp_path / name)


def test_an_empty_archive(tmp_path):
    with pytest.raises(InputError, match=r"glove\.zip: has no file in it"):
        read_vectors(write_zip(tmp_path / "glove.zip"))


def test_duplicates_keep_the_first_and_words_may_contain_spaces(tmp_path):
    path = tmp_path / "glove.txt"
    path.write_text("good 1 2\n. . . 3 4\nat a@b.example 5 6\ngood 7 8\n\u00a0 9 9\n\u0085 8 8 \n")
    vectors = read_table(path)
    assert vectors.words == ["good", ". . .", "at a@b.example", "\u00a0", "\u0085"]
    assert vectors.table.tolist() == [[1, 2], [3, 4], [5, 6], [9, 9], [8, 8]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("bad 1 2", "expected a word and 3 numbers"),
        ("bad 1 2 3 4", "expected a word and 3 numbers"),
        ("bad 1 two 3", "expected a word and 3 numbers"),
        ("bad 1  2 3", "expected a word and 3 numbers"),
        ("1 2 3", "expected a word and 3 numbers"),
        ("", "expected a word and 3 numbers"),
        ("bad 1 nan 3", "not a finite number"),
        ("bad 1 1e99 3", "not a finite number"),
        ("b\udcfcse 1 2 3", "not UTF-8"),
    ],
)
def test_bad_line_is_named(tmp_path, line, reason):
    path = tmp_path / "glove.txt"
    path.write_text(f"{GLOVE}{line}\nfine 1 2 3\n", encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InputError, match=rf"glove\.txt:4: .*{reason}"):
        read_table(path)


# word2vec's binary files


def binary(rows, width, n_rows=None, end=b""):
    """As word2vec writes it, with a line end after each row, or as gensim does, without."""
    packed = (word.encode() + b" " + struct.pack(f"<{width}f", *row) + end for word, row in rows)
    return f"{len(rows) if n_rows is None else n_rows} {width}\n".encode() + b"".join(packed)


ROWS = [("good", [0.1, -1]), ("café", [10.0, 1e-30]), (".", [0, 32]), ("good", [7, 7])]


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("name", ["w2v.bin", "w2v.bin.gz", "w2v.zip", "w2v.txt"])
def test_binary_vectors(tmp_path, name, end):
    path, data = tmp_path / name, binary(ROWS, 2, end=end)
    if name.endswith(".zip"):
        write_zip(path, w2v_bin=data)
    else:
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    vectors = read_vectors(path)
    assert (vectors.name, vectors.words) == ("w2v", ["good", "café", "."])
    assert vectors.table.tolist() == np.array([r for _, r in ROWS[:3]], "float32").tolist()
    assert read_vectors(path, max_words=2).words == ["good", "café"]


@pytest.mark.parametrize("width", [1, 3, 300])
def test_binary_vectors_of_more_than_one_chunk(tmp_path, width):
    n_rows = 3 * CHUNK // (4 * width + 8)
    table = np.random.default_rng(0).normal(size=(n_rows, width)).astype("float32")
    rows = [(f"w{n}", values.tolist()) for n, values in enumerate(table)]
    (tmp_path / "long.bin").write_bytes(binary(rows, width))
    vectors = read_vectors(tmp_path / "long.bin")
    assert vectors.words == [word for word, _ in rows]
    np.testing.assert_array_equal(vectors.table, table)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (binary(ROWS, 2)[:-3], "row 4 of 4 is cut short"),
        (binary(ROWS[:1], 2)[:-7], "row 1 of 1 is cut short"),
        (binary(ROWS, 2, n_rows=9), "row 5 of 9 is cut short"),
        (binary(ROWS, 2, n_rows=3), "promises 3 rows, more follow"),
        (binary(ROWS, 2).replace(b"caf", b"\xff\xfe"), "row 2: the word is not UTF-8"),
        (binary([*ROWS, ("bad", [1, float("nan")])], 2), "row 5: 'bad' has a value that is not"),
        (b"2 2\n" + b"\0" * (2 * CHUNK), "row 1 of 2 is cut short or damaged"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0 \0\0 1", r"expected .*of fastText's vectors the \.vec file"),
    ],
)
def test_damaged_binary_vectors(tmp_path, data, reason):
    (tmp_path / "w2v.bin").write_bytes(data)
    with pytest.raises(InputError, match=rf"w2v\.bin:.*{reason}") as error:
        read_vectors(tmp_path / "w2v.bin")
    assert "\n" not in str(error.value)


def test_what_gensim_writes(tmp_path):
    models = pytest.importorskip("gensim.models")
    gensim = models.KeyedVectors(vector_size=5)
    table = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
    gensim.add_vectors(["good", "naïve", "New_York"], table)
    for name, is_binary in (("w2v.bin", True), ("w2v.txt.gz", False)):
        gensim.save_word2vec_format(str(tmp_path / name), binary=is_binary)
        vectors = read_vectors(tmp_path / name)
        assert vectors.words == gensim.index_to_key
        np.testing.assert_array_equal(vectors.table, table)


# Of any format


@pytest.mark.parametrize(
    "content",
    ["", "\n", "word\n", "0 3\n", "2 999999999\ngood 1 2\n", "9" * 5000 + " 3\na 1 2 3\n"],
)
def test_file_without_vectors(tmp_path, content):
    path = tmp_path / "glove.txt"
    path.write_text(content)
    with pytest.raises(InputError, match=r"glove\.txt"):
        read_table(path)


def test_fewer_rows_than_the_header_promises(tmp_path):
    path = tmp_path / "w2v.txt"
    path.write_text("4 3\n" + GLOVE)
    with pytest.raises(InputError, match=r"w2v\.txt:1: promises 4 rows, 3 follow"):
        read_table(path)
    assert read_table(path, max_words=2).words == ["good", "bad"]


@pytest.mark.parametrize("name", ["glove.txt.gz", "glove.zip"])
def test_damaged_archive(tmp_path, name):
    path = tmp_path / name
    whole = gzip.compress(GLOVE.encode()) if name.endswith("gz") else b"PK\x03\x04 no archive"
    path.write_bytes(whole[:-9])
    with pytest.raises(InputError, match=f"{name}: damaged"):
        read_table(path)


def test_table_grows(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text("".join(f"w{row} {row} 1\n" for row in range(FIRST_BLOCK + 5)))
    vectors = read_table(path)
    assert len(vectors.words) == FIRST_BLOCK + 5
    assert vectors.table[:, 0].tolist() == list(range(FIRST_BLOCK + 5))


# The tutorial's pair


@pytest.mark.parametrize("dtype", ["S", "U"])
def test_tutorial_pair_from_folder_and_from_file(tmp_path, dtype):
    words = ["good", "café", "good"]
    encoded = [word.encode() for word in words] if dtype == "S" else words
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    write_pair(tmp_path, np.array(encoded), table)
    for source in (tmp_path, tmp_path / "wordsList.npy"):
        vectors = read_vectors(source)
        assert vectors.words == ["good", "café"]
        assert vectors.table.tolist() == [[0, 1], [2, 3]]
    assert read_vectors(tmp_path, max_words=1).words == ["good"]


def test_tutorial_pair_of_unequal_lengths(tmp_path):
    write_pair(tmp_path, np.array([b"a", b"b"]), np.zeros((3, 2), dtype="f"))
    with pytest.raises(InputError, match=r"wordsList.npy has 2 words, wordVectors.npy has 3 rows"):
        read_tutorial_pair(tmp_path)


def test_tutorial_pair_without_its_twin(tmp_path):
    np.save(tmp_path / "wordsList.npy", np.array([b"a"]))
    with pytest.raises(InputError, match=r"wordVectors\.npy: not found"):
        read_tutorial_pair(tmp_path)


@pytest.mark.parametrize(
    ("words", "table", "reason"),
    [
        (np.array(["a"], dtype=object), np.zeros((1, 2)), "wordsList.npy: not a .npy file"),
        (np.array([1]), np.zeros((1, 2)), "wordsList.npy: expected"),
        (np.array([b"\xff"]), np.zeros((1, 2)), "wordsList.npy: not UTF-8"),
        (np.array([b"a"]), np.zeros(1), "wordVectors.npy: expected"),
        (np.array([b"a"]), np.array([["x"]]), "wordVectors.npy: expected"),
        (np.array([b"a"]), np.full((1, 2), np.nan), "wordVectors.npy: has values"),
    ],
)
def test_misshapen_tutorial_pair(tmp_path, words, table, reason):
    write_pair(tmp_path, words, table)
    with pytest.raises(InputError, match=reason):
        read_tutorial_pair(tmp_path)
