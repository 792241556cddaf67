"""Fine-tunes an EncoderTeacher, for hours if need be: it can be killed and gone on with."""

import time
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole
from spacy_lstm_sentiment.models.pytorch.encoder_classifier import computes_fast_in_bfloat16
from spacy_lstm_sentiment.training.encoder_teacher import EncoderTeacher, batch_by_characters

PADDED_TOKENS, MAX_TEXTS = 2048, 48  # of a batch
BUFFER = 1024  # texts that are sorted by length together
LABEL_SMOOTHING = 0.03
HEAD_RATE = 25.0  # the linear layer begins at random and learns so many times faster
SECONDS_BETWEEN_CHECKPOINTS = 240.0


def fine_tune(
    teacher: EncoderTeacher,
    texts: Sequence[str],
    targets: npt.NDArray[np.float32],
    checkpoint: Path,
    *,
    learn_rate: float = 2e-5,
    epochs: int = 1,
    seed: int = 0,
) -> None:
    """Teach the encoder, by AdamW at a rate that falls to zero.

    targets: A probability for each label. *Shape:* (texts, labels)
    checkpoint: A file to go on from if it is there. It stays, until what was learnt is saved.
    RAISES InputError: The checkpoint is of another training.
    """
    _freeze_word_embeddings(teacher)
    optimizer = _make_optimizer(teacher, learn_rate)
    order = [index for epoch in range(epochs) for index in _shuffled(len(texts), seed + epoch)]
    start = _resume(checkpoint, teacher, optimizer, len(order))
    saved = time.monotonic()
    with tqdm(total=len(order), initial=start, unit=" texts", disable=None) as progress:
        for position in range(start, len(order), BUFFER):
            chunk = order[position : position + BUFFER]
            share_left = 1.0 - position / len(order)
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * share_left
            loss = _learn_chunk(teacher, optimizer, texts, targets, chunk, seed + position)
            progress.set_postfix(loss=f"{loss:.3f}")
            progress.update(len(chunk))
            if time.monotonic() - saved > SECONDS_BETWEEN_CHECKPOINTS:
                _save(checkpoint, teacher, optimizer, position + len(chunk), len(order))
                saved = time.monotonic()


def _learn_chunk(
    teacher: EncoderTeacher,
    optimizer: torch.optim.Optimizer,
    texts: Sequence[str],
    targets: npt.NDArray[np.float32],
    chunk: list[int],
    seed: int,
) -> float:
    """Learn from texts in batches of like lengths, in random order; their mean loss comes back."""
    found = batch_by_characters(
        [texts[i] for i in chunk], PADDED_TOKENS, 2 * teacher.n_tokens, MAX_TEXTS
    )
    batches = [[chunk[place] for place in batch] for batch in found]
    Random(seed).shuffle(batches)
    teacher.model.train()
    torch.manual_seed(seed)  # dropout, the same whether this was gone on with or not
    total = 0.0
    half = computes_fast_in_bfloat16(teacher.device)
    for batch in batches:
        ids, mask = teacher.encode([texts[i] for i in batch])
        with torch.autocast(teacher.device.type, torch.bfloat16, enabled=half):
            logits = teacher.model(ids, mask)
        wanted = torch.from_numpy(targets[batch]).to(teacher.device)
        loss = cross_entropy(logits, wanted, label_smoothing=LABEL_SMOOTHING)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(_learning(teacher), 1.0)
        optimizer.step()
        total += float(loss.detach()) * len(batch)
    return total / len(chunk)


def _freeze_word_embeddings(teacher: EncoderTeacher) -> None:
    """A fifth of the weights, most of which no training text would touch."""
    teacher.model.encoder.get_input_embeddings().requires_grad_(False)


def _learning(teacher: EncoderTeacher) -> list[Any]:
    return [weights for weights in teacher.model.parameters() if weights.requires_grad]


def _make_optimizer(teacher: EncoderTeacher, learn_rate: float) -> torch.optim.Optimizer:
    head = list(teacher.model.head.parameters())
    body = [weights for weights in teacher.model.encoder.parameters() if weights.requires_grad]
    groups = [
        {"params": body, "initial_lr": learn_rate},
        {"params": head, "initial_lr": learn_rate * HEAD_RATE},
    ]
    return torch.optim.AdamW(groups, lr=learn_rate, weight_decay=0.01)


def _shuffled(n: int, seed: int) -> list[int]:
    order = list(range(n))
    Random(seed).shuffle(order)
    return order


def _save(
    path: Path, teacher: EncoderTeacher, optimizer: torch.optim.Optimizer, done: int, total: int
) -> None:
    state = {
        "model": teacher.model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "done": done,
        "total": total,
    }
    with open_whole(path) as file:
        torch.save(state, file)


def _resume(
    path: Path, teacher: EncoderTeacher, optimizer: torch.optim.Optimizer, total: int
) -> int:
    if not path.exists():
        return 0
    try:
        state = torch.load(path, weights_only=True, map_location=teacher.device)
        found = state["total"]
    except (ValueError, LookupError, TypeError, RuntimeError, EOFError, UnpicklingError):
        raise InputError(f"{path}: no checkpoint of a training: move it away") from None
    if found != total:
        raise InputError(
            f"{path}: a checkpoint of a training on {found:,} texts, not {total:,}: "
            "remove it, or give what it was begun with"
        )
    teacher.model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["done"])
