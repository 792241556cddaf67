"""Texts through a spaCy pipeline, whatever one of them does to it."""

import heapq
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

import numpy
import numpy.typing as npt
from spacy import Language
from spacy.attrs import ORTH
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_lstm_sentiment.errors import InputError, one_line
from spacy_lstm_sentiment.models.static_vectors import UNKNOWN as NO_ROW
from spacy_lstm_sentiment.models.word_table import Lookup, lookup_of
from spacy_lstm_sentiment.pipeline.attributes import (
    NEGATIVE,
    POSITIVE,
    cats_of,
    label_in,
    label_of,
    sentiment_in,
)
from spacy_lstm_sentiment.pipeline.origin import component_of
from spacy_lstm_sentiment.pipeline.sentences import read_spans
from spacy_lstm_sentiment.pipeline.text_scorer import LETTERS, SPACE, TextScorer, find_text_scorer
from spacy_lstm_sentiment.records.memory import wants_memory

logger = logging.getLogger(__name__)

# Kinds of tokens: with letters alone, and a vector or none; or something else.
NO_WORD, KNOWN, UNKNOWN = range(3)
MAX_KINDS = 1_000_000

# Documents after which a process knows the usual words.
WARM_UP = 10_000


class Scores(NamedTuple):
    """What a pipeline says of a text, rounded to 6 digits.

    label: the most probable one, or NEUTRAL within the neutral band.
    score: P(POSITIVE).
    sentiment: P(POSITIVE) - P(NEGATIVE).
    """

    label: str
    score: float
    sentiment: float


@dataclass(frozen=True)
class ScoringOptions:
    """What is asked of a pipeline.

    neutral_band: instead of the component's own. per_sentence: a result for each sentence.
    explain: so many of the words that contribute most. batch_size: texts at a time.
    """

    neutral_band: float | None = None
    per_sentence: bool = False
    explain: int = 0
    batch_size: int = 1000

    @property
    def columns(self) -> list[str]:
        """The names of a result's values."""
        sentence = ["sentence", "sentence_text"] if self.per_sentence else []
        return [*Scores._fields, *sentence, *(["words"] if self.explain else [])]


@dataclass(frozen=True, slots=True)
class Scored:
    """A text's results, each with the values of `ScoringOptions.columns`; and its words, those
    without a vector among them."""

    results: list[list[Any]]
    n_words: int
    n_unknown: int


# Results; or what went wrong; or None for a text of which cleaning leaves nothing.
Outcome = Scored | str | None


