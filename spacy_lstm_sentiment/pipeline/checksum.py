"""How a saved component knows that its model, with its words and vectors, is as it was saved."""

import hashlib
from pathlib import Path

import srsly

CHECKSUM_FILE = "checksum.json"
BLOCK = 1 << 20  # bytes at a time


def write_checksum(path: Path) -> None:
    """Write the digest of the model that a component has saved in its folder."""
    srsly.write_json(path / CHECKSUM_FILE, {"sha256": _digest(path / "model")})


def verify_checksum(path: Path) -> None:
    """RAISES ValueError: The model is not the one that was saved; without a checksum none is."""
    file = path / CHECKSUM_FILE
    if file.exists() and srsly.read_json(file)["sha256"] != _digest(path / "model"):
        raise ValueError("the model's checksum is wrong")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
