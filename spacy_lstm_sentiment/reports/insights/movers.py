"""Which words moved the model, in a sample of texts: the means of their explanations."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from spacy import Language
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, cats_of
from spacy_lstm_sentiment.pipeline.explain import explain
from spacy_lstm_sentiment.reports.insights.phrases import LEAST_TEXTS, phrases_of

MOST_WORDS = 8
TOLERANCE = 0.01  # of P(NEGATIVE), within which a pipeline is the one that scored


@dataclass(frozen=True)
class Mover:
    """A word that speaks for NEGATIVE: in how many texts, and how far it moves the logit."""

    word: str
    texts: int
    contribution: float


def has_scored(nlp: Language, texts: Sequence[tuple[str, float]]) -> bool:
    """Whether a pipeline gives most of the texts the P(NEGATIVE) that they have."""
    docs = nlp.pipe([text for text, _ in texts])
    near = [
        abs(cats_of(doc).get(NEGATIVE, -1.0) - probability) < TOLERANCE
        for doc, (_, probability) in zip(docs, texts, strict=True)
    ]
    return sum(near) > len(near) / 2


def find_movers(nlp: Language, texts: Sequence[str]) -> list[Mover]:
    """The words that spoke most for NEGATIVE in all of the texts together; none where the model
    cannot be explained."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for doc in tqdm(nlp.pipe(texts), "explaining", len(texts), leave=False, disable=None):
        try:
            explanation = explain(doc, NEGATIVE)
        except InputError:
            return []
        words = phrases_of(doc.text)
        sums: defaultdict[str, float] = defaultdict(float)
        for token, value in zip(explanation.tokens, explanation.contributions, strict=True):
            if token.lower() in words:
                sums[token.lower()] += value
        for word, value in sums.items():
            found[word].append(value)
    movers = [
        Mover(word, len(values), sum(values) / len(values))
        for word, values in found.items()
        if len(values) >= LEAST_TEXTS and sum(values) > 0
    ]
    return sorted(movers, key=lambda m: (-m.contribution * m.texts, m.word))[:MOST_WORDS]
