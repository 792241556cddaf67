"""The tables of docs/api.md that are made of signatures, help texts and docstrings.

python scripts/reference.py

A table stands between `<!-- options of COMMAND -->` or `<!-- settings of REGISTERED NAME -->` and
`<!-- end -->`. Names, types and defaults are those of the code; what an option is for is its help,
what a setting is for its line in the docstring. What is around the tables is written by hand.
"""

import inspect
import json
import re
import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import typer
from spacy.language import Language

from spacy_lstm_sentiment.cli import app

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
TABLE = re.compile(r"(<!-- (options|settings) of (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
HEAD = "| Name | Description | Type, default |\n|---|---|---|\n"
# Of a docstring: a name with its type in brackets, or RETURNS, and what follows up to the next.
ENTRY = re.compile(r"^(\w+) \(.+?\): (.*(?:\n[ \t]+.*)*)", re.MULTILINE)
# Of a help text: an option, or the ending of a file's name.
CODE = re.compile(r"(?<![\w`.-])(--[a-z][a-z-]*|\.[a-z]\w+)(?![\w`])")
COMMANDS = typer.main.get_command(app).commands
POINTS = {
    point.name: point
    for point in distribution("spacy-lstm-sentiment").entry_points
    if point.group.startswith("spacy_")
}


def updated(page: str) -> str:
    """The page with its tables made anew."""
    makers: dict[str, Callable[[str], Iterator[str]]] = {
        "options": option_rows,
        "settings": setting_rows,
    }
    return TABLE.sub(
        lambda found: f"{found[1]}{HEAD}{''.join(makers[found[2]](found[3]))}{found[5]}", page
    )


def option_rows(name: str) -> Iterator[str]:
    """The arguments and options of a command."""
    command = COMMANDS[name]
    hints = typing.get_type_hints(command.callback)
    for parameter in command.params:
        named = [*parameter.opts, *parameter.secondary_opts]
        is_argument = parameter.param_type_name == "argument"
        label = parameter.name.upper() if is_argument else "`, `".join(named)
        kind = hints[parameter.name]
        yield row(label, marked(parameter.help), option_type(kind) + option_default(parameter))


def marked(text: str) -> str:
    """A help text as Markdown."""
    return CODE.sub(r"`\1`", text.replace("\\", "\\\\"))


def option_type(kind: Any) -> str:
    """What a user has to give: words for the types that commands have."""
    kinds = [each for each in typing.get_args(kind) if each is not type(None)] or [kind]
    if typing.get_origin(kinds[0]) is list:
        return f"{option_type(typing.get_args(kinds[0])[0])}, several"
    if typing.get_origin(kind) is list:
        return f"{option_type(kinds[0])}, several"
    if issubclass(kinds[0], Enum):
        return " or ".join(f"`{member.value}`" for member in kinds[0])
    return {bool: "flag", Path: "path"}.get(kinds[0], kinds[0].__name__)


def option_default(parameter: Any) -> str:
    default = parameter.default
    if parameter.required:
        return "" if parameter.param_type_name == "argument" else "; required"
    if isinstance(parameter.show_default, str):
        return f"; {marked(parameter.show_default)}"
    if isinstance(default, bool):
        return f"; `{parameter.opts[0]}`" if default else ""
    if default is None or default == "":
        return "; none"
    return f"; `{default.value if isinstance(default, Enum) else default}`"


def setting_rows(name: str) -> Iterator[str]:
    """The settings of a registered function, and what it makes."""
    function = POINTS[name].load()
    texts = dict(ENTRY.findall(inspect.getdoc(function) or ""))
    signature = inspect.signature(function, eval_str=True)
    defaults = {key: each.default for key, each in signature.parameters.items()}
    if POINTS[name].group == "spacy_factories":
        defaults = Language.get_factory_meta(name).default_config
    for key, parameter in signature.parameters.items():
        if key in ("nlp", "name") and POINTS[name].group == "spacy_factories":
            continue
        value = defaults[key]
        shown = "" if value is parameter.empty or isinstance(value, dict) else json.dumps(value)
        kind = type_name(parameter.annotation)
        yield row(key, texts[key], f"`{kind}`" + (f", `{shown}`" if shown else ""))
    if "RETURNS" in texts:
        yield row("", texts["RETURNS"], f"`{type_name(signature.return_annotation)}`")


def type_name(kind: Any) -> str:
    """A type without the modules that its parts are of."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return " | ".join(map(type_name, typing.get_args(kind)))
    name = inspect.formatannotation(kind).replace("NoneType", "None")
    return re.sub(r"\b(?:\w+\.)+(?=\w)", "", name)


def row(name: str, text: str, kind: str) -> str:
    label = f"`{name}`" if name else "**CREATES**"
    cells = (" ".join(cell.split()).replace("|", "\\|") for cell in (label, text, kind))
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
