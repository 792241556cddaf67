"""A search for the settings of a training config that score best, by Optuna."""

import inspect
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from spacy.training.initialize import init_nlp
from spacy.training.loop import train
from spacy.util import registry
from thinc.api import Config, ConfigValidationError

from spacy_lstm_sentiment.errors import InputError

FINISHED = (TrialState.COMPLETE, TrialState.PRUNED)
LOGGER = "spacy-lstm-sentiment.Trial.v1"
N_UNPRUNED = 4  # trials that set the median before any is held against it
RANGE = re.compile(r"(log:)?([^.,/](?:(?!\.\.)\S)*)\.\.([^/,]+)(?:/(.+))?")


@dataclass(frozen=True)
class Parameter:
    """A key of the config, and the values to try for it.

    text: The specification, `log:1e-4..1e-2`, `0.0..0.5`, `32..256/32` or `a,b,c`.
    low, high, step, logarithmic: A range of whole numbers, or of any; `step` may be None.
    choices: The values themselves, where there is no range.
    """

    key: str
    text: str
    low: float | int = 0
    high: float | int = 0
    step: float | int | None = None
    logarithmic: bool = False
    choices: tuple[Any, ...] = ()

    def suggest(self, trial: optuna.Trial) -> Any:
        if self.choices:
            return trial.suggest_categorical(self.key, self.choices)
        if isinstance(self.low, int) and isinstance(self.high, int):
            step = 1 if self.step is None else int(self.step)
            return trial.suggest_int(self.key, self.low, self.high, step=step, log=self.logarithmic)
        return trial.suggest_float(
            self.key, self.low, self.high, step=self.step, log=self.logarithmic
        )


def parse_parameter(text: str) -> Parameter:
    """A parameter out of KEY=VALUES. RAISES InputError: It is none."""
    key, equals, values = text.partition("=")
    if not (key and equals and values):
        raise InputError(
            f"--param {text}: write KEY=LOW..HIGH, KEY=log:LOW..HIGH, KEY=LOW..HIGH/STEP or KEY=A,B"
        )
    match = RANGE.fullmatch(values)
    if match is None:
        return Parameter(key, values, choices=tuple(map(_parse_value, values.split(","))))
    numbers: list[Any] = [_parse_value(part) for part in match.groups()[1:] if part is not None]
    if not all(map(_is_number, numbers)):
        raise InputError(f"--param {text}: the ends of a range, and its step, have to be numbers")
    low, high, step = (*numbers, None)[:3]
    if low >= high or (match[1] and (low <= 0 or step)):
        raise InputError(
            f"--param {text}: a range goes from a lower to a higher number; a logarithmic one from "
            "above 0, and without a step"
        )
    return Parameter(key, values, low, high, step, bool(match[1]))


def default_parameters(config: Config) -> list[Parameter]:
    """What the 2017 tutorial says to try, less the vectors, for which there have to be others:
    of a config whose lstm_sentiment has a tok2vec of its own."""
    learn_rate = "training.optimizer.learn_rate"
    if isinstance(config["training"]["optimizer"].get("learn_rate"), dict):
        learn_rate += ".initial_rate"
    model = "components.lstm_sentiment.model"
    found = [
        f"{learn_rate}=log:1e-4..1e-2",
        "training.optimizer.@optimizers=Adam.v1,RAdam.v1",
        f"{model}.tok2vec.encode.width=32..256/32",
        f"{model}.tok2vec.encode.depth=1..2",
        f"{model}.tok2vec.encode.dropout=0.0..0.5",
    ]
    return [parse_parameter(text) for text in found]


def apply_values(config: Config, values: Mapping[str, Any]) -> Config:
    """The config with these values at dotted keys, which may replace whole blocks.

    Settings that another optimizer than the config's does not take are dropped.
    RAISES InputError: The config has no such key.
    """
    changed = config.copy()
    for key, value in values.items():
        *blocks, name = key.split(".")
        block: Any = changed
        for part in blocks:
            block = block.get(part) if isinstance(block, dict) else None
        if not isinstance(block, dict) or name not in block:
            raise InputError(f"--param {key}: the config has no such key")
        block[name] = value
        if name == "@optimizers":
            known = inspect.signature(registry.get("optimizers", value)).parameters
            for setting in [s for s in block if s not in known and not s.startswith("@")]:
                del block[setting]
    return changed


def open_study(path: Path, config: Config, parameters: Sequence[Parameter], seed: int) -> Any:
    """The Optuna study in an SQLite file, new or to be gone on with.

    RAISES InputError: The one there has tried other parameters, or another config.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name="tune",
        storage=f"sqlite:///{path.resolve()}",
        direction="maximize",
        load_if_exists=True,
        # Step 0 is the evaluation after a single update, which tells nothing.
        pruner=optuna.pruners.MedianPruner(n_startup_trials=N_UNPRUNED, n_warmup_steps=1),
    )
    task = {"config": config.to_str(), "parameters": {p.key: p.text for p in parameters}}
    for name, value in task.items():
        if study.user_attrs.get(name, value) != value:
            raise InputError(
                f"{path}: is a study of {'another config' if name == 'config' else 'other --param'}"
                ": give what it was begun with, or another --output"
            )
        study.set_user_attr(name, value)
    # A study that is gone on with must not try its first values again.
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    return study


def run_trials(
    study: Any,
    config: Config,
    parameters: Sequence[Parameter],
    n_trials: int,
    *,
    use_gpu: int = -1,
    on_trial: Callable[[Any], None] = lambda trial: None,
) -> None:
    """Train until the study has so many trials, pruned ones included.

    Several processes may work on one study. RAISES InputError: A training fails.
    """
    if len(study.get_trials(deepcopy=False, states=FINISHED)) >= n_trials:
        return

    def objective(trial: optuna.Trial) -> float:
        values = {parameter.key: parameter.suggest(trial) for parameter in parameters}
        return train_trial(trial, apply_values(config, values), use_gpu)

    study.optimize(
        objective,
        callbacks=[
            optuna.study.MaxTrialsCallback(n_trials, states=FINISHED),
            lambda _, trial: on_trial(trial),
        ],
    )


def train_trial(trial: optuna.Trial, config: Config, use_gpu: int = -1) -> float:
    """The best score of a training, which is pruned where its evaluations lag behind."""
    scores: list[tuple[float, int]] = []

    def setup(nlp: Any, stdout: Any = None, stderr: Any = None) -> tuple[Any, Any]:
        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                return
            scores.append((info["score"], -info["step"]))
            best_score, negative_step = max(scores)
            trial.set_user_attr("best_step", -negative_step)
            trial.report(best_score, info["step"])
            if trial.should_prune():
                raise optuna.TrialPruned

        return log_step, lambda: None

    registry.loggers.register(LOGGER, func=lambda: setup)
    config = config.copy()
    config["training"]["logger"] = {"@loggers": LOGGER}
    try:
        nlp = init_nlp(config, use_gpu=use_gpu)
        train(nlp, None, use_gpu=use_gpu, stdout=io.StringIO(), stderr=io.StringIO())
    except ConfigValidationError as error:
        raise InputError(f"the config cannot be used: {' '.join(str(error).split())}") from None
    return max(scores)[0]


def _parse_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
