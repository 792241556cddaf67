"""Labelled texts of other domains than films, out of the files that their authors publish.

    treebank    Stanford's sentiment treebank, a tree a line, five classes on every phrase
                (Socher et al., 2013)
    pros_cons   pros or cons of products, a list in a tag a line (Ganapathibhotla and Liu, 2008)
    plots       objective sentences of film plots, one a line (Pang and Lee, 2004)
    news        NewsMTSC: sentences with the sentiment towards those named in them
                (Hamborg and Donnay, 2021)
    developers  Senti4SD: developers' posts, `id;label;text` (Calefato et al., 2018)
    words       an opinion lexicon, one word a line (Hu and Liu, 2004)
    valences    VADER's lexicon: words, slang and emoticons with the mean of ten raters, from -4 to
                4 (Hutto and Gilbert, 2014)

A text comes once, with the label it has first: a phrase stands in many trees.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from math import nan
from pathlib import Path

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, NEUTRAL, POSITIVE
from spacy_lstm_sentiment.pipeline.cleaning import clean_html
from spacy_lstm_sentiment.training.reviews import Review

_FIVE_CLASSES = dict(zip("01234", (NEGATIVE, NEGATIVE, NEUTRAL, POSITIVE, POSITIVE), strict=True))
_NEWS_CLASSES = {2.0: NEGATIVE, 4.0: NEUTRAL, 6.0: POSITIVE}
_TREE_TOKEN = re.compile(r"\((\d) |\)|[^\s()]+")
_LISTED = re.compile(r"\s*<(Pros|Cons)>(.*)</\1>")
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}
_MOST_VALENCE = 4.0
_LEAST_VALENCE = 1.0  # nearer to 0 the raters of a word disagree about its sign
_JOINED_BEFORE = re.compile(r" (n't|'(?:s|re|ve|ll|d|m)|[.,;:!?%)\]]+)(?=\s|$)", re.IGNORECASE)
_JOINED_AFTER = re.compile(r"([(\[$#]) ")


def read_domain(path: Path, domain: str) -> Iterator[Review]:
    """The labelled texts of a published file, in its order.

    RAISES InputError: The domain is not known, or a line is not of its form.
    """
    if domain not in _READERS:
        raise InputError(f"{domain}: not a known domain; known are {', '.join(_READERS)}")
    seen = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for text, label in _READERS[domain](path, lines):
            if text and text not in seen:
                seen.add(text)
                yield Review(text, label)


def join_tokens(tokens: Iterable[str]) -> str:
    """The text of tokens in the manner of the Penn treebank, as one would have typed it."""
    words = [_BRACKETS.get(token, token.replace("\\/", "/")) for token in tokens]
    quotes = 0
    for place, word in enumerate(words):
        if word == '"':
            quotes += 1
            words[place] = "\0" if quotes % 2 else "\1"
    text = _JOINED_BEFORE.sub(r"\1", " ".join(words))
    text = _JOINED_AFTER.sub(r"\1", text)
    return text.replace("\0 ", '"').replace(" \1", '"').replace("\0", '"').replace("\1", '"')


def _read_trees(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        tokens: list[str] = []
        nodes: list[tuple[str, int]] = []  # the class of each open phrase, and its first token
        phrases = []
        for match in _TREE_TOKEN.finditer(line):
            if match[1]:
                nodes.append((match[1], len(tokens)))
            elif match[0] != ")":
                tokens.append(match[0])
            elif nodes:
                sentiment, start = nodes.pop()
                phrases.append((join_tokens(tokens[start:]), _FIVE_CLASSES.get(sentiment)))
        if nodes or (not phrases and line.strip()):
            raise InputError(f"{path}:{number}: not a tree of the sentiment treebank")
        for text, label in reversed(phrases):  # the sentence before its phrases
            if label is None:
                raise InputError(f"{path}:{number}: a class that is not 0 to 4")
            yield text, label


def _read_listed(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        found = _LISTED.match(line)
        if found:
            yield clean_html(found[2]).strip(), POSITIVE if found[1] == "Pros" else NEGATIVE
        elif line.strip():
            raise InputError(f"{path}:{number}: neither <Pros> nor <Cons>")


def _read_plots(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        yield join_tokens(line.split()), NEUTRAL


def _read_news(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Sentences whose targets are all spoken of alike: that is the sentence's own sentiment."""
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            classes = {_NEWS_CLASSES[target["polarity"]] for target in record["targets"]}
            text = record["sentence_normalized"].strip()
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(f"{path}:{number}: not a sentence of NewsMTSC") from None
        if len(classes) == 1:
            yield text, classes.pop()


def _read_developers(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    rows = csv.reader(lines, delimiter=";")
    for row in rows:
        label = row[1].strip().upper() if len(row) == 3 else ""
        if label not in (POSITIVE, NEGATIVE, NEUTRAL):
            raise InputError(f"{path}:{rows.line_num}: not `id;label;text`")
        yield row[2].strip(), label


def _read_words(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    names = [name for name in ("positive", "negative") if name in path.name]
    if len(names) != 1:
        raise InputError(f"{path}: its name has to say whether the words are positive or negative")
    for line in lines:
        if not line.startswith(";"):
            yield line.strip(), names[0].upper()


def _read_valences(path: Path, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        cells = line.rstrip("\r\n").split("\t")
        try:
            valence = float(cells[1])
        except (ValueError, IndexError):
            valence = nan
        if not abs(valence) <= _MOST_VALENCE:
            raise InputError(f"{path}:{number}: not a word and its valence, from -4 to 4")
        if abs(valence) >= _LEAST_VALENCE:
            yield cells[0].strip(), POSITIVE if valence > 0.0 else NEGATIVE


_READERS: dict[str, Callable[[Path, Iterable[str]], Iterator[tuple[str, str]]]] = {
    "treebank": _read_trees,
    "pros_cons": _read_listed,
    "plots": _read_plots,
    "news": _read_news,
    "developers": _read_developers,
    "words": _read_words,
    "valences": _read_valences,
}
