"""Records through a spaCy pipeline: in order, in bounded memory, whatever a document does to it."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

import torch
from spacy import Language
from spacy.tokens import Doc
from spacy.util import minibatch

from spacy_lstm_sentiment.bulk.sources import BadRecord, Record, reject, text_of
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE, sentiment_of
from spacy_lstm_sentiment.pipeline.component import sentiment_label

# Documents after which a process knows the usual words.
WARM_UP = 10_000


class Scores(NamedTuple):
    """What a pipeline says of a document, rounded to 6 digits.

    label: the most probable one, or NEUTRAL within the neutral band of the component.
    score: P(POSITIVE).
    sentiment: P(POSITIVE) - P(NEGATIVE).
    """

    label: str
    score: float
    sentiment: float


@dataclass(frozen=True, slots=True)
class ScoredRecord:
    """A record and its scores."""

    record: Record
    scores: Scores


# A record with its text, or one that is not to be scored.
Item = tuple[Record, str] | BadRecord
# Scores, or what went wrong.
Outcome = Scores | str
Batches = Iterable[list[Item]]
# Batches with the outcomes of their texts.
Outcomes = Iterator[tuple[list[Item], list[Outcome]]]


def score_records(
    nlp: Language,
    records: Iterable[Record | BadRecord],
    *,
    text_field: str = "text",
    batch_size: int = 1000,
    n_process: int = 1,
) -> Iterator[ScoredRecord | BadRecord]:
    """Give each record its scores, in order; one that cannot be scored becomes a BadRecord.

    `batch_size` documents go through the pipeline at a time; at most a few batches a process are
    held. Raises InputError at once for a pipeline without the labels POSITIVE and NEGATIVE, and
    ChildProcessError on the way where a worker process is killed.
    """
    _check_labels(nlp)
    items = (_with_text(record, text_field, nlp.max_length) for record in records)
    batches = minibatch(items, batch_size)
    return _merge(_pooled(nlp, batches, n_process) if n_process > 1 else _in_process(nlp, batches))


def _merge(outcomes: Outcomes) -> Iterator[ScoredRecord | BadRecord]:
    for batch, results in outcomes:
        outcome = iter(results)
        for item in batch:
            yield item if isinstance(item, BadRecord) else _result(item[0], next(outcome))


def _check_labels(nlp: Language) -> None:
    """Raise InputError for a pipeline that gives no POSITIVE and NEGATIVE, or fails outright."""
    try:
        cats = nlp("A text.").cats
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"the pipeline cannot be used: {_one_line(error)}") from error
    if not {POSITIVE, NEGATIVE} <= cats.keys():
        raise InputError(
            f"the pipeline gives the labels {', '.join(cats) or 'none'}, and has to give {POSITIVE}"
            f" and {NEGATIVE}: use one with a trained lstm_sentiment, or rename its labels"
        )


def _with_text(record: Record | BadRecord, text_field: str, max_length: int) -> Item:
    if isinstance(record, BadRecord):
        return record
    text = text_of(record, text_field)
    if isinstance(text, BadRecord):
        return text
    if len(text) > max_length:
        reason = (
            f"longer than the pipeline's max_length: {len(text):,} characters, not {max_length:,};"
            " split the text"
        )
        return reject(record, reason)
    return record, text


def _result(record: Record, outcome: Outcome) -> ScoredRecord | BadRecord:
    return reject(record, outcome) if isinstance(outcome, str) else ScoredRecord(record, outcome)


class _Scorer:
    """Scores texts with a pipeline, which keeps no more words than those of its first texts.

    spaCy stores every word it meets. A memory zone forgets those met within it, but the tokenizer
    caches nothing in one and is three times slower on words that it has not cached: so zones begin
    once the usual words are known.
    """

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp
        self.n_texts = 0

    def __call__(self, texts: list[str]) -> list[Outcome]:
        """The outcome of each text."""
        with self._zone():
            self.n_texts += len(texts)
            try:
                docs = self.nlp.pipe(texts, batch_size=len(texts))
                return [_scores(doc) for _, doc in zip(texts, docs, strict=True)]
            except Exception:
                # Some text breaks the pipeline: the others have their scores all the same.
                return [self._score_alone(text) for text in texts]

    def _score_alone(self, text: str) -> Outcome:
        try:
            return _scores(self.nlp(text))
        except Exception as error:
            return f"the pipeline failed: {_one_line(error)}"

    def _zone(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.n_texts < WARM_UP else self.nlp.memory_zone()


def _scores(doc: Doc) -> Scores:
    score, sentiment = float(doc.cats[POSITIVE]), float(sentiment_of(doc))
    if not isfinite(sentiment):
        raise ValueError(f"the sentiment is {sentiment}")
    return Scores(sentiment_label(doc), round(score, 6), round(sentiment, 6))


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _texts(batch: list[Item]) -> list[str]:
    return [item[1] for item in batch if not isinstance(item, BadRecord)]


def _in_process(nlp: Language, batches: Batches) -> Outcomes:
    score = _Scorer(nlp)
    for batch in batches:
        yield batch, score(_texts(batch))


def _pooled(nlp: Language, batches: Batches, n_process: int) -> Outcomes:
    """Score batches in worker processes, two waiting for each.

    Texts go out and scores come back: the Docs that `nlp.pipe(n_process=...)` sends cost more
    than they save.
    """
    waiting: deque[tuple[list[Item], Future[list[Outcome]]]] = deque()
    with _workers(nlp, n_process) as submit:
        for batch in batches:
            waiting.append((batch, submit(_score_in_worker, _texts(batch))))
            if len(waiting) > 2 * n_process:
                batch, future = waiting.popleft()
                yield batch, future.result()
        for batch, future in waiting:
            yield batch, future.result()


@contextmanager
def _workers(nlp: Language, n_process: int) -> Iterator[Callable[..., Future[list[Outcome]]]]:
    # A forked process deadlocks in torch's threads, which it has not got: all use one.
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    pool = ProcessPoolExecutor(n_process, initializer=_start_worker, initargs=(nlp,))
    try:
        yield pool.submit
    except BrokenProcessPool:
        raise ChildProcessError(
            "a worker process was killed, perhaps for want of memory: use fewer of them"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(n_threads)


_worker_scorer: _Scorer


def _start_worker(nlp: Language) -> None:
    global _worker_scorer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the main process to handle
    torch.set_num_threads(1)
    _worker_scorer = _Scorer(nlp)


def _score_in_worker(texts: list[str]) -> list[Outcome]:
    return _worker_scorer(texts)
