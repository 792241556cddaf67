"""What engines share: work that is to be done, and what is done instead of what has failed."""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Protocol

from spacy import Language

from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.reader import Unread, Work
from spacy_lstm_sentiment.bulk.scorer import Scorer
from spacy_lstm_sentiment.bulk.shards import ScoredShard, Shard
from spacy_lstm_sentiment.errors import InputError, one_line
from spacy_lstm_sentiment.records.memory import wants_memory
from spacy_lstm_sentiment.records.splits import Split

# Workers that end before they are ready, one after the other.
MAX_STILLBORN = 3
# Works a worker that may be under way or done while an earlier one is not: a consumer who wants
# them in order has to hold those.
MAX_AHEAD = 4
# Times that a single document is tried.
MAX_TRIES = 2
# Seconds that a shard may take for so many characters, and for less: a hundred times what is usual.
TIMEOUT = 300.0
TIMEOUT_CHARACTERS = 100_000


class Engine(Protocol):
    """Carries out a plan with a pipeline."""

    def reads(self, splits: Sequence[Split]) -> bool:
        """Whether it has splits read where they are scored."""

    def run(self, plan: Plan, nlp: Language, works: Iterable[Work]) -> Iterator[ScoredShard]:
        """Score what there is to do."""


@dataclass(frozen=True)
class Failure:
    """Why a shard was not scored.

    reason: a phrase for a reject. certain: it would come about once more. chance: or it had nothing
    to do with the shard, as where someone kills a process. memory: there was none, perhaps because
    others had it.
    """

    reason: str
    certain: bool = False
    chance: bool = False
    memory: bool = False

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        """What an error says; raises those that are the machine's or the caller's to mend."""
        if wants_memory(error):
            reason = f"no memory for the document: {one_line(error)}; split its text"
            return cls(reason, memory=True)
        if isinstance(error, OSError | InputError):
            raise error
        return cls(f"cannot be scored: {one_line(error)}", certain=True)


@dataclass(frozen=True)
class Begun:
    """Which rows of a split are being scored from now on, and how long they are."""

    first: int
    end: int
    n_characters: int


# What is told of a task, as it goes on; a failure ends it.
Event = Begun | ScoredShard | Failure


@dataclass(eq=False)
class Task:
    """Rows to be scored, or a piece of them.

    serial: counts what is given to an engine. alone: while nobody else is at work, who may want the
    memory. nodes: those of a cluster on which it has failed. begun: what of a split is under way.
    """

    work: Work
    serial: int = 0
    n_tries: int = 0
    is_piece: bool = False
    alone: bool = False
    nodes: set[str] = field(default_factory=set)
    begun: Begun | None = None

    def follow(self, event: Begun | ScoredShard) -> None:
        """Keep in mind how far it is."""
        if isinstance(event, Begun):
            self.begun = event
        elif isinstance(self.work, Unread):
            self.work, self.begun = self.work.after(event.place.end), None
            self.n_tries, self.alone = 0, False  # what has failed was before

    def after(self, failure: Failure, again: bool = True) -> list["Task"]:
        """What to do instead: halves; of a document alone the same once more, if `again`, or else
        a reject. Raises ChildProcessError where not even that can be written, or rows not be read.
        """
        suspect, *rest = self.pieces()
        return [*suspect._instead(failure, again), *rest]

    @property
    def is_scored(self) -> bool:
        """Whether rows are being scored, and not still read."""
        return self.begun is not None or isinstance(self.work, Shard)

    def pieces(self) -> list["Task"]:
        """What of it is under way, and the rest of the split, if there is one."""
        begun, self.begun, work = self.begun, None, self.work
        if begun is None or not isinstance(work, Unread) or work.end == begun.end:
            return [self]
        return [
            Task(replace(work, end=begun.end), self.serial),
            Task(work.after(begun.end), self.serial),
        ]

    def seconds(self, timeout: float) -> float:
        """How long it may take until more is told, given that of TIMEOUT_CHARACTERS; 0 stands for
        any time."""
        n_characters = (self.begun or self.work).n_characters
        return (timeout or inf) * max(1.0, n_characters / TIMEOUT_CHARACTERS)

    def _instead(self, failure: Failure, again: bool) -> list["Task"]:
        self.n_tries += 1
        n_rows = self.work.n_rows
        if n_rows is None:
            return [self._once_more(failure)]
        if n_rows > 1:
            if failure.chance and not self.is_piece and self.n_tries < MAX_TRIES:
                return [self]
            return [Task(half, self.serial, is_piece=True) for half in self.work.halves()]
        if again and not failure.certain and self.n_tries < MAX_TRIES:
            self.alone = failure.memory
            return [self]
        if self.work.is_rejected:
            raise ChildProcessError(f"a row without a text cannot be written: {failure.reason}")
        return [Task(self.work.rejected(failure.reason), self.serial)]

    def _once_more(self, failure: Failure) -> "Task":
        """The task again, alone, if it has not been tried so often: nobody has read its rows."""
        if failure.certain or self.n_tries == MAX_TRIES:
            raise ChildProcessError(f"the input cannot be read: {failure.reason}")
        self.alone = failure.memory
        return self


