"""How `spacy train` groups examples into updates."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from spacy.training.batchers import minibatch_by_padded_size

from spacy_lstm_sentiment.settings import require_count


def batch_by_length(
    size: int, max_documents: int, buffer: int = 512
) -> Callable[[Iterable[Any]], Iterator[list[Any]]]:
    """Batches of documents of similar lengths, bounded in tokens and in number.

    spaCy's batch_by_padded bounds the tokens only: of a corpus of reviews and single sentences, a
    batch of sentences would have hundreds of them, and so many would count for one update.

    size (int): Tokens in a batch, padding included. A longer document is a batch of its own.
    max_documents (int): Documents in a batch.
    buffer (int): Documents that are sorted by length at a time.
    RAISES InputError: One of them is below 1.
    """
    require_count("batch_by_length: size", size)
    require_count("batch_by_length: max_documents", max_documents)
    require_count("batch_by_length: buffer", buffer)

    def batches(examples: Iterable[Any]) -> Iterator[list[Any]]:
        for batch in minibatch_by_padded_size(examples, size, buffer, discard_oversize=False):
            for start in range(0, len(batch), max_documents):
                yield batch[start : start + max_documents]

    return batches
