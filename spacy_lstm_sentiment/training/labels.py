"""The labels of a review: what a table's values mean, and `doc.cats` made of the labels.

A number means nothing by itself: 1 is POSITIVE beside 0 and NEGATIVE beside 2. So a column is
looked at as a whole, and one that is not of a known coding is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, NEUTRAL, POSITIVE

LABELS = (POSITIVE, NEGATIVE, NEUTRAL)
WORDS = {
    "positive": POSITIVE,
    "pos": POSITIVE,
    "negative": NEGATIVE,
    "neg": NEGATIVE,
    "neutral": NEUTRAL,
}
SHOWN_VALUES = 10
_STARS = re.compile(r"(\d+)(?::(\d+(?:\.\d+)?),(\d+(?:\.\d+)?))?")
_WHOLE = re.compile(r"^([+-]?\d+)\.0+$")
_NUMBER = re.compile(r"[+-]?(\d+(?:\.\d*)?|\.\d+)(e[+-]?\d+)?")

# A value's label; None says that the text has none. Raises ValueError where it means nothing.
ParseLabel = Callable[[Any], str | None]


@dataclass(frozen=True)
class LabelCoding:
    """What the user says that the values of a label column mean.

    meanings: A label for each value, or None for "no label"; None looks at the column.
    stars: The most stars there are, the most that are NEGATIVE, and the fewest that are POSITIVE.
    """

    meanings: Mapping[str, str | None] | None = None
    stars: tuple[float, float, float] | None = None

    def parser(self, column: Iterable[Any], where: str) -> ParseLabel:
        """How to read the values of a column.

        RAISES InputError: It is not of a known coding; the message begins with `where`.
        """
        if self.stars:
            return _stars_parser(*self.stars)
        if self.meanings is not None:
            return _meanings_parser(self.meanings, "--labels names")
        values = {normalize_value(value) for value in column}
        numbers = {value for value in values if _is_number(value)}
        words = values & WORDS.keys()
        if not numbers:
            return _meanings_parser(WORDS, "accepted are")
        if not words and numbers <= {"0", "1"}:
            return _meanings_parser({"0": NEGATIVE, "1": POSITIVE}, "accepted are")
        if not words and {"-1", "1"} <= numbers <= {"-1", "0", "1"}:
            signs = {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}
            return _meanings_parser(signs, "accepted are")
        raise InputError(
            f"{where}: the labels are {_show(numbers | words)}, which may mean several things: "
            "say what, as in --labels 1=NEGATIVE,2=POSITIVE (3= for no label), or --stars 5"
        )


def make_coding(labels: str | None, stars: str | None) -> LabelCoding:
    """The coding that `--labels` or `--stars` describes.

    RAISES InputError: Both are given, or one is of another form.
    """
    if labels and stars:
        raise InputError("--labels and --stars are two codings of one column: give one of them")
    return LabelCoding(
        parse_meanings(labels) if labels else None, parse_stars(stars) if stars else None
    )


def parse_meanings(text: str) -> dict[str, str | None]:
    """`1=NEGATIVE,2=POSITIVE,3=` as a mapping; nothing after the sign is "no label".

    RAISES InputError: It is of another form, or names another label.
    """
    meanings: dict[str, str | None] = {}
    for part in text.split(","):
        value, equals, word = part.partition("=")
        label = WORDS.get(word.strip().lower())
        value = normalize_value(value)
        if not (value and equals) or (word.strip() and not label) or value in meanings:
            raise InputError(
                f"--labels {text}: write VALUE=LABEL,VALUE=LABEL with each value once, and "
                f"{POSITIVE}, {NEGATIVE}, {NEUTRAL} or nothing as the label"
            )
        meanings[value] = label
    if not any(meanings.values()):
        raise InputError(f"--labels {text}: gives no value a label")
    return meanings


def parse_stars(text: str) -> tuple[float, float, float]:
    """`5`, `10`, or with thresholds `5:2,4`: NEGATIVE up to 2, POSITIVE from 4.

    RAISES InputError: It is of another form.
    """
    match = _STARS.fullmatch(text.strip())
    if match:
        most = float(match[1])
        # Of 5: 1 and 2, 4 and 5. Of 10, as in the IMDB data set: 1 to 4, 7 to 10.
        default = {5.0: (2.0, 4.0), 10.0: (4.0, 7.0)}.get(most)
        low, high = (float(match[2]), float(match[3])) if match[2] else default or (0.0, 0.0)
        if 1.0 <= low < high <= most:
            return most, low, high
    raise InputError(
        f"--stars {text}: write 5 or 10, or the most stars, the most that are {NEGATIVE} and the "
        f"fewest that are {POSITIVE}, as in 5:2,4"
    )


def normalize_value(value: Any) -> str:
    """A table's cell or a JSON value as text, where case, spaces and `.0` make no difference."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(value).strip().lower()
    return _WHOLE.sub(r"\1", text)


def label_set(labels: Iterable[str | None]) -> tuple[str, ...]:
    """The keys that every `doc.cats` of a data set has: NEUTRAL only where the data has it."""
    return LABELS if NEUTRAL in set(labels) else (POSITIVE, NEGATIVE)


def make_cats(label: str | None, labels: tuple[str, ...]) -> dict[str, float]:
    """`doc.cats` of one review: 1.0 for its label, 0.0 for the others; empty where unlabelled.

    NEUTRAL is as much of each label where it is none itself.
    """
    if label is None:
        return {}
    if label not in labels:
        return dict.fromkeys(labels, 1.0 / len(labels))
    return {name: float(name == label) for name in labels}


def _meanings_parser(meanings: Mapping[str, str | None], accepted: str) -> ParseLabel:
    def parse(value: Any) -> str | None:
        text = normalize_value(value)
        if text not in meanings:
            known = ", ".join(meanings)
            raise ValueError(f"unknown label {value!r:.40}; {accepted} {known:.80}")
        return meanings[text]

    return parse


def _stars_parser(most: float, low: float, high: float) -> ParseLabel:
    def parse(value: Any) -> str:
        text = normalize_value(value)
        stars = float(text) if _is_number(text) else 0.0
        if not 1.0 <= stars <= most:
            raise ValueError(f"{value!r:.40} is no number of stars from 1 to {most:g}")
        return NEGATIVE if stars <= low else POSITIVE if stars >= high else NEUTRAL

    return parse


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _show(values: Iterable[str]) -> str:
    found = sorted(values, key=lambda v: (not _is_number(v), float(v) if _is_number(v) else 0.0, v))
    rest = f" and {len(found) - SHOWN_VALUES} more" if len(found) > SHOWN_VALUES else ""
    return ", ".join(f"{value:.20}" for value in found[:SHOWN_VALUES]) + rest
