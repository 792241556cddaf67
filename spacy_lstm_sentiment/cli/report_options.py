"""The options by which every report is written to files."""

from pathlib import Path
from typing import Annotated

import typer

Html = Annotated[Path | None, typer.Option(help="Write the report as one HTML page.")]
Json = Annotated[Path | None, typer.Option(help="Write the figures as JSON.")]
Png = Annotated[Path | None, typer.Option(help="Write the pictures.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]
