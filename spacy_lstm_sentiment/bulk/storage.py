"""A folder whose files appear whole or not at all: on a disk, or in object storage."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from spacy_lstm_sentiment.files import open_whole, temporary_path
from spacy_lstm_sentiment.records.remote import open_file_system, told_plainly
from spacy_lstm_sentiment.records.urls import is_url


@dataclass(frozen=True)
class Storage:
    """Files by their names in one folder; small enough to be sent to other processes.

    url: the folder's path or URL. A name may have slashes in it.
    """

    url: str

    @property
    def is_remote(self) -> bool:
        return is_url(self.url)

    def put(self, name: str, data: bytes) -> None:
        """Write a file, or replace it."""
        if not self.is_remote:
            local = self._path(name)
            local.parent.mkdir(parents=True, exist_ok=True)
            with open_whole(local) as file:
                file.write(data)
            return
        with self._remote(name) as (files, path):
            files.pipe_file(path, data)

    def create(self, name: str, data: bytes) -> bool:
        """Write a file where there is none; of several who try at a time, one does."""
        if self.is_remote:
            with self._remote(name) as (files, path):
                try:
                    files.pipe_file(path, data, mode="create")
                except FileExistsError:
                    return False
                return True
        local = self._path(name)
        local.parent.mkdir(parents=True, exist_ok=True)
        whole = temporary_path(local.parent)
        try:
            whole.write_bytes(data)
            os.link(whole, local)
        except FileExistsError:
            return False
        finally:
            whole.unlink(missing_ok=True)
        return True

    def get(self, name: str) -> bytes | None:
        """What is in a file; None where there is none."""
        if not self.is_remote:
            local = self._path(name)
            return local.read_bytes() if local.is_file() else None
        with self._remote(name) as (files, path):
            try:
                return files.cat_file(path)
            except FileNotFoundError:
                return None

    def get_all(self, names: list[str]) -> list[bytes]:
        """What is in files that are there; of object storage, many at a time."""
        if not self.is_remote:
            return [self._path(name).read_bytes() for name in names]
        with self._remote("") as (files, root):
            found = files.cat([f"{root}/{name}" for name in names]) if names else {}
        contents = {PurePosixPath(path): data for path, data in found.items()}
        return [contents[PurePosixPath(f"{root}/{name}")] for name in names]

    def names(self, below: str = "") -> list[str]:
        """The names of all files in the folder, or in one in it, in order."""
        if not self.is_remote:
            found = (local for local in self._path(below).rglob("*") if local.is_file())
            return sorted(local.relative_to(self.url).as_posix() for local in found)
        with self._remote("") as (files, root):
            files.invalidate_cache()
            paths = files.find(f"{root}/{below}".rstrip("/"))
            # A folder that is made in this moment may be found as a file of no name.
            return sorted(name for path in paths if (name := path.removeprefix(root).lstrip("/")))

    def remove(self, names: Iterable[str]) -> None:
        """Remove files that are there, and folders that are empty then."""
        found = list(names)
        if not self.is_remote:
            for local in map(self._path, found):
                local.unlink(missing_ok=True)
            for folder in sorted({self._path(n).parent for n in found}, reverse=True):
                while folder != self._path("") and folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
                    folder = folder.parent
        elif found:
            with self._remote("") as (files, root):
                files.rm([f"{root}/{name}" for name in found])

    def _path(self, name: str) -> Path:
        return Path(self.url, name)

    @contextmanager
    def _remote(self, name: str) -> Iterator[tuple[Any, str]]:
        """The file system, and a file's path in it; what fails there becomes an InputError."""
        url = f"{self.url.rstrip('/')}/{name}".rstrip("/")
        with told_plainly(url):
            files, path = open_file_system(url)
            yield files, path
