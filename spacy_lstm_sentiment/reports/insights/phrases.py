"""Words and phrases of two words that some texts have more often than others.

By their log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, 2008, "Fightin'
Words"). A phrase counts once a text, so that nobody is loud by repeating himself.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt
from statistics import NormalDist

from spacy.lang.en.stop_words import STOP_WORDS

from spacy_lstm_sentiment.reports.insights.findings import LEVEL

CLAUSE = re.compile(r"[.,;:!?()\[\]\"\n]+")
WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
CURLY = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
NEGATIONS = frozenset(("no", "not", "never", "without", "cannot"))
LEAST_TEXTS = 5  # that have a phrase: it is nobody's own
PRIOR = 500.0  # phrases that the prior counts for
MOST_PHRASES = 8


@dataclass(frozen=True)
class Phrase:
    """A phrase that texts have more often than others.

    texts, other_texts: How many have it here, and among the others. z: How sure that is, in
    standard deviations of the log-odds.
    """

    phrase: str
    texts: int
    other_texts: int
    z: float


def phrases_of(text: str) -> set[str]:
    """The words of a text, but for those of grammar and numbers, and pairs of neighbours."""
    return set(_phrases(text.translate(CURLY).lower()))


def find_phrases(
    texts: Sequence[str], others: Sequence[str], without: Collection[str] = ()
) -> list[Phrase]:
    """The phrases that are beyond chance more frequent in texts than in others, the surest first.

    No word comes twice. without: Words that are not told.
    """
    here = Counter(phrase for text in texts for phrase in phrases_of(text))
    candidates = {
        phrase
        for phrase, n in here.items()
        if n >= LEAST_TEXTS and not set(phrase.split()) & set(without)
    }
    if not candidates:
        return []
    there: Counter[str] = Counter()
    n_there = 0
    for text in others:
        found = phrases_of(text)
        n_there += len(found)
        there.update(found & candidates)
    zs = log_odds({p: here[p] for p in candidates}, here.total(), there, n_there)
    least = NormalDist().inv_cdf(1 - LEVEL / len(candidates))
    ranked = sorted((p for p in candidates if zs[p] > least), key=lambda p: (-zs[p], p))
    chosen: list[Phrase] = []
    used: set[str] = set()
    for phrase in ranked:
        if not used & set(phrase.split()) and len(chosen) < MOST_PHRASES:
            used |= set(phrase.split())
            chosen.append(Phrase(phrase, here[phrase], there[phrase], zs[phrase]))
    return chosen


def log_odds(
    here: dict[str, int], n_here: int, there: Counter[str], n_there: int
) -> dict[str, float]:
    """The z of each phrase's log-odds here against there, of so many phrases in all.

    The prior has each phrase as often as both together have it.
    """
    zs = {}
    for phrase, count in here.items():
        prior = PRIOR * (count + there[phrase]) / (n_here + n_there)
        first, second = count + prior, there[phrase] + prior
        difference = log(first / (n_here + PRIOR - first)) - log(
            second / (n_there + PRIOR - second)
        )
        zs[phrase] = difference / sqrt(1 / first + 1 / second)
    return zs


def _phrases(text: str) -> Iterator[str]:
    for clause in CLAUSE.split(text):
        before = ""
        for word in WORD.findall(clause):
            negates = word in NEGATIONS or word.endswith("n't")
            tells = not negates and len(word) > 1 and word not in STOP_WORDS and _has_letter(word)
            if tells:
                yield word
                if before:
                    yield f"{before} {word}"
            before = word if tells or negates else ""


def _has_letter(word: str) -> bool:
    return any(map(str.isalpha, word))
