"""torch imported when something wants it, and not because Thinc is imported.

`thinc.compat` imports torch wherever it is installed, which takes a second, and notes what it has
found. Here Thinc is imported as where torch is not installed, which it supports, and is told of
torch by whatever imports it first: from then on it is as it would have been.

That is for a process of our own, such as a command's: a library leaves its host as it found it. And
it is for pipelines that are known to need no torch: others might ask Thinc for it and not import
it themselves.
"""

import configparser
import importlib
import sys
from collections.abc import Callable
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

# Components that need no torch, but ours for some models, which import it.
FACTORIES = {"lstm_sentiment", "lstm_sentiment_en", "sentencizer"}
# Whose layers, tokenizers and other functions import torch if they want it.
AUTHORS = ("spacy.", "spacy-lstm-sentiment.")


def import_torch_late() -> None:
    """Import Thinc without torch, unless one of them is here already."""
    if "torch" in sys.modules or "thinc" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # to import it is an ImportError
    try:
        importlib.import_module("thinc.api")
    finally:
        del sys.modules["torch"]
    sys.meta_path.insert(0, _Messenger())


def alike(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function for a process to be started with, which imports torch as late as this one does."""
    late = any(isinstance(finder, _Messenger) for finder in sys.meta_path)
    return partial(_call, late, function.__module__, function.__qualname__)


def _call(late: bool, module: str, name: str, *arguments: Any) -> Any:
    """In a process that does not begin as a copy, this module is the first that it imports."""
    if late:
        import_torch_late()
    return getattr(importlib.import_module(module), name)(*arguments)


def needs_no_torch(pipeline: Path) -> bool:
    """Whether a saved pipeline is made of nothing but what imports torch itself, if it wants it.

    One that is not there, or cannot be read, is none of those.
    """
    config = configparser.ConfigParser(interpolation=None)
    try:
        config.read_string((pipeline / "config.cfg").read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error):
        return False
    used = (name for name in config.sections() if name.split(".")[0] in ("nlp", "components"))
    options = [option for name in used for option in config.items(name)]
    factories = {value.strip('"') for name, value in options if name == "factory"}
    functions = {value.strip('"') for name, value in options if name.startswith("@")}
    return factories <= FACTORIES and all(name.startswith(AUTHORS) for name in functions)


class _Messenger(MetaPathFinder):
    """Sees torch imported, once."""

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != "torch":
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec.loader, self)
        return spec


class _Telling(Loader):
    """Loads torch as its own loader does, and tells Thinc."""

    def __init__(self, loader: Loader, messenger: _Messenger) -> None:
        self._loader, self._messenger = loader, messenger

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        sys.meta_path.remove(self._messenger)
        _tell_thinc()


def _tell_thinc() -> None:
    """Give Thinc's modules what `thinc.compat` finds now."""
    spec = find_spec("thinc.compat")
    if spec is None or spec.loader is None:
        raise ImportError("thinc.compat is gone")
    compat = module_from_spec(spec)
    spec.loader.exec_module(compat)
    facts = {name for name in vars(compat) if "torch" in name or name == "has_gpu"}
    for module_name, module in list(sys.modules.items()):
        if module_name.split(".")[0] == "thinc":
            for name in facts & vars(module).keys():
                setattr(module, name, getattr(compat, name))
