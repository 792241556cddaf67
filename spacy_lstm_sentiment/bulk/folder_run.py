"""What is asked of a run whose output is a folder of parts."""

import re
from dataclasses import dataclass
from pathlib import Path

from spacy_lstm_sentiment.bulk.sinks.formats import choose_format
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import is_within
from spacy_lstm_sentiment.records.arrow import ARROW
from spacy_lstm_sentiment.records.opening import STANDARD_INPUT, split_extension
from spacy_lstm_sentiment.records.urls import OBJECT_STORAGE, is_object, is_url, shown

# Of the parts, if nobody says otherwise.
FORMAT = "jsonl.gz"

SHARE = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True)
class Share:
    """One of several shares of a run's splits, counted from 1.

    `--part 3/16`, and 1/1 for all.
    """

    number: int = 1
    of: int = 1

    def has(self, split: int) -> bool:
        """Whether a split, by its place in the run, belongs to it."""
        return split % self.of == self.number - 1

    @property
    def name(self) -> str:
        """As files are called that sort by it: 03-of-16."""
        return f"{self.number:0{len(str(self.of))}d}-of-{self.of}"


ALL = Share()


def read_share(text: str) -> Share:
    """A share out of `3/16`. RAISES InputError: It is none."""
    found = SHARE.fullmatch(text)
    share = Share(*map(int, found.groups())) if found else None
    if share is None or not 1 <= share.number <= share.of:
        raise InputError(f"--part {text}: name a part and how many there are, as 3/16")
    return share


@dataclass(frozen=True)
class FolderRun:
    """What is asked of a run whose output is a folder.

    suffix: of the parts' names, their format and its compression. finish: do nothing but see that
    all shares are there.
    """

    suffix: str
    share: Share
    finish: bool

    @property
    def extension(self) -> str:
        """Of the parts' format."""
        return choose_format(f"part{self.suffix}")

    def check(self, inputs: list[str]) -> None:
        """RAISES InputError: The parts would not have the same types."""
        if self.extension in ARROW and any(split_extension(p)[0] not in ARROW for p in inputs):
            raise InputError(
                f"--format {self.suffix[1:]}: in a folder each part has its types from the inputs,"
                f" which have to be {' or '.join(ARROW)}: name --format {FORMAT}, or one file"
            )


def find_folder(
    output: str,
    format: str | None,
    part: str | None,
    finish: bool,
    rejects: str | Path | None,
) -> FolderRun | None:
    """What is asked of a run, if its output is a folder, which ends in a slash.

    RAISES InputError: Options that do not go together, or a format that there is not.
    """
    if not output.endswith("/"):
        for option, value in (("--format", format), ("--part", part), ("--finish", finish)):
            if value:
                raise InputError(
                    f"{option} is for an output that is a folder: end {shown(output)} with a slash"
                )
        if is_url(output):
            raise InputError(f"{shown(output)}: in object storage the output is a folder: end it /")
        return None
    if is_url(output) and not is_object(output):
        kinds = ", ".join(f"{scheme}://" for scheme in OBJECT_STORAGE)
        raise InputError(f"{shown(output)}: only {kinds} are written to; or name a local folder")
    if rejects is not None:
        raise InputError(
            "--rejects is for an output that is a file: those of a folder are in _rejects there"
        )
    if part is not None and finish:
        raise InputError("--finish is for when all parts are done: leave out --part")
    run = FolderRun(f".{format or FORMAT}", ALL if part is None else read_share(part), finish)
    choose_format(f"part{run.suffix}")
    return run


def check_folder(output: str, named: list[str], files: list[str]) -> None:
    """RAISES InputError: The folder is an input, or in one, or has one in it."""
    if is_url(output):
        urls = filter(is_url, [*named, *files])
        inside = [u for u in urls if u.startswith(output) or output.startswith(f"{u.rstrip('/')}/")]
        if inside:
            raise InputError(f"{shown(output)}: is an input: name another output")
        return
    for name in [*named, *files]:
        if is_url(name) or name == STANDARD_INPUT:
            continue
        if is_within(name, output) or (Path(name).is_dir() and is_within(output, name)):
            raise InputError(
                f"{output}: and the input {name} are one inside the other: name another output"
            )
    if Path(output).exists() and not Path(output).is_dir():
        raise InputError(f"{output}: not a folder: name another output, or leave out the slash")
