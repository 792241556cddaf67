"""What a setting may be: nonsense is refused where it is given, not found out in training."""

from math import inf
from numbers import Integral, Real
from typing import Any

from spacy_lstm_sentiment.errors import InputError


def require_count(name: str, value: Any, least: int = 1) -> None:
    """RAISES InputError: A setting is no whole number, or one below `least`.

    name: Whose it is and what it is called, "LSTMEncoder: width".
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or int(value) < least:
        raise InputError(f"{name} {value!r} has to be a whole number, {least} or more")


def require_number(name: str, value: Any, most: float = inf) -> None:
    """RAISES InputError: A setting is no finite number from 0 to `most`."""
    if not _is_number(value) or not 0.0 <= value <= most or value == inf:
        limit = "or more" if most == inf else f"to {most:g}"
        raise InputError(f"{name} {value!r} has to be a number, 0 {limit}")


def require_share(name: str, value: Any) -> None:
    """RAISES InputError: A setting is no share to drop, from 0 to below 1."""
    if not _is_number(value) or not 0.0 <= value < 1.0:
        raise InputError(f"{name} {value!r} has to be a number from 0 to below 1")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


class Setting:
    """A component's setting: an attribute to read, which the config alone saves.

    Setting it later is an InputError: a pipeline that is saved would have forgotten it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, component: Any, owner: type | None = None) -> Any:
        return self if component is None else component.settings[self.name]

    def __set__(self, component: Any, value: Any) -> None:
        change = f'{{"{self.name}": {value!r}}}'
        raise InputError(
            f"[{component.name}] {self.name} is a setting of the config, with which it is saved: "
            f"add the component with config={change}, or load its pipeline with "
            f'config={{"components": {{"{component.name}": {change}}}}}'
        )
