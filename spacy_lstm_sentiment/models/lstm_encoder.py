"""Word vectors to LSTM states."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

from thinc.api import Model
from thinc.types import Floats2d

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.dropout import dropout_attrs
from spacy_lstm_sentiment.models.kernels.weights import DIRECTIONS, names_of
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER
from spacy_lstm_sentiment.models.torch_shim import TorchShim
from spacy_lstm_sentiment.settings import require_count

if TYPE_CHECKING:
    from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM


def LSTMEncoder(
    width: int,
    depth: int = 1,
    bidirectional: bool = True,
    dropout: float | None = None,
    mixed_precision: bool = False,
) -> Model[list[Floats2d], list[Floats2d]]:
    """Encode sequences of vectors with an LSTM.

    A sequence's states never depend on the other sequences of its batch. Fits wherever spaCy
    wants an encoder: `spacy.Tok2Vec.v2`, a shared tok2vec, `spacy pretrain`.

    width (int): Width of the output. A bidirectional encoder gives half of it to each direction, so
        it has to be even.
    depth (int): Number of stacked layers.
    bidirectional (bool): Whether to read backwards as well.
    dropout (float | None): Share of each layer's output units that training drops, the same at
        every step. `null` follows `[training] dropout`.
    mixed_precision (bool): Compute in bfloat16 on CPUs and GPUs that have it; elsewhere it changes
        nothing. Weights stay float32.
    RETURNS (Model[list[Floats2d], list[Floats2d]]): (n, input width) becomes (n, width).
    RAISES InputError: A setting is out of its range.
    """
    require_count("LSTMEncoder: width", width)
    require_count("LSTMEncoder: depth", depth)
    if bidirectional and width % 2:
        raise InputError(f"LSTMEncoder: width {width} has to be even, to be read in two directions")
    return Model(
        LSTM_ENCODER,
        forward,
        init=init,
        attrs={
            "bidirectional": bidirectional,
            "depth": depth,
            **dropout_attrs("LSTMEncoder", dropout),
        },
        dims={"nI": None, "nO": width},
        shims=[TorchShim(LSTMArchitecture(width, depth, bidirectional, mixed_precision))],
    )


@dataclass(frozen=True)
class LSTMArchitecture:
    """A PaddedLSTM, without torch."""

    width: int
    depth: int
    bidirectional: bool
    mixed_precision: bool

    def shapes(self, input_width: int) -> dict[str, tuple[int, ...]]:
        """Of the module's weights, by torch's names."""
        directions = DIRECTIONS if self.bidirectional else DIRECTIONS[:1]
        units = self.width // len(directions)
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.depth):
            read = self.width if layer else input_width
            of_layer = ((4 * units, read), (4 * units, units), (4 * units,), (4 * units,))
            for direction in directions:
                shapes.update(zip(names_of(layer, direction), of_layer, strict=True))
        return shapes

    def build(self, input_width: int) -> "PaddedLSTM":
        """A module with fresh weights."""
        from spacy_lstm_sentiment.models.pytorch.lstm import PaddedLSTM

        return PaddedLSTM(input_width, **asdict(self))


def init(
    model: Model[list[Floats2d], list[Floats2d]], X: list[Floats2d] | None = None, Y: Any = None
) -> None:
    if X:
        model.set_dim("nI", X[0].shape[1])
    if model.has_dim("nI"):
        cast(TorchShim, model.shims[0]).build(model.get_dim("nI"))


def forward(
    model: Model[list[Floats2d], list[Floats2d]], Xs: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    from spacy_lstm_sentiment.models.padding import pad, run_padded, unpad

    outputs, backprop_padded = run_padded(model, Xs, is_train)

    def backprop(dYs: list[Floats2d]) -> list[Floats2d]:
        return backprop_padded(pad(dYs))

    return unpad(outputs, [len(X) for X in Xs]), backprop
