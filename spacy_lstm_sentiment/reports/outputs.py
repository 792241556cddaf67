"""A report on standard output, and in the files that were asked for."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacy_lstm_sentiment.errors import Conflict
from spacy_lstm_sentiment.files import open_whole, require_distinct, require_file
from spacy_lstm_sentiment.reports.figures import write_png
from spacy_lstm_sentiment.reports.page import render_page
from spacy_lstm_sentiment.reports.report import Report
from spacy_lstm_sentiment.reports.terminal import print_report


@dataclass(frozen=True)
class Outputs:
    """The files to write a report to, each only where it is named.

    force: Replace files that are there.
    """

    html: Path | None = None
    json: Path | None = None
    png: Path | None = None
    force: bool = False

    def check(self, *inputs: str | Path | None) -> None:
        """Call it before the work, with all that is read for it.

        RAISES InputError: A file cannot be written, or is there, or is an input, or two are one.
        """
        files = {"--html": self.html, "--json": self.json, "--png": self.png}
        require_distinct(files, filter(None, inputs))
        for path in self._paths():
            require_file(path)
            if path.exists() and not self.force:
                raise Conflict(f"{path}: already there: name another file, or --force")

    def write(self, report: Report) -> None:
        """Write the files and print the report. RAISES InputError: matplotlib is missing."""
        self.save(report)
        print_report(report)  # last: its reader may leave early

    def save(self, report: Report) -> None:
        """Write the files. RAISES InputError: matplotlib is missing."""
        for path in self._paths():
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.html:
            _write(self.html, render_page(report).encode())
        if self.json:
            text = json.dumps(_plain(report.data), indent=2, ensure_ascii=False, allow_nan=False)
            _write(self.json, f"{text}\n".encode())
        if self.png:
            with open_whole(self.png) as file:
                write_png(report.charts, file)

    def _paths(self) -> Iterator[Path]:
        yield from filter(None, (self.html, self.json, self.png))


def _write(path: Path, content: bytes) -> None:
    with open_whole(path) as file:
        file.write(content)


def _plain(value: Any) -> Any:
    """JSON has no NaN and no infinity: they are null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
