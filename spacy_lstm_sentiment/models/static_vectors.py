"""Tokens to rows of the vocab's vectors table."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy
import numpy.typing as npt
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.vectors import BaseVectors, Mode, Vectors
from spacy.vocab import Vocab
from thinc.api import Model, get_array_module
from thinc.types import Floats2d, Ints1d

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import STATIC_VECTORS
from spacy_lstm_sentiment.models.normalizing import normalize, spelling_keys
from spacy_lstm_sentiment.settings import require_share

UNKNOWN = -1


def StaticVectors(
    word_dropout: float = 0.0, embedding_dropout: float = 0.0
) -> Model[list[Doc], list[Floats2d]]:
    """Embed documents by the static vectors of their vocab. The layer has no weights.

    Words are looked up by the attribute the vectors are keyed by, normalized, then by their lower
    case (see `normalizing.spellings`); words that are in neither form all get the zero vector.
    Floret vectors know every word; a BaseVectors of the pipeline's own is asked for the keys of the
    words as they are, as spaCy's layers do.

    word_dropout (float): Share of words that training replaces by the unknown word.
    embedding_dropout (float): Share of the vectors' dimensions that training drops, the same for
        every word of a document (Gal & Ghahramani, 2016).
    RETURNS (Model[list[Doc], list[Floats2d]]): A document of n words becomes (n, vector width).
    RAISES InputError: A rate is no share; later, the vocab has no vectors, or their width is
        another than in training.
    """
    return Model(
        STATIC_VECTORS,
        forward,
        init=init,
        attrs=dropout_rates("StaticVectors", word_dropout, embedding_dropout),
        dims={"nO": None},
    )


def dropout_rates(owner: str, word_dropout: float, embedding_dropout: float) -> dict[str, float]:
    """The attributes of an embedding. RAISES InputError: A rate is no share."""
    rates = {"word_dropout": word_dropout, "embedding_dropout": embedding_dropout}
    for name, rate in rates.items():
        require_share(f"{owner}: {name}", rate)
    return rates


def init(
    model: Model[list[Doc], list[Floats2d]], X: list[Doc] | None = None, Y: Any = None
) -> None:
    if X:
        width = X[0].vocab.vectors_length
        if not width or not has_words(X[0].vocab.vectors):
            raise InputError(
                "The pipeline has no word vectors to learn from: make some with "
                "`spacy-lstm-sentiment vectors` and name their folder in the config's "
                "[initialize] block, or pass --paths.vectors to `spacy train`"
            )
        model.set_dim("nO", width)


def has_words(vectors: BaseVectors) -> bool:
    """Whether a vocab's vectors have one for any word."""
    is_table = isinstance(vectors, Vectors) and vectors.mode == Mode.default
    return bool(vectors.key2row if is_table else len(vectors))


def forward(
    model: Model[list[Doc], list[Floats2d]], docs: list[Doc], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Doc]]]:
    lengths = [len(doc) for doc in docs]
    table, words = distinct_vectors(model, docs)
    embedded = table[words]
    if is_train:
        _drop_words(model, embedded)
        _drop_dimensions(model, embedded, lengths)
    return model.ops.unflatten(embedded, model.ops.asarray1i(lengths)), lambda d_vectors: []


def distinct_vectors(
    model: Model[list[Doc], list[Floats2d]], docs: list[Doc]
) -> tuple[Floats2d, Ints1d]:
    """The vectors of the distinct words of documents, and which of them each token has.

    The vectors are in memory of their own. *Shapes:* (distinct words, width), (tokens,)
    """
    vocab, width = docs[0].vocab, model.get_dim("nO")
    own: Any = model.shims[0] if model.shims else None  # a WordTable's
    vectors = vocab.vectors
    if own is None and vocab.vectors_length != width:
        raise InputError(
            f"The pipeline's word vectors have width {vocab.vectors_length}, the model was trained "
            f"on width {width}: train it with a WordTable, whose vectors are the model's own, or "
            "use it in the pipeline that it was trained in"
        )
    attr = getattr(vectors, "attr", ORTH) if own is None else own.attr
    distinct, words = distinct_words(docs, attr)
    if not len(distinct):
        return model.ops.alloc2f(0, width), model.ops.alloc1i(0)
    if own is not None:
        found = own.find(distinct.tolist(), vocab.strings)
        table = model.ops.asarray2f(own.vectors[found])
        table[model.ops.xp.asarray(found) == UNKNOWN] = 0.0
    elif not isinstance(vectors, Vectors):  # of the pipeline's own kind, asked as spaCy asks it
        table = model.ops.asarray2f(vectors.get_batch(distinct))
    elif vectors.mode == Mode.floret:
        words_read = [normalize(vocab.strings[key]) for key in distinct.tolist()]
        table = model.ops.asarray2f(vectors.get_batch(words_read))
    else:
        if get_array_module(vectors.data) is not model.ops.xp:
            vectors.to_ops(model.ops)  # once, at the first batch: from then on it stays there
        rows = model.ops.asarray1i(find_rows(vocab, distinct.tolist()))
        table = model.ops.alloc2f(len(rows), width)
        known = rows != UNKNOWN
        table[known] = vectors.data[rows[known]]
    return table, model.ops.xp.asarray(words)


def distinct_words(
    docs: list[Doc], attr: int
) -> tuple[npt.NDArray[numpy.uint64], npt.NDArray[numpy.int64]]:
    """The keys of the distinct words of documents, and which of them each token has."""
    keys = numpy.concatenate([doc.to_array(attr) for doc in docs])
    return numpy.unique(keys, return_inverse=True)


def find_rows(vocab: Vocab, keys: Iterable[int]) -> list[int]:
    """The row of each word's vector, or UNKNOWN."""
    find, strings = vocab.vectors.key2row.get, vocab.strings
    return [find_row(find, spelling_keys(key, strings)) for key in keys]


def find_row(find: Callable[[int, int], int], spellings: Iterable[int]) -> int:
    """The row of a word's vector, by the first of its spellings that has one, or UNKNOWN."""
    for spelling in spellings:
        row = find(spelling, UNKNOWN)
        if row != UNKNOWN:
            return row
    return UNKNOWN


def _drop_words(model: Model[list[Doc], list[Floats2d]], embedded: Floats2d) -> None:
    rate = model.attrs["word_dropout"]
    if rate:
        embedded[model.ops.xp.random.uniform(size=len(embedded)) < rate] = 0.0


def _drop_dimensions(
    model: Model[list[Doc], list[Floats2d]], embedded: Floats2d, lengths: list[int]
) -> None:
    rate = model.attrs["embedding_dropout"]
    if rate:
        masks = model.ops.get_dropout_mask((len(lengths), embedded.shape[1]), rate)
        embedded *= model.ops.xp.repeat(masks, lengths, axis=0)
