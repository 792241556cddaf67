"""Tokens to rows of a table of vectors that the component owns."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy
import numpy.typing as npt
import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.vectors import Mode, Vectors
from thinc.api import Model
from thinc.types import Floats2d

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import STATIC_VECTORS
from spacy_lstm_sentiment.models.static_vectors import dropout_rates, find_rows, forward, has_words
from spacy_lstm_sentiment.models.table_shim import TableShim
from spacy_lstm_sentiment.models.vector_files import holds_vectors, read_vectors


def WordTable(
    vectors: str | None = None, word_dropout: float = 0.0, embedding_dropout: float = 0.0
) -> Model[list[Doc], list[Floats2d]]:
    """Embed documents by static vectors of the layer's own, in whatever pipeline it is.

    Initialisation takes the words and vectors out of their source, in half precision; they are
    saved with the model and have no weights. Words are looked up as StaticVectors does.

    vectors (str | None): What initialisation takes words and vectors from: a file of vectors, or a
        pipeline's package or folder, such as `vectors` writes. `null`: the pipeline that is
        initialised, or where that has no vectors those that the layer has already. Not read when a
        trained pipeline is loaded.
    word_dropout (float): As in StaticVectors.
    embedding_dropout (float): As in StaticVectors.
    RETURNS (Model[list[Doc], list[Floats2d]]): A document of n words becomes (n, vector width).
    RAISES InputError: A rate is no share.
    """
    return Model(
        STATIC_VECTORS,
        forward,
        init=partial(init, vectors),
        attrs=dropout_rates("WordTable", word_dropout, embedding_dropout),
        dims={"nO": None},
        shims=[TableShim()],
    )


def init(
    source: str | None,
    model: Model[list[Doc], list[Floats2d]],
    X: list[Doc] | None = None,
    Y: Any = None,
) -> None:
    """RAISES InputError: There are no vectors to take."""
    if not X:
        return
    table = cast(TableShim, model.shims[0])
    if source is not None:
        _fill_from(table, source)
    elif has_words(X[0].vocab.vectors):
        table.fill(X[0].vocab.vectors)
    elif not table:
        raise InputError(
            "The pipeline has no word vectors to learn from: name a file of GloVe or word2vec, or "
            "what `spacy-lstm-sentiment vectors` has made, as `vectors` of the model's WordTable, "
            "or pass --paths.vectors to `spacy train`"
        )
    model.set_dim("nO", table.vectors.shape[1], force=True)


def _fill_from(table: TableShim, source: str) -> None:
    """Take the vectors of a file or of a pipeline."""
    if holds_vectors(Path(source)):
        read = read_vectors(Path(source))
        table.fill_words(read.words, read.table)
    else:
        _fill_from_pipeline(table, source)


def _fill_from_pipeline(table: TableShim, source: str) -> None:
    """Take the vectors of its vocab, or those of a component of its own."""
    try:
        nlp = spacy.load(source)
    except (OSError, ValueError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"WordTable: vectors = {source!r} is no file of vectors and no pipeline: {reason}"
        ) from None
    if has_words(nlp.vocab.vectors):
        table.fill(nlp.vocab.vectors)
        return
    own = table_in(nlp)
    if own is None:
        raise InputError(f"WordTable: vectors = {source!r}: the pipeline has no word vectors")
    table.from_bytes(own.to_bytes())


class Lookup(NamedTuple):
    """Where a pipeline reads words: by their keys of an attribute, to rows or UNKNOWN."""

    attr: int
    find: Callable[[Iterable[int]], Sequence[int] | npt.NDArray[numpy.int64]]


def lookup_of(nlp: Language) -> Lookup | None:
    """A pipeline's table of words, a component's own or that of its vocab; None: there is none, or
    one that knows every word (floret)."""
    own = table_in(nlp)
    if own is not None:
        return Lookup(own.attr, partial(own.find, strings=nlp.vocab.strings))
    vectors = nlp.vocab.vectors
    if not isinstance(vectors, Vectors) or vectors.mode != Mode.default or not has_words(vectors):
        return None
    return Lookup(vectors.attr, partial(find_rows, nlp.vocab))


def table_in(nlp: Language) -> TableShim | None:
    """The first table of words that a component of a pipeline owns."""
    models = (pipe.model for _, pipe in nlp.pipeline if isinstance(pipe, TrainablePipe))
    return next((table for model in models for table in tables_of(model)), None)


def tables_of(model: Model[Any, Any]) -> list[TableShim]:
    """The tables of words that a model owns."""
    shims = (shim for node in model.walk() for shim in node.shims)
    return [shim for shim in shims if isinstance(shim, TableShim)]
