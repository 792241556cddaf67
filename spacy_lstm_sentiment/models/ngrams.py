"""Documents as bags of hashed n-grams."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy
import numpy.typing as npt
from spacy.attrs import ORTH
from spacy.tokens import Doc
from thinc.api import Model
from thinc.types import Floats2d, Ints1d

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.dropout import dropout_attrs
from spacy_lstm_sentiment.models.leaves import NGRAM_BAG
from spacy_lstm_sentiment.models.normalizing import spelling_keys
from spacy_lstm_sentiment.models.token_batch import Documents, TokenBatch, lengths_of
from spacy_lstm_sentiment.settings import require_count

# Odd multipliers of 64 bits, which spread the bits of what they multiply (Knuth, 6.4).
SPREAD_WORD, SPREAD_NGRAM = numpy.uint64(0x9E3779B97F4A7C15), numpy.uint64(0xD6E8FEB86659FD93)
HALF = numpy.uint64(32)


def NgramBag(
    width: int = 1,
    ngram_size: int = 3,
    rows: int = 2**20,
    dropout: float | None = None,
) -> Model[list[Doc], Floats2d]:
    """Embed documents by their n-grams: the sum of their vectors over the root of the length.

    With the output layer after it, it is a linear classifier of n-grams. The n-grams are those of
    the normalized and lower-cased tokens, hashed to so many rows of a table of weights.

    width (int): Width of the output: weights an n-gram.
    ngram_size (int): n-grams of 1 to so many tokens.
    rows (int): Size of the table, a power of 2. n-grams that share a row share its weights.
    dropout (float | None): Share of the n-grams that training drops. `null` follows `[training]
        dropout`.
    RETURNS (Model[list[Doc], Floats2d]): A row a document, (documents, width); an empty document
        becomes zeros.
    RAISES InputError: A size is out of its range.
    """
    require_count("NgramBag: width", width)
    require_count("NgramBag: ngram_size", ngram_size)
    require_count("NgramBag: rows", rows, least=2)
    if rows & (rows - 1):
        raise InputError(f"NgramBag: rows {rows} has to be a power of 2")
    return Model(
        NGRAM_BAG,
        forward,
        init=partial(init, rows),
        attrs={"ngram_size": ngram_size, **dropout_attrs("NgramBag", dropout)},
        dims={"nO": width},
        params={"E": None},
    )


def init(
    rows: int, model: Model[list[Doc], Floats2d], X: list[Doc] | None = None, Y: Any = None
) -> None:
    model.set_param("E", model.ops.alloc2f(rows, model.get_dim("nO")))


def forward(
    model: Model[list[Doc], Floats2d], docs: list[Doc], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Doc]]]:
    xp = model.ops.xp
    table = cast(Floats2d, model.get_param("E"))
    if is_train and table.dtype != "float32":  # as it may be saved, which no optimizer takes
        table = xp.asarray(table, dtype="f")
        model.set_param("E", table)
    lengths = lengths_of(docs).astype("int32")
    scales = xp.asarray(1.0 / numpy.sqrt(numpy.maximum(lengths, 1)), dtype="f")[:, None]
    rate = model.attrs.get("fixed_dropout_rate", model.attrs.get("dropout_rate"))
    outputs = model.ops.alloc2f(len(docs), table.shape[1])
    read = []
    for n, found in enumerate(ngram_rows(docs, model.attrs["ngram_size"], len(table))):
        rows, counts = xp.asarray(found), xp.asarray(numpy.maximum(lengths - n, 0))
        embedded = xp.asarray(table[rows], dtype="f")
        mask = model.ops.get_dropout_mask((len(found), 1), rate) if is_train and rate else None
        outputs += model.ops.reduce_sum(embedded if mask is None else embedded * mask, counts)
        read.append((rows, counts, mask))
    outputs *= scales

    def backprop(d_outputs: Floats2d) -> list[Doc]:
        d_table = xp.zeros(table.shape, dtype="f")
        for rows, counts, mask in read:
            d_embedded = model.ops.backprop_reduce_sum(d_outputs * scales, counts)
            model.ops.scatter_add(d_table, rows, d_embedded if mask is None else d_embedded * mask)
        model.inc_grad("E", d_table)
        return []

    return outputs, backprop


def ngram_rows(docs: Documents, ngram_size: int, rows: int) -> list[Ints1d]:
    """The table's rows of all words, of all pairs of words and so on, document by document.

    It ends early where no document is long enough.
    """
    lengths = lengths_of(docs)
    if not lengths.any():
        return []
    keys = spread = _word_keys(docs) * SPREAD_WORD
    owners = numpy.repeat(numpy.arange(len(docs)), lengths)
    found = []
    for n in range(ngram_size):
        if n:
            keys = keys[:-1] * SPREAD_NGRAM + spread[n:]
        inside = owners[: len(keys)] == owners[n:]
        if not inside.any():
            break
        hashes = keys[inside]
        found.append(((hashes ^ (hashes >> HALF)) & numpy.uint64(rows - 1)).astype("int64"))
    return found


def _word_keys(docs: Documents) -> npt.NDArray[numpy.uint64]:
    """The key of each token's normal form in lower case."""
    if isinstance(docs, TokenBatch):
        return docs.keys[docs.tokens]
    keys = numpy.concatenate([doc.to_array(ORTH) for doc in docs if len(doc)])
    distinct, words = numpy.unique(keys, return_inverse=True)
    strings = docs[0].vocab.strings
    lower = [spelling_keys(key, strings)[1] for key in distinct.tolist()]
    return numpy.array(lower, dtype="uint64")[words]


def embed_tokens(model: Model[list[Doc], Floats2d], doc: Doc) -> Floats2d:
    """What each token adds to the layer's output for a document, (tokens, width).

    An n-gram is shared out evenly among its tokens.
    """
    table = cast(Floats2d, model.get_param("E"))
    shares = model.ops.alloc2f(len(doc), table.shape[1])
    for n, rows in enumerate(ngram_rows([doc], model.attrs["ngram_size"], len(table)), start=1):
        embedded = table[model.ops.xp.asarray(rows)] / n
        for start in range(n):
            shares[start : start + len(rows)] += embedded
    return shares / max(len(doc), 1) ** 0.5
