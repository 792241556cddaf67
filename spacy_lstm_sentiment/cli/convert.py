"""`convert`: labelled reviews into spaCy's training files."""

import sys
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting
from spacy_lstm_sentiment.errors import InputError

if TYPE_CHECKING:
    from spacy import Language

    from spacy_lstm_sentiment.records.record import BadRecord

SHOWN_BAD_LINES = 20


class Domain(str, Enum):
    """What training/domains.py reads."""

    treebank = "treebank"
    pros_cons = "pros_cons"
    plots = "plots"
    news = "news"
    developers = "developers"
    words = "words"
    valences = "valences"


class Split(str, Enum):
    """The parts of the IMDB data set."""

    train = "train"
    test = "test"
    unsup = "unsup"


Labels = Annotated[
    str | None,
    typer.Option(help="What a table's labels mean: 1=NEGATIVE,2=POSITIVE,3= (3 is no label)."),
]
Stars = Annotated[
    str | None,
    typer.Option(
        help="A table's labels are stars: 5 or 10, or with thresholds 5:2,4 (NEGATIVE up to 2, "
        "POSITIVE from 4)."
    ),
]


def check_suffix(path: Path | None) -> Path | None:
    """RAISES BadParameter: spaCy would not find the file by its name."""
    if path is not None and path.suffix != ".spacy":
        raise typer.BadParameter(f"{path} must end in .spacy, or spaCy passes it over.")
    return path


def convert(
    source: Annotated[
        Path, typer.Argument(help="aclImdb_v1.tar.gz, its folder aclImdb, or a JSONL, CSV or TSV.")
    ],
    output: Annotated[
        Path, typer.Argument(help="The .spacy file to write.", callback=check_suffix)
    ],
    dev: Annotated[
        Path | None,
        typer.Option(
            help="Write a development set here: of whole films in IMDB, with equal texts together "
            "elsewhere.",
            callback=check_suffix,
        ),
    ] = None,
    dev_size: Annotated[
        int, typer.Option(min=1, help="Reviews in the development set, at least.")
    ] = 2500,
    split: Annotated[Split, typer.Option(help="The part of the IMDB data set.")] = Split.train,
    domain: Annotated[
        Domain | None,
        typer.Option(help="SOURCE is a published file of another domain, in a form of its own."),
    ] = None,
    text_field: Annotated[str, typer.Option(help="The table's field with the text.")] = "text",
    label_field: Annotated[str, typer.Option(help="The table's field with the label.")] = "label",
    labels: Labels = None,
    stars: Stars = None,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
    even_neutral: Annotated[
        bool,
        typer.Option(
            "--even-neutral",
            help="Make neutral texts half positive and half negative, not a third label: for a "
            "pipeline of two labels.",
        ),
    ] = False,
    max_per_label: Annotated[
        int | None,
        typer.Option(min=1, help="Keep at most so many texts of each label, chosen by --seed."),
    ] = None,
    copies: Annotated[
        int,
        typer.Option(
            min=1, help="Write each text so many times: what it weighs beside larger corpora."
        ),
    ] = 1,
    lang: Annotated[str, typer.Option(help="The language whose tokenizer is used.")] = "en",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Read no more than this many reviews.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the development set's films.")] = 0,
) -> None:
    """Convert labelled reviews to .spacy files, which `spacy train` reads.

    Labels in a table are positive, negative, neutral, pos, neg; 0 and 1; or -1, 0 and 1; --labels
    or --stars say what others mean. A line that cannot be read is reported, the others are
    written, and the exit code is then 1.
    """
    if dev == output:
        raise typer.BadParameter("OUTPUT and --dev are the same file.")
    from tqdm import tqdm

    from spacy_lstm_sentiment.files import require_distinct
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.training.convert import convert_reviews, describe
    from spacy_lstm_sentiment.training.corpus import read_reviews
    from spacy_lstm_sentiment.training.domains import read_domain
    from spacy_lstm_sentiment.training.labels import make_coding
    from spacy_lstm_sentiment.training.reviews import sample_by_label

    require_distinct({"OUTPUT": output, "--dev": dev}, [source])
    nlp = _blank(lang)
    for path in filter(None, (output, dev)):
        path.parent.mkdir(parents=True, exist_ok=True)
    bad_lines = _BadLines()
    if domain:
        found = read_domain(source, domain.value)
    else:
        found = read_reviews(
            source,
            split=split.value,
            text_field=text_field,
            label_field=label_field,
            coding=make_coding(labels, stars),
            dialect=Dialect(encoding, delimiter, quoting, escape),
            on_bad=bad_lines.report,
        )
    reviews = list(tqdm(islice(found, limit), desc="reading", unit=" reviews", disable=None))
    bad_lines.report_rest()
    if not reviews:
        raise InputError(f"{source}: no reviews to convert, {bad_lines.count} bad lines")
    if max_per_label:
        reviews = sample_by_label(reviews, max_per_label, seed)
    reviews *= copies
    print(describe(convert_reviews(reviews, nlp, output, dev, dev_size, seed, even_neutral)))
    if bad_lines.count:
        raise InputError(
            f"{source}: {len(reviews)} reviews written, {bad_lines.count} bad lines left out"
        )


def _blank(lang: str) -> "Language":
    import spacy

    try:
        return spacy.blank(lang)
    except ImportError as error:
        raise InputError(f"--lang {lang}: {' '.join(str(error).split())}") from None


class _BadLines:
    """Shows the first bad lines on standard error and counts the rest."""

    def __init__(self) -> None:
        self.count = 0

    def report(self, bad: "BadRecord") -> None:
        from tqdm import tqdm

        self.count += 1
        if self.count <= SHOWN_BAD_LINES:
            tqdm.write(f"{bad.source}:{bad.line}: {bad.reason}", file=sys.stderr)

    def report_rest(self) -> None:
        if self.count > SHOWN_BAD_LINES:
            print(f"... and {self.count - SHOWN_BAD_LINES} more bad lines", file=sys.stderr)
