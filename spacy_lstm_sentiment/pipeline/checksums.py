"""How a saved component knows that it and the vectors it reads by are as they were saved."""

import hashlib
from pathlib import Path

import numpy
import srsly
from spacy.vocab import Vocab
from thinc.api import NumpyOps

CHECKSUM_FILE = "checksum.json"


def write_checksums(path: Path, vocab: Vocab, owns_vectors: bool) -> None:
    """Write the digests of a component's saved model and of the vocab's vectors that it reads."""
    vectors = None if owns_vectors else _digest_of_vectors(vocab)
    digests = {"sha256": _digest_of_file(path / "model"), "vectors": vectors}
    srsly.write_json(path / CHECKSUM_FILE, digests)


def verify_checksums(path: Path, vocab: Vocab) -> None:
    """RAISES ValueError: The model or the vectors are not those that were saved together."""
    if not (path / CHECKSUM_FILE).exists():
        return
    saved = srsly.read_json(path / CHECKSUM_FILE)
    if saved["sha256"] != _digest_of_file(path / "model"):
        raise ValueError("the model's checksum is wrong")
    if saved.get("vectors") not in (None, _digest_of_vectors(vocab)):
        raise ValueError(
            "the pipeline's word vectors (vocab/vectors, vocab/key2row) are damaged, or others "
            "than it was saved with"
        )


def _digest_of_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest_of_vectors(vocab: Vocab) -> str:
    digest = hashlib.blake2b(digest_size=16)
    rows = sorted(vocab.vectors.key2row.items())
    digest.update(numpy.array([key for key, _ in rows], dtype="uint64").tobytes())
    digest.update(numpy.array([row for _, row in rows], dtype="int64").tobytes())
    digest.update(numpy.ascontiguousarray(NumpyOps().to_numpy(vocab.vectors.data)).tobytes())
    return digest.hexdigest()
