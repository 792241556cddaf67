"""Shards that are to be scored, and what is to be done instead of one that has failed."""

import gc
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from spacy_lstm_sentiment.bulk.plan import Plan, ScoredShard
from spacy_lstm_sentiment.bulk.scorer import Scorer
from spacy_lstm_sentiment.bulk.shards import Shard
from spacy_lstm_sentiment.errors import InputError, one_line
from spacy_lstm_sentiment.records.memory import wants_memory
from spacy_lstm_sentiment.records.record import BadRecord

# Times that a single document is tried.
MAX_TRIES = 2
# Seconds that a shard may take for so many characters, and for less: a hundred times what is usual.
TIMEOUT = 300.0
TIMEOUT_CHARACTERS = 100_000


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


@dataclass
class Task:
    """A shard to be scored, or a piece of one.

    serial: counts shards. alone: while nobody else is at work, who may want the memory. nodes:
    those of a cluster on which it has failed.
    """

    shard: Shard
    serial: int = 0
    n_tries: int = 0
    is_piece: bool = False
    alone: bool = False
    nodes: set[str] = field(default_factory=set)

    def after(self, failure: Failure, again: bool = True) -> list["Task"]:
        """What to do instead: halves; of a document alone the same once more, if `again`, or else
        a reject. Raises ChildProcessError where not even that can be written.
        """
        self.n_tries += 1
        if self.shard.n_rows > 1:
            if failure.chance and not self.is_piece and self.n_tries < MAX_TRIES:
                return [self]
            return [Task(half, self.serial, is_piece=True) for half in self.shard.halves()]
        if again and not failure.certain and self.n_tries < MAX_TRIES:
            self.alone = failure.memory
            return [self]
        if isinstance(self.shard.items[0], BadRecord):
            raise ChildProcessError(f"a row without a text cannot be written: {failure.reason}")
        return [Task(self.shard.rejected(failure.reason), self.serial)]

    def seconds(self, timeout: float) -> float:
        """How long it may take, given that of TIMEOUT_CHARACTERS; 0 stands for any time."""
        return (timeout or inf) * max(1.0, self.shard.n_characters / TIMEOUT_CHARACTERS)


def score_here(plan: Plan, scorer: Scorer, shard: Shard) -> Iterator[ScoredShard]:
    """Score a shard in this process, in pieces where it fails as one."""
    waiting = deque([Task(shard)])
    while waiting:
        task = waiting.popleft()
        outcome = attempt(plan, scorer, task.shard)
        if isinstance(outcome, Failure):
            waiting.extendleft(reversed(task.after(outcome, again=False)))
        else:
            yield outcome


def attempt(plan: Plan, scorer: Scorer, shard: Shard) -> ScoredShard | Failure:
    """Score a shard, or say why not."""
    try:
        return plan.apply(scorer, shard)
    except Exception as error:
        failure = Failure.of(error)
    if failure.memory:
        # Only now the error is gone, and with it what its frames held; some hold each other.
        gc.collect()
    return failure