class Queue:
    """What is still to be done, in order.

    max_ahead: how many works may have been begun since the oldest that is not done; None: any.
    """

    def __init__(self, works: Iterable[Work], max_ahead: int | None) -> None:
        self.waiting: deque[Task] = deque()
        self._works, self._max_ahead = iter(works), max_ahead
        self._n_begun = 0

    def put_first(self, tasks: Sequence[Task]) -> None:
        """Have tasks done before all others."""
        self.waiting.extendleft(reversed(tasks))

    def put_last(self, tasks: Sequence[Task]) -> None:
        """Have tasks done after those that wait already, and before what is not begun."""
        self.waiting.extend(tasks)

    def take(
        self, under_way: Iterable[Task], suits: Callable[[Task], bool] = lambda task: True
    ) -> Task | None:
        """What to do next, unless all is done or too far ahead of what is under way."""
        for task in self.waiting:
            if suits(task):
                self.waiting.remove(task)
                return task
        serials = (task.serial for task in [*self.waiting, *under_way])
        oldest = min(serials, default=self._n_begun)
        if self._max_ahead is not None and self._n_begun - oldest >= self._max_ahead:
            return None
        work = next(self._works, None)
        if work is None:
            return None
        self._n_begun += 1
        return Task(work, self._n_begun)


def score_here(plan: Plan, scorer: Scorer, work: Work) -> Iterator[ScoredShard]:
    """Score rows in this process, in pieces where they fail as one."""
    waiting = deque([Task(work)])
    while waiting:
        task = waiting.popleft()
        for event in attempt(plan, scorer, task.work):
            if isinstance(event, Failure):
                waiting.extendleft(reversed(task.after(event, again=False)))
                break
            task.follow(event)
            if isinstance(event, ScoredShard):
                yield event


def attempt(plan: Plan, scorer: Scorer, work: Work) -> Iterator[Event]:
    """Score rows, which it reads first if they are unread, up to a shard that fails: and why."""
    try:
        yield from _carry_out(plan, scorer, work)
        return
    except Exception as error:
        failure = Failure.of(error)
    if failure.memory:
        # Only now the error is gone, and with it what its frames held; some hold each other.
        gc.collect()
    yield failure


def _carry_out(plan: Plan, scorer: Scorer, work: Work) -> Iterator[Event]:
    if isinstance(work, Shard):
        yield plan.apply(scorer, work)
        return
    assert plan.reader is not None
    for shard in plan.reader.read(work):
        yield Begun(shard.first, shard.end, shard.n_characters)
        yield plan.apply(scorer, shard)
