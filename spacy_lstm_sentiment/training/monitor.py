"""What a training does between two evaluations, for loggers to write down."""

import math
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from spacy import Language
from thinc.api import Model, Optimizer
from torch import nn

Record = dict[str, Any]


class TrainingMonitor:
    """Makes a record of each evaluation, with what spaCy tells loggers and what it doesn't.

    The learning rate and the gradients are seen where a component hands its gradients to the
    optimizer; a component's `finish_update` is wrapped until `close`.
    """

    def __init__(self, nlp: Language):
        self.components: dict[str, Any] = {
            name: component
            for name, component in nlp.pipeline
            if getattr(component, "is_trainable", False)
        }
        self.words, self.step = 0, -1
        self._reset()
        for name, component in self.components.items():
            component.finish_update = partial(self._finish_update, name, component.finish_update)

    def record(self, info: dict[str, Any]) -> Record:
        """The record of an evaluation, given what spaCy's training loop tells its loggers.

        `loss` and `gradient_norm` (before it is clipped) are means over the updates since the last
        evaluation, by component; `learn_rate` is the last update's. `words_per_second` counts the
        time of training alone. `scores` are all of the dev set's.
        """
        seconds = max(self.updated - self.started, 1e-9)
        n_updates = info["step"] - self.step
        record = {
            "epoch": info["epoch"],
            "step": info["step"],
            "score": float(info["score"]),
            "loss": {name: float(info["losses"][name]) / n_updates for name in self.norms},
            "scores": info["other_scores"],
            "learn_rate": self.learn_rate,
            "gradient_norm": {name: sum(n) / len(n) for name, n in self.norms.items()},
            "words": info["words"],
            "words_per_second": (info["words"] - self.words) / seconds,
        }
        self.words, self.step = info["words"], info["step"]
        self._reset()
        return record

    def close(self) -> None:
        """Let the components be as they were."""
        for component in self.components.values():
            vars(component).pop("finish_update", None)

    def _reset(self) -> None:
        self.started = self.updated = perf_counter()
        self.norms: dict[str, list[float]] = defaultdict(list)
        self.learn_rate = 0.0

    def _finish_update(
        self, name: str, finish_update: Callable[[Optimizer], None], sgd: Optimizer
    ) -> None:
        self.norms[name].append(gradient_norm(self.components[name].model))
        self.learn_rate = float(sgd.learn_rate)
        finish_update(sgd)
        self.updated = perf_counter()


def gradient_norm(model: Model[Any, Any]) -> float:
    """The Euclidean norm of all gradients that wait for the optimizer, Thinc's and torch's."""
    squares = 0.0
    for node in model.walk():
        for name in node.param_names:
            if node.has_grad(name):
                grad: Any = node.get_grad(name)
                squares += float((grad**2).sum())
        for module in (getattr(shim, "_model", None) for shim in node.shims):
            if isinstance(module, nn.Module):
                for parameter in module.parameters():
                    if parameter.grad is not None:
                        squares += float((parameter.grad**2).sum())
    return math.sqrt(squares)
