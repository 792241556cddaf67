"""A teacher that has read more: a pretrained transformer encoder, fine-tuned to label texts.

It is much too slow to ship, and knows what a student over static vectors can only be told.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from spacy_lstm_sentiment.errors import InputError, require
from spacy_lstm_sentiment.models.pytorch.encoder_classifier import (
    EncoderClassifier,
    computes_fast_in_bfloat16,
)

SETTINGS = "teacher.json"
HEAD = "head.safetensors"
# What reading the files of a damaged teacher brings about.
_DAMAGE = (OSError, ValueError, LookupError, TypeError, RuntimeError, SafetensorError)

PADDED_TOKENS = 4096  # of a batch that is predicted


class EncoderTeacher:
    """Gives texts the probabilities of its labels, by an encoder and a linear layer.

    A text that is longer than twice `n_tokens` is read from both ends: reviews say what they think
    in their first and last sentences.
    """

    def __init__(
        self, tokenizer: Any, model: EncoderClassifier, labels: Sequence[str], n_tokens: int
    ) -> None:
        self.tokenizer = tokenizer
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.labels = tuple(labels)
        self.n_tokens = n_tokens

    @classmethod
    def from_pretrained(
        cls, encoder: str, labels: Sequence[str], *, n_tokens: int = 128
    ) -> "EncoderTeacher":
        """A teacher to be fine-tuned, of a folder or of a model's name on Hugging Face's hub.

        RAISES InputError: transformers is not installed, or there is no such encoder.
        """
        tokenizer, model = _load_encoder(encoder)
        classifier = EncoderClassifier(model, model.config.hidden_size, len(labels))
        return cls(tokenizer, classifier, labels, n_tokens)

    @classmethod
    def from_disk(cls, path: Path) -> "EncoderTeacher":
        """Load what `to_disk` saved. RAISES InputError: It is missing or damaged."""
        try:
            settings = json.loads((path / SETTINGS).read_text(encoding="utf-8"))
            teacher = cls.from_pretrained(
                str(path), settings["labels"], n_tokens=settings["n_tokens"]
            )
            teacher.model.head.load_state_dict(load_file(path / HEAD))
        except InputError:
            raise
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            RuntimeError,
            SafetensorError,
        ) as error:
            reason = " ".join(str(error).split())
            raise InputError(f"{path}: not a teacher that can be loaded: {reason}") from None
        return teacher

    def to_disk(self, path: Path) -> None:
        """Save the encoder as transformers does, and the labels and the linear layer beside it."""
        path.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save_pretrained(path)
        self.model.encoder.save_pretrained(path)
        save_file(self.model.head.state_dict(), path / HEAD)
        settings = {"labels": self.labels, "n_tokens": self.n_tokens}
        (path / SETTINGS).write_text(json.dumps(settings) + "\n", encoding="utf-8")

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Token numbers and mask, both (texts, tokens), on the teacher's device."""
        n, tokenizer = self.n_tokens, self.tokenizer
        rows = []
        for ids in tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"]:
            read = ids if len(ids) <= 2 * n else ids[:n] + ids[-n:]
            rows.append([tokenizer.cls_token_id, *read, tokenizer.sep_token_id])
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), tokenizer.pad_token_id)
        for row, tokens in zip(ids, rows, strict=True):
            row[: len(tokens)] = torch.tensor(tokens)
        lengths = torch.tensor([len(row) for row in rows])
        mask = (torch.arange(width) < lengths[:, None]).long()
        return ids.to(self.device), mask.to(self.device)

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Probabilities, (texts, labels)."""
        self.model.eval()
        if computes_fast_in_bfloat16(self.device):
            self.model.to(torch.bfloat16)
        found = np.zeros((len(texts), len(self.labels)))
        with torch.inference_mode():
            for batch in batch_by_characters(texts, PADDED_TOKENS, 2 * self.n_tokens):
                logits = self.model(*self.encode([texts[i] for i in batch]))
                found[batch] = torch.softmax(logits.double(), dim=1).cpu().numpy()
        return found


def is_encoder_teacher(path: Path) -> bool:
    """Whether a folder holds an EncoderTeacher, and not a pipeline."""
    return (path / SETTINGS).exists()


def batch_by_characters(
    texts: Sequence[str], padded_tokens: int, max_tokens: int, max_texts: int = 64
) -> Iterator[list[int]]:
    """The indices of texts in batches of like lengths; a token is taken for four characters."""
    batch: list[int] = []
    for index in sorted(range(len(texts)), key=lambda i: len(texts[i])):
        tokens = min(len(texts[index]) // 4 + 3, max_tokens)
        if batch and (tokens * (len(batch) + 1) > padded_tokens or len(batch) == max_texts):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _load_encoder(name: str) -> tuple[Any, Any]:
    transformers = require("transformers", "teacher", "An encoder as a teacher")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        # Weights are read from safetensors alone: other files of weights can run code.
        model = transformers.AutoModel.from_pretrained(name, use_safetensors=True)
    except (OSError, ValueError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{name}: no encoder that transformers can load: {reason}") from None
    return tokenizer, model.float()
