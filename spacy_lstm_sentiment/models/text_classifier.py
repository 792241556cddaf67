"""Documents to label probabilities."""

from collections.abc import Callable
from functools import partial
from typing import Any

from spacy.tokens import Doc
from thinc.api import (
    Linear,
    Logistic,
    Model,
    Softmax_v2,
    chain,
    concatenate,
    glorot_uniform_init,
    resizable,
    zero_init,
)
from thinc.layers.resizable import resize_linear_weighted, resize_model
from thinc.types import Floats2d

from spacy_lstm_sentiment.models.inference import find_fused_reader
from spacy_lstm_sentiment.models.leaves import (
    FIRST_TOKENS,
    FIRST_VECTORS,
    LSTM_ENCODER,
    TOK2VEC,
    has_listener,
    is_made_of,
    leaves,
    names_of,
)
from spacy_lstm_sentiment.models.padded_batches import MAX_PADDED_TOKENS, with_padded_batches
from spacy_lstm_sentiment.models.pooling import pool_states
from spacy_lstm_sentiment.models.token_batch import Documents, TokenBatch
from spacy_lstm_sentiment.settings import require_count

NEW_LABEL_BIAS = -10.0  # a label added after training is improbable, yet can be learnt


def TextClassifier(
    tok2vec: Model[list[Doc], list[Floats2d]],
    pooling: list[str],
    dropout: float | None = None,
    max_length: int = 0,
    exclusive_classes: bool = True,
    linear_model: Model[list[Doc], Floats2d] | None = None,
    nO: int | None = None,
) -> Model[list[Doc], Floats2d]:
    """Classify documents by their pooled token vectors, and by what a second model sees in them.

    Also fits spaCy's own `textcat` and, with exclusive_classes = false, `textcat_multilabel`.

    tok2vec (Model[list[Doc], list[Floats2d]]): Embeds and encodes the tokens: a `spacy.Tok2Vec.v2`,
        any other tok2vec of spaCy, or a listener.
    pooling (list[str]): One or several of `last` (the final state, of a bidirectional encoder one a
        direction), `max`, `mean`, `attention` (a learnt weighted mean); several are concatenated.
    dropout (float | None): Share of the pooled units that training drops. `null` follows
        `[training] dropout`.
    max_length (int): Read only a document's first so many tokens; 0 reads them all. A listener's
        vectors are cut, having seen the whole document.
    exclusive_classes (bool): Whether the probabilities of the labels sum to 1 (softmax) or are
        independent (logistic).
    linear_model (Model[list[Doc], Floats2d] | None): Features that the output layer gets beside the
        pooled ones, such as an NgramBag's. `max_length` cuts what it reads as well.
    nO (int | None): Number of labels, if known beforehand; otherwise initialisation sets it.
    RETURNS (Model[list[Doc], Floats2d]): One row a document, one column a label.
    RAISES InputError: A setting is out of its range.
    """
    require_count("TextClassifier: max_length", max_length, least=0)
    if nO is not None:
        require_count("TextClassifier: nO", nO)
    pool = pool_states(pooling, dropout, bidirectional=_reads_both_ways(tok2vec))
    if is_made_of(tok2vec, TOK2VEC):
        leaves(tok2vec)[LSTM_ENCODER].attrs["first"] = True  # static vectors don't learn
    # A shared tok2vec checks that it is asked for the very batch it has seen, so nothing is cut
    # before a listener. The layers are the same ones either way: `replace_listeners` needs that.
    listens = has_listener(tok2vec)
    read: Model[list[Doc], Floats2d] = with_padded_batches(
        chain(
            first_tokens(max_length, active=not listens),
            tok2vec,
            first_vectors(max_length, active=listens),
            pool,
        ),
        max_padded_tokens=None if listens else MAX_PADDED_TOKENS,
        find_shortcut=partial(find_fused_reader, max_length=max_length),
    )
    init_W = zero_init
    if linear_model is not None:
        read = concatenate(read, chain(first_tokens(max_length, active=True), linear_model))
        init_W = glorot_uniform_init  # from zeros, a linear model of zeros could not learn
    output = Softmax_v2(nO=nO, init_W=init_W) if exclusive_classes else Linear(nO=nO)
    resizable_output: Model[Floats2d, Floats2d] = resizable(
        output,
        resize_layer=partial(resize_linear_weighted, fill_defaults={"b": NEW_LABEL_BIAS}),
    )
    model: Model[list[Doc], Floats2d] = chain(read, resizable_output)
    if not exclusive_classes:
        model = chain(model, Logistic())
    if nO is not None:
        model.set_dim("nO", nO)
    model.set_ref("tok2vec", tok2vec)
    model.set_ref("output_layer", output)
    model.attrs["multi_label"] = not exclusive_classes
    model.attrs["reads_empty"] = listens or LSTM_ENCODER in names_of(tok2vec)  # spaCy's cannot
    model.attrs["resize_output"] = partial(resize_output, resizable_output)
    return model


def resize_output(
    resizable_output: Model[Floats2d, Floats2d], model: Model[list[Doc], Floats2d], new_nO: int
) -> Model[list[Doc], Floats2d]:
    """Make room for labels added after initialisation; the others keep their scores."""
    resized = resize_model(resizable_output, new_nO)
    model.set_ref("output_layer", resized.layers[0])
    model.set_dim("nO", new_nO, force=True)
    return model


def first_tokens(max_length: int, active: bool) -> Model[list[Doc], list[Doc]]:
    """Cut documents to so many tokens; 0 cuts nothing."""
    # Whether it cuts is saved with the model, which was trained so; where, the config may change.
    return Model(FIRST_TOKENS, partial(_forward_tokens, max_length), attrs={"active": active})


def _forward_tokens(
    max_length: int, model: Model[list[Doc], list[Doc]], docs: Documents, is_train: bool
) -> tuple[Documents, Callable[[Any], list[Doc]]]:
    if max_length and model.attrs["active"]:
        docs = _cut(docs, max_length)
    return docs, lambda d_docs: []


def _cut(docs: Documents, max_length: int) -> Documents:
    if isinstance(docs, TokenBatch):
        return docs.first(max_length)
    return [doc if len(doc) <= max_length else doc[:max_length].as_doc() for doc in docs]


def first_vectors(max_length: int, active: bool) -> Model[list[Floats2d], list[Floats2d]]:
    """Cut sequences of vectors to so many; 0 cuts nothing."""
    return Model(FIRST_VECTORS, partial(_forward_vectors, max_length), attrs={"active": active})


def _forward_vectors(
    max_length: int,
    model: Model[list[Floats2d], list[Floats2d]],
    Xs: list[Floats2d],
    is_train: bool,
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    if not max_length or not model.attrs["active"]:
        return Xs, lambda dYs: dYs

    def backprop(dYs: list[Floats2d]) -> list[Floats2d]:
        dXs = [model.ops.alloc2f(*X.shape) for X in Xs]
        for dX, dY in zip(dXs, dYs, strict=True):
            dX[: len(dY)] = dY
        return dXs

    return [X[:max_length] for X in Xs], backprop


def _reads_both_ways(tok2vec: Model[Any, Any]) -> bool:
    return any(node.attrs.get("bidirectional") for node in tok2vec.walk())