class Scorer:
    """Scores texts with a pipeline, which keeps no more words than those of its first texts.

    spaCy stores every word it meets. A memory zone forgets those met within it, but the tokenizer
    caches nothing in one and is three times slower on words that it has not cached: so zones begin
    once the usual words are known. Where the pipeline does nothing but score, and nothing else is
    asked of it, no Docs are made.
    """

    def __init__(self, nlp: Language, options: ScoringOptions) -> None:
        self.nlp = nlp
        self.options = options
        self.n_texts = 0
        self.has_failed = False
        lookup = lookup_of(nlp)
        self._kinds = _Kinds(nlp.vocab, lookup) if lookup else None
        wants_docs = options.per_sentence or options.explain > 0
        self._text_scorer = None if wants_docs else find_text_scorer(nlp)

    def __call__(self, texts: list[str]) -> list[Outcome]:
        """The outcome of each text. Raises what says that there is no memory for them."""
        with self._zone():
            self.n_texts += len(texts)
            try:
                if self._text_scorer is not None:
                    return self._score_texts(texts, self._text_scorer)
                docs = list(self.nlp.pipe(texts, batch_size=len(texts)))
                words = self._count_words(docs)
                pairs = zip(docs, words, texts, strict=True)
                return [self._outcome(doc, counts) for doc, counts, _ in pairs]
            except Exception as error:
                if wants_memory(error):
                    raise
                # Some text breaks the pipeline: the others have their scores all the same.
                self._tell_of(error, len(texts))
                return [self._score_alone(text) for text in texts]

    def check(self) -> None:
        """Raise InputError for a pipeline that cannot do what is asked of it."""
        try:
            doc = self.nlp("A text.")
            if {POSITIVE, NEGATIVE} <= cats_of(doc).keys():
                self._read(doc)
                return
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"the pipeline cannot be used: {one_line(error)}") from error
        raise InputError(
            f"the pipeline gives the labels {', '.join(doc.cats) or 'none'}, and has to give"
            f" {POSITIVE} and {NEGATIVE}: use one with a trained lstm_sentiment, or rename its"
            " labels"
        )

    def _score_texts(self, texts: list[str], scorer: TextScorer) -> list[Outcome]:
        """What the pipeline says of texts, without Docs."""
        batch, kinds = scorer.read(texts)
        unknown = (kinds == LETTERS) & (batch.rows == NO_ROW)
        counts = _count_by_document(
            batch.lengths, *(which[batch.tokens] for which in (kinds == LETTERS, unknown))
        )
        seen = _count_by_document(batch.lengths, (kinds != SPACE)[batch.tokens])
        band = self.options.neutral_band
        band = scorer.component.neutral_band if band is None else band
        said = zip(scorer.predict(batch), counts, seen, strict=True)
        return [
            Scored([[*_values(cats, label_in(cats, band))]], *n_words) if n_seen else None
            for cats, n_words, (n_seen,) in said
        ]

    def _tell_of(self, error: Exception, n_texts: int) -> None:
        """That a batch takes long; in a log that is not looked at, once."""
        logger.log(
            logging.DEBUG if self.has_failed else logging.WARNING,
            "the pipeline failed on one of %d texts, which are now scored one by one, many times "
            "slower: %s",
            n_texts,
            one_line(error),
        )
        self.has_failed = True

    def _score_alone(self, text: str) -> Outcome:
        try:
            doc = self.nlp(text)
            return self._outcome(doc, self._count_words([doc])[0])
        except Exception as error:
            if wants_memory(error):
                raise
            return f"the pipeline failed: {one_line(error)}"

    def _outcome(self, doc: Doc, counts: tuple[int, ...]) -> Outcome:
        return None if all(token.is_space for token in doc) else Scored(self._read(doc), *counts)

    def _read(self, doc: Doc) -> list[list[Any]]:
        if self.options.per_sentence:
            sentences = list(doc.sents)
            parts = read_spans(component_of(doc), doc, sentences)
            return [
                self._result(part, [number, sentence.text])
                for number, (sentence, part) in enumerate(zip(sentences, parts, strict=True))
            ]
        return [self._result(doc, [])]

    def _result(self, doc: Doc, sentence: list[Any]) -> list[Any]:
        words = [self._words(doc)] if self.options.explain else []
        label = label_of(doc, self.options.neutral_band)
        return [*_values(cats_of(doc), label), *sentence, *words]

    def _words(self, doc: Doc) -> list[tuple[str, float]]:
        """The words that contribute most to the label POSITIVE, for or against it."""
        from spacy_lstm_sentiment.pipeline.explain import explain  # with torch

        explanation = explain(doc, POSITIVE)
        contributions = zip(explanation.tokens, explanation.contributions, strict=True)
        most = heapq.nlargest(self.options.explain, contributions, key=lambda pair: abs(pair[1]))
        return [(word, round(contribution, 6)) for word, contribution in most]

    def _count_words(self, docs: list[Doc]) -> list[tuple[int, ...]]:
        """Of each document the words of letters, and those of them that have no vector."""
        if self._kinds is None:
            return [(0, 0)] * len(docs)
        keys = numpy.concatenate([doc.to_array(ORTH) for doc in docs])
        distinct, tokens = numpy.unique(keys, return_inverse=True)
        kinds = numpy.array([self._kinds[key] for key in distinct.tolist()], dtype="int8")[tokens]
        return _count_by_document(list(map(len, docs)), kinds != NO_WORD, kinds == UNKNOWN)

    def _zone(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.n_texts < WARM_UP else self.nlp.memory_zone()


def _values(cats: dict[str, float], label: str) -> Scores:
    """RAISES ValueError: The probabilities are none."""
    score, sentiment = float(cats[POSITIVE]), float(sentiment_in(cats))
    if not isfinite(sentiment):
        raise ValueError(f"the sentiment is {sentiment}")
    return Scores(label, round(score, 6), round(sentiment, 6))


def _count_by_document(
    lengths: Sequence[int] | npt.NDArray[numpy.int64], *which: npt.NDArray[numpy.bool_]
) -> list[tuple[int, ...]]:
    """Of each document, how many of its tokens are of each kind.

    which: Whether a token is of the kind. *Shape of each:* (tokens,)
    """
    ends = numpy.cumsum([0, *lengths])
    # Counts up to each document's end, of which neighbours differ by its own.
    counts = [numpy.diff(numpy.append(0, numpy.cumsum(tokens))[ends]).tolist() for tokens in which]
    return list(zip(*counts, strict=True))


class _Kinds(dict[int, int]):
    """What kind each token is, by its ORTH: of so many tokens at a time, to bound the memory."""

    def __init__(self, vocab: Vocab, lookup: Lookup) -> None:
        self.vocab = vocab
        self.lookup = lookup

    def __missing__(self, key: int) -> int:
        if len(self) == MAX_KINDS:
            self.clear()
        if not self.vocab[key].is_alpha:
            kind = NO_WORD
        else:
            kind = UNKNOWN if self.lookup.find([key])[0] == NO_ROW else KNOWN
        self[key] = kind
        return kind
