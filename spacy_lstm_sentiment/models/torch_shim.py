"""Thinc's handle on a torch module: built late, averaged, saved without pickle."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast

import srsly
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from thinc.api import Optimizer
from thinc.shims import Shim
from thinc.types import ArrayXd, FloatsXd
from thinc.util import get_torch_default_device
from torch import Tensor, nn

from spacy_lstm_sentiment.models.pytorch.threads import flushing_denormals, safe_after_fork

FORMAT_VERSION = 1


class TorchShim(Shim):
    """Holds a torch module that is built once its input width is known.

    The width is known when the model is initialised, or when saved weights are read: they carry
    it with them. Weights are stored in the safetensors format, which cannot run code.

    Three things differ from Thinc's PyTorchShim: the module may be built late, `use_params` finds
    the optimizer's averages, and arrays travel by the DLPack protocol (cupy 14 refuses capsules).
    """

    def __init__(self, build: Callable[[int], nn.Module]):
        """build (Callable[[int], Module]): Makes the module for an input width; picklable."""
        super().__init__(None)
        self._build = build

    @property
    def module(self) -> nn.Module:
        """The module. RAISES ValueError: It is not built yet."""
        if self._model is None:
            raise ValueError(
                "The model has no weights yet: initialise it with nlp.initialize(get_examples), "
                "or load a trained pipeline"
            )
        return self._model

    @safe_after_fork
    def build(self, input_width: int) -> None:
        """Make a module with fresh weights on the device of Thinc's current ops."""
        self._model = self._build(input_width).to(get_torch_default_device())
        self.cfg["input_width"] = input_width

    def __call__(
        self, inputs: tuple[Tensor, ...], is_train: bool
    ) -> tuple[Tensor, Callable[[Tensor], Tensor | None]]:
        """Run the module in training or evaluation mode; the callback is for training only."""
        if is_train:
            return self.begin_update(inputs)
        return self.predict(inputs), lambda d_outputs: None

    def predict(self, fwd_args: tuple[Tensor, ...]) -> Tensor:
        self.module.eval()
        with torch.inference_mode():
            return self.module(*fwd_args)

    def begin_update(
        self, fwd_args: tuple[Tensor, ...]
    ) -> tuple[Tensor, Callable[[Tensor], Tensor | None]]:
        """Run the module; the callback takes the output's gradient, gives the first input's.

        None where the first input does not require it.
        """
        self.module.train()
        outputs = self.module(*fwd_args)

        def backprop(d_outputs: Tensor) -> Tensor | None:
            if outputs.device.type == "cpu":
                flushing_denormals(lambda: outputs.backward(d_outputs))
            else:
                outputs.backward(d_outputs)
            return fwd_args[0].grad

        return outputs, backprop

    def finish_update(self, optimizer: Optimizer) -> None:
        if self._model is None:
            return
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
        for name, parameter in self._model.named_parameters() if self._model is not None else ():
            if (self.id, name) in params:
                swapped[parameter] = parameter.data
                parameter.data = to_tensor(params[self.id, name])
        try:
            yield
        finally:
            for parameter, data in swapped.items():
                parameter.data = data

    def to_device(self, device_type: str, device_id: int) -> None:
        if self._model is not None:
            self._model.to("cpu" if device_type == "cpu" else f"cuda:{device_id}")

    def to_bytes(self) -> bytes:
        weights = None if self._model is None else save(_on_cpu(self._model))
        return srsly.msgpack_dumps(
            {"version": FORMAT_VERSION, "config": self.cfg, "weights": weights}
        )

    @safe_after_fork
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
        self._model = None
        if message["weights"] is not None:
            with torch.random.fork_rng(devices=[]):  # no weight is drawn: all are read
                self.build(self.cfg["input_width"])
            try:
                self.module.load_state_dict(load(message["weights"]))
            except (SafetensorError, RuntimeError) as error:
                raise ValueError(
                    "The model's weights are damaged or don't fit the architecture in its "
                    f"config.cfg: {' '.join(str(error).split())}"
                ) from error
        return self


def to_tensor(array: ArrayXd) -> Tensor:
    """A numpy or cupy array as a tensor on the same device, sharing its memory."""
    return torch.from_dlpack(array)


def to_array(tensor: Tensor) -> FloatsXd:
    """A tensor as a numpy array, or as a cupy array where it lies on a GPU, sharing its memory."""
    if tensor.device.type == "cuda":
        import cupy

        return cupy.from_dlpack(tensor)
    return cast(FloatsXd, tensor.numpy())


def _on_cpu(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.cpu().contiguous() for name, tensor in module.state_dict().items()}
