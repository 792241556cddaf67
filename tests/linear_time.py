"""Every regular expression of the package, and what reads text by them, on long texts.

A program of its own, since a hang can be ended only from outside. It prints what it is at, and is
killed where a text takes so much of the processor's time, of which a busy machine needs no more.
"""

import importlib
import re
import signal
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import spacy_lstm_sentiment
from spacy_lstm_sentiment.models.normalizing import normalize
from spacy_lstm_sentiment.pipeline.cleaning import CLEANINGS

LENGTH = 100_000
# What is linear takes a fraction of a second. What is quadratic makes 5,000,000,000 steps, which
# take 20 seconds where they are the simplest, and minutes as a rule.
MOST_SECONDS = 4
# Patterns that begin where the text does, each with the method that is called on it; the others may
# begin anywhere.
ANCHORED = {
    "spacy_lstm_sentiment.training.domains._LISTED": "match",
    "spacy_lstm_sentiment.training.imdb._REVIEW_NAME": "fullmatch",
    "spacy_lstm_sentiment.training.tuning.RANGE": "fullmatch",
    "spacy_lstm_sentiment.training.labels._STARS": "fullmatch",
    "spacy_lstm_sentiment.training.labels._NUMBER": "fullmatch",
    "spacy_lstm_sentiment.reports.terminal.NUMBER": "fullmatch",
}
UNITS = [
    *" \n\taeZ019.,!?'\"<>&/=-_:;#@()*~^%+|\\é\u2019\u2018“”…\u2013—\u200b\xad\uff01😀👍❤",
    *("<br", "<br ", "<!--", "-->", "<script>", "<style ", "</script", "<p>", "</b>", '<a x="" ="'),
    *("<b x=", " x=1", " =", "&amp", "&#1", "n't", "n\u2019t ", "1,", "/1_", "e+1", " n't", " to "),
    *(
        ":)",
        ":-",
        "=-",
        "<3",
        "(:",
        "@a",
        "a@",
        "www.",
        "http://",
        "#a",
        "a.",
        "a-",
        "'s",
        ' id="a_',
    ),
    *("<Pros>", "\u200da", "\ufe0f", "☺\ufe0f", "!?", "gO", "..", "a..", ";-", "😀\u200d"),
]
# What some have to have read before they read on.
STARTED = (
    *("<br", "<a x", "<a x=", "<a x='", "<!--", "<!d", "<![", "&#", "1.", "a://", " (", "1e1 to "),
)


def read_all(name: str, read: Callable[[str], object]) -> None:
    for start, unit in [("", unit) for unit in UNITS] + [*product(STARTED, " a1.'=")]:
        print(f"{name}: {start!r} + {unit!r}", flush=True)
        signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)  # whose signal ends the program
        read(start + unit * (LENGTH // len(unit)) + "\0")


def patterns() -> Iterator[tuple[str, str, re.Pattern[str]]]:
    root = Path(spacy_lstm_sentiment.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "re.compile" in path.read_text(encoding="utf-8"):
            module = importlib.import_module(
                ".".join([root.name, *path.relative_to(root).with_suffix("").parts])
            )
            for name, value in vars(module).items():
                for key, pattern in value.items() if isinstance(value, dict) else [("", value)]:
                    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                        yield f"{module.__name__}.{name}", key, pattern


if __name__ == "__main__":
    for name, key, pattern in patterns():
        method = ANCHORED.get(name)
        read_all(f"{name} {key}", getattr(pattern, method) if method else pattern.findall)
    for name, clean in CLEANINGS.items():
        read_all(name, clean)
    read_all("normalize", normalize)
