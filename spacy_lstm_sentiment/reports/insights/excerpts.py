"""Passages that are typical of the texts that have a phrase."""

import re
from collections.abc import Sequence
from statistics import median

from spacy_lstm_sentiment.reports.insights.phrases import CURLY, phrases_of

N_EXCERPTS = 3
BEFORE, AFTER = 60, 90  # characters around a phrase
ALIKE = 0.5  # share of words in common


def choose_excerpts(
    phrase: str, texts: Sequence[tuple[str, float]], n: int = N_EXCERPTS
) -> list[tuple[str, str]]:
    """Texts with their passages around a phrase: those of which the model is as sure as of most, no
    two of them alike.

    texts: With P(NEGATIVE).
    """
    found = [(text, sure) for text, sure in texts if _find(phrase, text)]
    if not found:
        return []
    middle = median(sure for _, sure in found)
    chosen: list[tuple[str, str]] = []
    words: list[set[str]] = []
    for text, _ in sorted(found, key=lambda item: (abs(item[1] - middle), item[0])):
        its = phrases_of(text)
        if all(len(its & other) <= ALIKE * len(its | other) for other in words):
            chosen.append((text, _passage(phrase, text)))
            words.append(its)
        if len(chosen) == n:
            break
    return chosen


def _find(phrase: str, text: str) -> re.Match[str] | None:
    words = r"[^\w.,;:!?]+".join(map(re.escape, phrase.split()))
    return re.compile(rf"\b{words}\b", re.IGNORECASE).search(text.translate(CURLY))


def _passage(phrase: str, text: str) -> str:
    """What stands around the phrase, from word to word."""
    match = _find(phrase, text)
    start, end = match.span() if match else (0, 0)
    first = text.rfind(" ", 0, max(0, start - BEFORE)) + 1 if start > BEFORE else 0
    last = text.find(" ", end + AFTER)
    last = len(text) if last < 0 or last > end + 2 * AFTER else last
    last = min(last, end + 2 * AFTER)
    passage = " ".join(text[first:last].split())
    return f"{'… ' if first else ''}{passage}{' …' if last < len(text) else ''}"
