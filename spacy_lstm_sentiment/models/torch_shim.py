"""Thinc's handle on a torch module: built late, averaged, saved without pickle."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy
import numpy.typing as npt
import srsly
from safetensors import SafetensorError
from safetensors.numpy import load, save
from thinc.api import NumpyOps, Optimizer, get_current_ops
from thinc.shims import Shim
from thinc.types import FloatsXd
from thinc.util import get_torch_default_device

from spacy_lstm_sentiment.models.threads import flushing_denormals, lock_in, safe_after_fork

if TYPE_CHECKING:
    from torch import Tensor, nn

FORMAT_VERSION = 1

Weights = dict[str, npt.NDArray[Any]]


class Architecture(Protocol):
    """What kind of module a shim has. It is picklable, and needs no torch but to build."""

    def shapes(self, input_width: int) -> Mapping[str, tuple[int, ...]]:
        """Of the module's weights, by torch's names."""

    def build(self, input_width: int) -> "nn.Module":
        """A module with fresh weights."""


class TorchShim(Shim):
    """Holds a torch module that is built once its input width is known, and somebody wants it.

    The width is known when the model is initialised, or when saved weights are read: they carry
    it with them. Weights are stored in the safetensors format, which cannot run code. Those that
    are read on a CPU stay arrays until the module is asked for: the compiled kernel reads them as
    they are, and torch need not be imported.

    Three things differ from Thinc's PyTorchShim: the module may be built late, `use_params` finds
    the optimizer's averages, and arrays travel by the DLPack protocol (cupy 14 refuses capsules).
    """

    def __init__(self, architecture: Architecture):
        super().__init__(None)
        self.architecture = architecture
        self._read: Weights | None = None  # of a module that is not built yet

    @property
    def has_weights(self) -> bool:
        # In this order: another thread may be building the module of what was read.
        return self._read is not None or self._model is not None

    def require_weights(self) -> None:
        """RAISES ValueError: There are none yet."""
        if not self.has_weights:
            raise ValueError(
                "The model has no weights yet: initialise it with nlp.initialize(get_examples), "
                "or load a trained pipeline"
            )

    @property
    def module(self) -> Any:
        """The module. RAISES ValueError: There are no weights yet."""
        if self._model is None:
            self.require_weights()
            with lock_in(_BUILDING):
                if self._read is not None:
                    self._model = self._build_from(self._read)
                    self._read = None
        return self._model

    def weights(self) -> Weights:
        """The module's weights on the CPU, by torch's names; to read, not to change.

        RAISES ValueError: There are none yet.
        """
        read = self._read  # before the module, which another thread may be building of it
        if read is not None:
            return read
        self.require_weights()
        state = self._model.state_dict()
        return {name: tensor.detach().cpu().numpy() for name, tensor in state.items()}

    @safe_after_fork
    def build(self, input_width: int) -> None:
        """Make a module with fresh weights on the device of Thinc's current ops."""
        self._model = self.architecture.build(input_width).to(get_torch_default_device())
        self._read = None
        self.cfg["input_width"] = input_width

    def __call__(
        self, inputs: "tuple[Tensor, ...]", is_train: bool
    ) -> "tuple[Tensor, Callable[[Tensor], Tensor | None]]":
        """Run the module in training or evaluation mode; the callback is for training only."""
        if is_train:
            return self.begin_update(inputs)
        return self.predict(inputs), lambda d_outputs: None

    def predict(self, fwd_args: "tuple[Tensor, ...]") -> "Tensor":
        import torch

        self.module.eval()
        with torch.inference_mode():
            return self.module(*fwd_args)

    def begin_update(
        self, fwd_args: "tuple[Tensor, ...]"
    ) -> "tuple[Tensor, Callable[[Tensor], Tensor | None]]":
        """Run the module; the callback takes the output's gradient, gives the first input's.

        None where the first input does not require it.
        """
        self.module.train()
        outputs = self.module(*fwd_args)

        def backprop(d_outputs: "Tensor") -> "Tensor | None":
            if outputs.device.type == "cpu":
                flushing_denormals(lambda: outputs.backward(d_outputs))
            else:
                outputs.backward(d_outputs)
            return fwd_args[0].grad

        return outputs, backprop

    def finish_update(self, optimizer: Optimizer) -> None:
        if self._model is None:
            return
        from spacy_lstm_sentiment.models.tensors import to_array, to_tensor

        for name, parameter in self._model.named_parameters():
            if parameter.grad is not None:
                updated, _ = optimizer(
                    (self.id, name), to_array(parameter.data), to_array(parameter.grad)
                )
                parameter.data = to_tensor(updated)
                parameter.grad = None

    @contextlib.contextmanager
    def use_params(self, params: dict[Any, FloatsXd]) -> Iterator[None]:
        """Swap in the optimizer's averages, which it keeps under (shim id, parameter name)."""
        swapped = {}
        module = self._model
        if any((self.id, name) in params for name in self._read or ()):
            module = self.module
        for name, parameter in module.named_parameters() if module is not None else ():
            if (self.id, name) in params:
                from spacy_lstm_sentiment.models.tensors import to_tensor

                swapped[parameter] = parameter.data
                parameter.data = to_tensor(params[self.id, name])
        try:
            yield
        finally:
            for parameter, data in swapped.items():
                parameter.data = data

    def to_device(self, device_type: str, device_id: int) -> None:
        if device_type == "cpu" and self._model is None:
            return  # what was read is there
        if self.has_weights:
            self.module.to("cpu" if device_type == "cpu" else f"cuda:{device_id}")

    def to_bytes(self) -> bytes:
        weights = None
        if self.has_weights:
            arrays = self.weights()
            weights = save({name: numpy.ascontiguousarray(arrays[name]) for name in arrays})
        return srsly.msgpack_dumps(
            {"version": FORMAT_VERSION, "config": self.cfg, "weights": weights}
        )

    def from_bytes(self, data: bytes) -> "TorchShim":
        """Read what to_bytes wrote, onto the device of Thinc's current ops.

        RAISES ValueError: The bytes are damaged, of another format, or of another model.
        """
        message = srsly.msgpack_loads(data)
        if not isinstance(message, dict) or message.get("version") != FORMAT_VERSION:
            raise ValueError(
                f"The model's weights are not in format {FORMAT_VERSION}, which this version of "
                "spacy-lstm-sentiment reads: install the version that wrote them, or train the "
                "pipeline again"
            )
        self.cfg = message["config"]
        self._model, self._read = None, None
        if message["weights"] is not None:
            shapes = self.architecture.shapes(self.cfg["input_width"])
            self._read = _read_weights(message["weights"], shapes)
            if not isinstance(get_current_ops(), NumpyOps):
                self.module.to(get_torch_default_device())
        return self

    @safe_after_fork
    def _build_from(self, weights: Weights) -> "nn.Module":
        import torch

        with torch.random.fork_rng(devices=[]):  # no weight is drawn: all are read
            module = self.architecture.build(self.cfg["input_width"])
        module.load_state_dict({name: torch.from_numpy(weights[name]) for name in weights})
        return module


_BUILDING: dict[int, threading.Lock] = {}  # no shim's own: those are copied and pickled


def _read_weights(data: bytes, shapes: Mapping[str, tuple[int, ...]]) -> Weights:
    """Weights in single precision. RAISES ValueError: They are damaged, or of other shapes."""
    try:
        weights = load(data)
    except SafetensorError as error:
        raise _unfit(" ".join(str(error).split())) from error
    found = {name: array.shape for name, array in weights.items()}
    for name in {**shapes, **found}:
        if found.get(name) != shapes.get(name):
            raise _unfit(f"{name} has the shape {found.get(name)}, not {shapes.get(name)}")
    return {name: array.astype("float32") for name, array in weights.items()}


def _unfit(reason: str) -> ValueError:
    return ValueError(
        f"The model's weights are damaged or don't fit the architecture in its config.cfg: {reason}"
    )
