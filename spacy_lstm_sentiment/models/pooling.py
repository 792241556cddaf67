"""LSTM states to one vector a document."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from thinc.api import Model
from thinc.types import Floats2d

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.dropout import dropout_attrs
from spacy_lstm_sentiment.models.leaves import POOL_STATES
from spacy_lstm_sentiment.models.torch_shim import TorchShim

if TYPE_CHECKING:
    from spacy_lstm_sentiment.models.pytorch.pooling import Pooling

POOLINGS = ("last", "max", "mean", "attention")


def pool_states(
    poolings: list[str], dropout: float | None, bidirectional: bool
) -> Model[list[Floats2d], Floats2d]:
    """Pool each sequence by one or several poolings, concatenated; an empty one becomes zeros.

    poolings (list[str]): Any of last, max, mean and attention.
    dropout (float | None): Share of the result that training drops. None: follow the dropout rate
        that is set on the model.
    bidirectional (bool): Whether the second half of the states was read backwards, so that its
        final state is the first one.
    RETURNS (Model[list[Floats2d], Floats2d]): Sequences of (n, width) become one row each of
        (width * number of poolings).
    RAISES InputError: A pooling is unknown or named twice, or there is none; dropout is no share.
    """
    if not poolings or len(set(poolings)) < len(poolings) or not set(poolings) <= set(POOLINGS):
        raise InputError(
            f"TextClassifier: pooling {poolings} has to name one or more of {', '.join(POOLINGS)}, "
            "each once"
        )
    return Model(
        POOL_STATES,
        forward,
        init=partial(init, len(poolings)),
        attrs=dropout_attrs("TextClassifier", dropout),
        dims={"nI": None, "nO": None},
        shims=[TorchShim(PoolingArchitecture(tuple(poolings), bidirectional))],
    )


@dataclass(frozen=True)
class PoolingArchitecture:
    """A Pooling, without torch."""

    poolings: tuple[str, ...]
    bidirectional: bool

    def shapes(self, input_width: int) -> dict[str, tuple[int, ...]]:
        """Of the module's weights, by torch's names."""
        if "attention" not in self.poolings:
            return {}
        return {"attention.weight": (1, input_width), "attention.bias": (1,)}

    def build(self, input_width: int) -> "Pooling":
        """A module with fresh weights."""
        from spacy_lstm_sentiment.models.pytorch.pooling import Pooling

        return Pooling(input_width, self.poolings, self.bidirectional)


def init(
    n_poolings: int,
    model: Model[list[Floats2d], Floats2d],
    X: list[Floats2d] | None = None,
    Y: Any = None,
) -> None:
    if X:
        model.set_dim("nI", X[0].shape[1])
    if model.has_dim("nI"):
        model.set_dim("nO", model.get_dim("nI") * n_poolings)
        cast(TorchShim, model.shims[0]).build(model.get_dim("nI"))


def forward(
    model: Model[list[Floats2d], Floats2d], Xs: list[Floats2d], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Floats2d]]]:
    from spacy_lstm_sentiment.models.padding import run_padded
    from spacy_lstm_sentiment.models.tensors import to_array, to_tensor

    outputs, backprop_padded = run_padded(model, Xs, is_train)

    def backprop(d_pooled: Floats2d) -> list[Floats2d]:
        return backprop_padded(to_tensor(d_pooled))

    return cast(Floats2d, to_array(outputs)), backprop
