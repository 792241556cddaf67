"""What a run depends on, pinned: a run is resumed with nothing but the same."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import srsly
from spacy import Language
from spacy.pipeline import TrainablePipe
from spacy.vectors import Vectors
from thinc.api import Model, NumpyOps

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import Damaged
from spacy_lstm_sentiment.records.inputs import is_repeatable
from spacy_lstm_sentiment.records.opening import open_stored
from spacy_lstm_sentiment.records.remote import open_file_system, told_plainly, version_in
from spacy_lstm_sentiment.records.urls import is_url, shown

# Bytes of a file's head and tail that are hashed.
EDGE = 1 << 16


@dataclass(frozen=True)
class Manifest:
    """What the output of a run depends on.

    inputs: by path, size, time of the last change and hash of head and tail, of a URL its size and
    version; null for one that cannot be read twice. model: a hash of the pipeline. options: those
    that change the output.
    """

    version: str
    model: str
    options: dict[str, Any]
    inputs: dict[str, Any]

    @property
    def digest(self) -> str:
        """A short name for it."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The manifest as text."""
        return json.dumps(asdict(self), indent=1)

    def difference(self, other: "Manifest") -> str | None:
        """Why a run with this manifest cannot go on where one with another has stopped."""
        if self.model != other.model:
            return "another model"
        if self.version != other.version:
            return f"version {other.version} of spacy-lstm-sentiment, not {self.version}"
        for name in {**other.options, **self.options}:
            before, now = other.options.get(name), self.options.get(name)
            if before != now:
                return f"{name} {json.dumps(before)}, not {json.dumps(now)}"
        if list(self.inputs) != list(other.inputs):
            return "other inputs"
        for path, facts in self.inputs.items():
            if facts is None:
                return f"the input {path}, which cannot be read twice"
            if facts != other.inputs[path]:
                return f"{path} as it was before it changed"
        return None


def make_manifest(nlp: Language, inputs: list[str], options: dict[str, Any]) -> Manifest:
    """The manifest of a run. Raises InputError for an input that cannot be read."""
    return Manifest(
        version=spacy_lstm_sentiment.__version__,
        model=hash_pipeline(nlp),
        # As they will be read back: without tuples.
        options=json.loads(json.dumps(options)),
        inputs=_pin_all(inputs),
    )


def read_manifest(path: Path) -> Manifest:
    """A manifest out of a file. Raises InputError where that has none."""
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise Damaged(f"{path}: no manifest of a run: start over with --no-resume") from None


def is_manifest(path: Path) -> bool:
    """Whether a file is the manifest of a run, of whatever version."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.keys() >= {"version", "model", "options", "inputs"}


def hash_pipeline(nlp: Language) -> str:
    """A hash of all that a pipeline's scores depend on: components, config and vectors."""
    learnt = {name: pipe for name, pipe in nlp.components if isinstance(pipe, TrainablePipe)}
    digest = hashlib.sha256(nlp.to_bytes(exclude=["vocab", *learnt]))
    for pipe in learnt.values():
        digest.update(pipe.to_bytes(exclude=["vocab", "model"]))
        _add_model(digest, pipe.model)
    vectors = nlp.vocab.vectors
    if not isinstance(vectors, Vectors):  # of the pipeline's own kind
        digest.update(vectors.to_bytes())
        return digest.hexdigest()
    rows = sorted(vectors.key2row.items())
    digest.update(json.dumps(rows).encode())
    digest.update(_bytes_of(vectors.data))
    return digest.hexdigest()


def _add_model(digest: Any, model: Model[Any, Any]) -> None:
    """What `model.to_bytes()` has, piece by piece: it copies megabytes of tables several times."""
    message = model.to_dict()
    for shims in message.pop("shims"):
        for data in shims:
            digest.update(hashlib.sha256(data).digest())
    for params in message["params"]:
        for name, array in params.items():
            if array is not None:
                params[name] = [str(array.shape), hashlib.sha256(_bytes_of(array)).digest()]
    digest.update(srsly.msgpack_dumps(message))


def _bytes_of(array: Any) -> bytes:
    """An array's values, wherever it is."""
    return NumpyOps().to_numpy(array).tobytes()


def _pin_all(paths: list[str]) -> dict[str, Any]:
    pins: dict[str, Any] = {}
    for path in paths:
        name, number = shown(path), 1
        while name in pins:  # it is given twice, or differs in what is not shown
            number += 1
            name = f"{shown(path)} ({number})"
        pins[name] = pin_input(path)
    return pins


def pin_input(path: str) -> dict[str, Any] | None:
    """What tells whether a file has changed."""
    if not is_repeatable(path):
        return None
    if is_url(path):
        return _pin_url(path)
    digest = hashlib.sha256()
    with open_stored(path) as file:
        digest.update(file.read(EDGE))
        stat = Path(path).stat()
        file.seek(max(0, stat.st_size - EDGE))
        digest.update(file.read(EDGE))
    return {"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "hash": digest.hexdigest()}


def _pin_url(url: str) -> dict[str, Any]:
    with told_plainly(url):
        files, path = open_file_system(url)
        info = files.info(path)
    version = version_in(info)
    if version is None:  # which a web server need not tell
        with open_stored(url) as file:
            version = hashlib.sha256(file.read(EDGE)).hexdigest()
    return {"size": info["size"], "version": version}
