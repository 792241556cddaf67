"""From texts to probabilities without Docs, where a pipeline does nothing but score.

The numbers are those of `nlp.pipe` to the last bit: the same tokens go through the same model,
which gets them by the batch in place of Docs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import numpy
import numpy.typing as npt
from spacy.language import Language
from spacy.util import minibatch

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.inference import find_table
from spacy_lstm_sentiment.models.normalizing import keys_of
from spacy_lstm_sentiment.models.table_shim import TableShim
from spacy_lstm_sentiment.models.token_batch import TokenBatch
from spacy_lstm_sentiment.pipeline.attributes import cats_of, keep_labels
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.pipeline.fast_tokenizer import RegexTokenizer, word_of
from spacy_lstm_sentiment.pipeline.token_numbers import number_tokens
from spacy_lstm_sentiment.pipeline.tokenizers import CleanedTextTokenizer

MOST_TOKENS = 2**17  # of which is kept what is known, and those of a batch more

# What a token is of: nothing but white space, letters alone, or anything else.
SPACE, LETTERS, OTHER = range(3)


class ReadTexts(NamedTuple):
    """Texts as tokens, cleaned.

    batch: what the model reads of them.
    kinds: SPACE, LETTERS or OTHER, of each distinct word. *Shape:* (words,)
    """

    batch: TokenBatch
    kinds: npt.NDArray[numpy.int8]


@dataclass(frozen=True)
class TextScorer:
    """Scores texts as a pipeline does that has nothing but our tokenizer and component.

    component: Its component. clean: What its tokenizer does before it splits.
    """

    component: LSTMSentiment
    clean: Callable[[str], str] | None
    lexicon: "_Lexicon"

    def read(self, texts: list[str]) -> ReadTexts:
        """Split texts into tokens, and look each distinct one up."""
        cleaned = texts if self.clean is None else list(map(self.clean, texts))
        tokens, lengths, distinct = number_tokens(cleaned)
        rows, keys, kinds = self.lexicon.look_up(distinct)
        return ReadTexts(TokenBatch(lengths, tokens, rows, keys), kinds)

    def predict(self, batch: TokenBatch) -> list[dict[str, float]]:
        """What `doc.cats` has for each text."""
        labels, said_labels = self.component.labels, self.component.said_labels
        scores = cast(Any, self.component.model).predict(batch)
        return [
            keep_labels(dict(zip(labels, row, strict=True)), said_labels) for row in scores.tolist()
        ]


def score_texts(texts: Iterable[str], nlp: Language) -> npt.NDArray[numpy.float64]:
    """The probabilities of texts, by the quickest way that a pipeline has.

    RETURNS: What `doc.cats` has of the component's labels, in their order. *Shape:* (texts, labels)
    RAISES InputError: The pipeline has no lstm_sentiment or several, or something is no text.
    """
    ours = [pipe for _, pipe in nlp.pipeline if isinstance(pipe, LSTMSentiment)]
    if len(ours) != 1:
        raise InputError(
            f"score_texts: the pipeline has to have one lstm_sentiment, and has {len(ours)}: "
            f"{', '.join(nlp.pipe_names) or 'no components'}"
        )
    if isinstance(texts, str):
        raise InputError("score_texts: takes texts, not a single one: put it into a list")
    labels = ours[0].said_labels or ours[0].labels
    scorer = find_text_scorer(nlp)
    scored = []
    for batch in minibatch(texts, nlp.batch_size):
        _require_texts(batch, nlp.max_length)
        cats = (
            [cats_of(doc, ours[0].attribute) for doc in nlp.pipe(batch)]
            if scorer is None
            else scorer.predict(scorer.read(batch).batch)
        )
        scored.append(numpy.array([list(said.values()) for said in cats]))
    return numpy.concatenate(scored) if scored else numpy.zeros((0, len(labels)))


def _require_texts(batch: list[str], max_length: int) -> None:
    for text in batch:
        if not isinstance(text, str):
            raise InputError(f"score_texts: takes texts, not {type(text).__name__}: {text!r:.50}")
        if len(text) > max_length:
            raise InputError(
                f"score_texts: a text has {len(text):,} characters, more than the pipeline's "
                f"max_length, {max_length:,}: split it, or set nlp.max_length"
            )


_SCORERS: "WeakKeyDictionary[Language, TextScorer]" = WeakKeyDictionary()


def find_text_scorer(nlp: Language) -> TextScorer | None:
    """What scores texts as a pipeline does, without Docs; None where it needs them.

    That is the case if it has other components or another tokenizer, or if its model reads the
    vectors of the vocab, has other layers than `TextClassifier`, or is on a GPU.
    """
    tokenizer: Any = nlp.tokenizer
    clean = None
    if type(tokenizer) is CleanedTextTokenizer:
        tokenizer, clean = tokenizer.tokenizer, tokenizer.clean
    pipes = [pipe for _, pipe in nlp.pipeline]
    if type(tokenizer) is not RegexTokenizer or len(pipes) != 1 or not _is_ours(pipes[0]):
        return None
    component = cast(LSTMSentiment, pipes[0])
    table = find_table(component.model)
    if table is None or not component.labels:
        return None
    scorer = _SCORERS.get(nlp)
    if (
        scorer is None
        or (scorer.component, scorer.clean) != (component, clean)
        or not scorer.lexicon.is_of(table)
    ):
        _SCORERS[nlp] = scorer = TextScorer(component, clean, _Lexicon(table))
    return scorer


def _is_ours(pipe: object) -> bool:
    """Whether a component says of a Doc what LSTMSentiment does, and no more."""
    methods = ("pipe", "predict", "set_annotations")
    return isinstance(pipe, LSTMSentiment) and all(
        getattr(pipe, name) == getattr(LSTMSentiment, name).__get__(pipe) for name in methods
    )


class _Lexicon(dict[str, int]):
    """What is known of tokens: by a token its place, and there row of the vector, key and kind.

    They are arrays and no objects: those would have Python's garbage collector go through all that
    a process holds, time and again. When there are MOST_TOKENS all go: those that are usual are
    soon back.
    """

    def __init__(self, table: TableShim) -> None:
        super().__init__()
        self._table = table
        self._vectors = table.vectors
        self._rows = numpy.zeros(MOST_TOKENS, "int64")
        self._keys = numpy.zeros(MOST_TOKENS, "uint64")
        self._kinds = numpy.zeros(MOST_TOKENS, "int8")
        self._lock = Lock()

    def is_of(self, table: TableShim) -> bool:
        """Whether the rows are those of a table as it is now."""
        return self._table is table and self._vectors is table.vectors

    def look_up(self, tokens: list[str]) -> tuple[npt.NDArray[Any], ...]:
        """Rows, keys and kinds of tokens in their order."""
        with self._lock:  # a place that two threads give two tokens would be of both
            if len(self) >= MOST_TOKENS:
                self.clear()
            places = numpy.fromiter(map(self.__getitem__, tokens), "int64", len(tokens))
            return self._rows[places], self._keys[places], self._kinds[places]

    def __missing__(self, token: str) -> int:
        word = word_of(token)
        keys = keys_of(word)
        place = len(self)
        if place == len(self._rows):
            self._rows, self._keys, self._kinds = map(
                _doubled, (self._rows, self._keys, self._kinds)
            )
        self._rows[place] = self._table.find_spelling(keys)
        self._keys[place] = keys[1]
        self._kinds[place] = LETTERS if word.isalpha() else SPACE if word.isspace() else OTHER
        self[token] = place
        return place


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return numpy.concatenate([array, numpy.zeros_like(array)])
