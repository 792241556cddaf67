"""How files of text are written, where their names leave that open."""

from dataclasses import dataclass, replace

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.lines import check_encoding

QUOTE = '"'
# Cells may be in quotes, of which those inside are doubled; or a quote is a character like others.
QUOTINGS = ("csv", "none")


@dataclass(frozen=True)
class Dialect:
    """How a file of text is to be read; what is None goes by its extension.

    encoding: that of files without a byte order mark. Of tables, delimiter: what stands between
    cells. quoting: one of QUOTINGS. escape: what a character follows that is not to be taken for a
    delimiter, quote or line end; none by default. Raises InputError for what cannot be.
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    quoting: str | None = None
    escape: str | None = None

    def __post_init__(self) -> None:
        check_encoding(self.encoding)
        if self.delimiter == "\\t":  # as it is typed
            object.__setattr__(self, "delimiter", "\t")
        if self.quoting not in (None, *QUOTINGS):
            raise InputError(f"--quoting {self.quoting}: name one of {', '.join(QUOTINGS)}")
        marks = {"--delimiter": self.delimiter, "--escape": self.escape}
        for option, mark in marks.items():
            if mark is not None and (len(mark) != 1 or mark in "\r\n" or mark == QUOTE):
                raise InputError(f"{option} {mark!r}: name one character, no quote or line end")
        if self.escape is not None and self.escape == self.delimiter:
            raise InputError(f"--escape {self.escape!r}: that is the delimiter, too")

    def of(self, extension: str) -> "Dialect":
        """The dialect of a table with this extension: tabs have no quotes beside them.

        Not in a file named .csv, which is what spreadsheets write.
        """
        delimiter = self.delimiter or ("\t" if extension == ".tsv" else ",")
        is_plain = delimiter == "\t" and extension != ".csv"
        quoting = self.quoting or ("none" if is_plain else "csv")
        return replace(self, delimiter=delimiter, quoting=quoting)
