"""The Large Movie Review Dataset v1.0 (IMDB), out of its archive or its extracted folder.

    aclImdb/train/pos/ID_RATING.txt    and so train/neg, test/pos, test/neg, train/unsup (no labels)
    aclImdb/train/urls_pos.txt         line ID, counted from 0, is the address of the review's film

https://ai.stanford.edu/~amaas/data/sentiment/
"""

import gzip
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy_lstm_sentiment.errors import Damaged, InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
from spacy_lstm_sentiment.records.record import BadRecord
from spacy_lstm_sentiment.training.reviews import Review, stable_rank

# The folders of each split, with the label of what lies in them.
_SPLITS: dict[str, dict[str, str | None]] = {
    "train": {"train/pos": POSITIVE, "train/neg": NEGATIVE},
    "test": {"test/pos": POSITIVE, "test/neg": NEGATIVE},
    "unsup": {"train/unsup": None},
}
_REVIEW_NAME = re.compile(r"(.+)/(\d+)_(\d+)\.txt")  # folder, ID, rating
_FILM = re.compile(r"tt\d+")


def is_imdb(path: str | Path) -> bool:
    """Whether a path names an IMDB data set (a folder or a tar archive), by its looks alone."""
    return Path(path).is_dir() or str(path).endswith((".tar.gz", ".tgz"))


def read_imdb(path: str | Path, split: str = "train") -> Iterator[Review | BadRecord]:
    """Read a split, "train", "test" or "unsup", from `aclImdb` or `aclImdb_v1.tar.gz`.

    The order is shuffled, mixing labels, but always the same. `Review.group` is the film. A file
    that is empty or not UTF-8 comes as a BadRecord. Raises InputError for a folder or an archive
    that has no such split.
    """
    path = Path(path)
    folders = _SPLITS[split]
    files = _read_folder(path, folders) if path.is_dir() else _read_archive(path, folders)
    names = [match for match in map(_REVIEW_NAME.fullmatch, files) if match]
    if not names:
        raise InputError(f"{path}: no reviews in {' or '.join(folders)}; is it all of aclImdb?")
    films = {folder: _films(files.get(_urls_name(folder), b"")) for folder in folders}
    for name in sorted(names, key=lambda name: stable_rank(0, name.string)):
        folder, number, rating = name[1], int(name[2]), int(name[3])
        content = files[name.string]
        try:
            yield _make_review(content, folders[folder], films[folder], number, rating)
        except ValueError as error:
            reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            yield BadRecord(f"{path}/{name.string}", 1, "", reason)


def _read_folder(path: Path, folders: Iterable[str]) -> dict[str, bytes]:
    """The files of some folders, and their lists of films, by name from `aclImdb` down."""
    files = {}
    for folder in folders:
        for file in [path / _urls_name(folder), *(path / folder).glob("*.txt")]:
            if file.is_file():
                files[file.relative_to(path).as_posix()] = file.read_bytes()
    return files


def _read_archive(path: Path, folders: Iterable[str]) -> dict[str, bytes]:
    """The same from the archive, in one pass that writes nothing to disk."""
    lists = [_urls_name(folder) for folder in folders]
    files = {}
    try:
        # gzip on its own notices an archive cut short; tarfile's "r|gz" takes that for its end.
        with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./").removeprefix("aclImdb/")
                if name.rpartition("/")[0] in folders or name in lists:
                    content = archive.extractfile(member)
                    if content is not None:
                        files[name] = content.read()
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Damaged(f"{path}: not a whole .tar.gz ({error}); download it again") from None
    return files


def _urls_name(folder: str) -> str:
    split, _, name = folder.partition("/")
    return f"{split}/urls_{name}.txt"


def _films(urls: bytes) -> list[str | None]:
    """The film of each review, "tt0453418", by the review's ID."""
    matches = (_FILM.search(line) for line in urls.decode("ascii", "replace").splitlines())
    return [match and match.group() for match in matches]


def _make_review(
    content: bytes, label: str | None, films: list[str | None], number: int, rating: int
) -> Review:
    text = content.decode("utf-8")
    if not text.strip():
        raise ValueError("no text")
    film = films[number] if number < len(films) else None
    # Unlabelled reviews all carry the rating 0, which stands for none.
    return Review(text, label, film, rating or None)
