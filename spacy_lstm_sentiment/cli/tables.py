"""Options of every command that reads tables: how those are written."""

from enum import Enum
from typing import Annotated

import typer


class Quotes(str, Enum):
    """Whether cells of a table may be in quotes."""

    csv = "csv"
    none = "none"


Encoding = Annotated[str, typer.Option(help="Encoding of files without a byte order mark.")]
DELIMITER = "What stands between the cells of a table; \\t is a tab."
DEFAULT_DELIMITER = "a comma in .csv, a tab in .tsv"
Delimiter = Annotated[str | None, typer.Option(help=DELIMITER, show_default=DEFAULT_DELIMITER)]
Quoting = Annotated[
    Quotes | None,
    typer.Option(
        help="csv: cells of a table may be in quotes, of which those inside are doubled; "
        "none: a quote is a character like others.",
        show_default="none in .tsv, else csv",
    ),
]
Escape = Annotated[
    str | None,
    typer.Option(
        help="What escapes delimiters, quotes and line ends in a table, such as \\.",
        show_default="nothing",
    ),
]
