import tarfile
from pathlib import Path

import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.training.imdb import is_imdb, read_imdb
from spacy_lstm_sentiment.training.reviews import Review


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve reviews a label in train, one a label in test, two without a label."""
    root = tmp_path / "aclImdb"
    for name in ("train/pos", "train/neg", "train/unsup", "test/pos", "test/neg"):
        (root / name).mkdir(parents=True)
    for number in range(12):
        (root / f"train/pos/{number}_9.txt").write_text(f"Lovely, take {number}.")
        (root / f"train/neg/{number}_2.txt").write_text(f"Dreadful, take {number}.")
    (root / "test/pos/0_10.txt").write_text("Superb.")
    (root / "test/neg/0_1.txt").write_text("Rubbish.")
    (root / "train/unsup/0_0.txt").write_text("Some film.")
    (root / "train/unsup/1_0.txt").write_text("Some other film.")
    (root / "train/pos/._0_9.txt").write_bytes(b"\x00\xff")
    (root / "README").write_text("About the data.")
    for label, first in (("pos", 100), ("neg", 200)):
        films = [f"http://films.example/title/tt{first + n // 2}/usercomments" for n in range(12)]
        (root / f"train/urls_{label}.txt").write_text("\n".join(films) + "\n")
    return root


@pytest.fixture
def archive(folder: Path) -> Path:
    path = folder.parent / "aclImdb_v1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder, arcname="aclImdb")
    return path


@pytest.mark.parametrize("split", ["train", "test", "unsup"])
def test_folder_and_archive_give_the_same_reviews_in_the_same_order(folder, archive, split):
    reviews = list(read_imdb(folder, split))
    assert reviews == list(read_imdb(archive, split))
    assert len(reviews) == {"train": 24, "test": 2, "unsup": 2}[split]


def test_label_film_and_rating_belong_to_the_text(folder):
    reviews = {review.text: review for review in read_imdb(folder)}
    assert reviews["Lovely, take 5."] == Review("Lovely, take 5.", "POSITIVE", "tt102", 9)
    assert reviews["Dreadful, take 11."] == Review("Dreadful, take 11.", "NEGATIVE", "tt205", 2)


def test_unsup_has_neither_label_nor_rating(folder):
    reviews = list(read_imdb(folder, "unsup"))
    assert {(review.label, review.group, review.rating) for review in reviews} == {
        (None, None, None)
    }


def test_labels_are_mixed_and_the_order_never_changes(folder):
    # Written out, so that a change of machine, of Python or of the hash would show.
    labels = "".join(review.label[0] for review in read_imdb(folder))
    assert labels == "NNNNNPNNPPNNNPNPPPPPPPPN"


def test_text_is_kept_byte_for_byte(folder):
    text = "Caf\u00e9.<br /><br />Two\r\nlines,  and spaces "
    (folder / "test/pos/0_10.txt").write_bytes(text.encode())
    assert text in [review.text for review in read_imdb(folder, "test")]


def test_broken_files_are_bad_records_that_name_the_file(folder):
    (folder / "test/pos/0_10.txt").write_bytes(b"caf\xe9")
    (folder / "test/neg/0_1.txt").write_bytes(b" \n")
    records = {record.source: record for record in read_imdb(folder, "test")}
    assert all(isinstance(record, BadRecord) for record in records.values())
    assert records[f"{folder}/test/pos/0_10.txt"].reason == "not UTF-8"
    assert records[f"{folder}/test/neg/0_1.txt"].reason == "no text"


def test_reviews_without_a_list_of_films_have_no_group(folder):
    (folder / "train/urls_neg.txt").unlink()
    groups = {review.label: review.group for review in read_imdb(folder)}
    assert groups["NEGATIVE"] is None
    assert groups["POSITIVE"] is not None


def test_a_missing_split_is_named(folder):
    for file in folder.glob("test/*/*.txt"):
        file.unlink()
    with pytest.raises(InputError, match="no reviews in test/pos or test/neg"):
        list(read_imdb(folder, "test"))


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.0])
def test_an_archive_cut_short_is_an_input_error(archive, kept):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(InputError, match="not a whole"):
        list(read_imdb(archive))


def test_a_file_that_is_no_archive_is_an_input_error(tmp_path):
    path = tmp_path / "aclImdb_v1.tar.gz"
    path.write_text("<html>Not found</html>")
    with pytest.raises(InputError, match="not a whole"):
        list(read_imdb(path))


def test_imdb_is_told_from_tables_by_its_looks(folder, tmp_path):
    assert is_imdb(folder)
    assert is_imdb("aclImdb_v1.tar.gz")
    assert not is_imdb(tmp_path / "reviews.csv.gz")
