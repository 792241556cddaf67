"""`spacy-lstm-sentiment config`: the training configs that come with the package."""

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from spacy_lstm_sentiment.errors import InputError

PACKAGE = Path(__file__).parents[1]
# In an installed package, and in a checkout of the repository.
FOLDERS = (PACKAGE / "configs", PACKAGE.parent / "configs")


class Name(str, Enum):
    """Files of the folder configs."""

    lstm = "lstm"
    tutorial = "tutorial"


def config(
    name: Annotated[Name, typer.Argument(help="lstm, the default; or the 2017 tutorial's.")] = (
        Name.lstm
    ),
) -> None:
    """Print a training config, to be saved and given to `spacy train`."""
    for folder in FOLDERS:
        path = folder / f"{name.value}.cfg"
        if path.exists():
            sys.stdout.write(path.read_text(encoding="utf-8"))
            return
    raise InputError(f"{name.value}.cfg is missing from the package: install it again")
