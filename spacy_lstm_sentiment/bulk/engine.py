"""Carries out a plan on this machine: in this process, or in workers that may die of a document."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait

import torch
from spacy import Language

from spacy_lstm_sentiment.bulk.plan import Plan, ScoredShard
from spacy_lstm_sentiment.bulk.records import BadRecord
from spacy_lstm_sentiment.bulk.scorer import Scorer, one_line
from spacy_lstm_sentiment.bulk.shards import Shard

# Workers that die before they are ready, one after the other.
MAX_STILLBORN = 3
# Deaths over the same rows, from which it follows that it is the rows.
MAX_DEATHS = 2
# Shards a process that may be under way or done while an earlier one is not: a consumer who wants
# them in order has to hold those.
MAX_AHEAD = 4
INTERRUPTS = {signal.SIGINT, signal.SIGTERM}
HOLDS_SIGNALS = hasattr(signal, "pthread_sigmask")  # not on Windows
OUT_OF_MEMORY = 137  # as the kernel's own killer has it


def carry_out(
    plan: Plan, nlp: Language, shards: Iterable[Shard], n_process: int
) -> Iterator[ScoredShard]:
    """Carry out a plan on shards, a few at a time; gives what has come of each.

    With one process, this one, in order. With more, shards may come in pieces and out of order: a
    worker that is killed is replaced and its shard tried again; one that kills workers is split
    until the row that does it is found, and rejected. Raises ChildProcessError where workers
    cannot start.
    """
    if n_process == 1:
        scorer = plan.scorer(nlp)
        for shard in shards:
            yield plan.carry_out(scorer, shard)
        return
    pool = _Pool(plan, nlp, n_process)
    try:
        yield from pool.run(shards)
    finally:
        pool.close()


@dataclass
class _Task:
    """A shard to be scored, or a piece of one; `serial` counts shards."""

    shard: Shard
    serial: int
    deaths: int = 0
    is_piece: bool = False


@contextmanager
def _signals_held() -> Iterator[None]:
    """Let interrupts wait, here and in a process that is started meanwhile."""
    if not HOLDS_SIGNALS:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """A process that scores a shard at a time."""

    def __init__(self, plan: Plan, nlp: Language) -> None:
        ours, theirs = multiprocessing.Pipe()
        self.connection: Connection = ours
        self.process = multiprocessing.Process(
            target=_work, args=(plan, nlp, theirs, ours), daemon=True
        )
        with _signals_held():  # until the process has its own way with them
            self.process.start()
        theirs.close()  # so that ours ends when the process does
        self.ready = False
        self.task: _Task | None = None

    def give(self, task: _Task) -> None:
        """Have a shard scored."""
        self.task = task
        with suppress(OSError):  # a dead worker is found out in receiving
            self.connection.send(task.shard)

    def end(self) -> str:
        """Kill the process, whose files are whole or not there, and say how it ended."""
        self.process.kill()
        self.process.join()
        self.connection.close()
        code = self.process.exitcode or 0
        return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


class _Pool:
    """Workers, and what they have still to do."""

    def __init__(self, plan: Plan, nlp: Language, n_process: int) -> None:
        self._plan, self._nlp, self._n_process = plan, nlp, n_process
        self._workers: list[_Worker] = []
        self._waiting: deque[_Task] = deque()
        self._n_taken = 0
        self._n_stillborn = 0
        # A forked process deadlocks in torch's threads, which it has not got: all use one.
        self._n_threads = torch.get_num_threads()
        torch.set_num_threads(1)

    def run(self, shards: Iterable[Shard]) -> Iterator[ScoredShard]:
        """Give shards to workers, and out what they have made of them."""
        ahead = iter(shards)
        while True:
            while len(self._busy()) < self._n_process and (task := self._next(ahead)):
                self._idle_worker().give(task)
            if not self._busy():
                return
            yield from self._receive()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        torch.set_num_threads(self._n_threads)

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.task]

    def _idle_worker(self) -> _Worker:
        """A worker without a task; each starts when it is needed first."""
        for worker in self._workers:
            if worker.task is None:
                return worker
        self._workers.append(_Worker(self._plan, self._nlp))
        return self._workers[-1]

    def _next(self, ahead: Iterator[Shard]) -> _Task | None:
        """What to do next, unless all is done or too far ahead."""
        if self._waiting:
            return self._waiting.popleft()
        oldest = min((w.task.serial for w in self._workers if w.task), default=self._n_taken)
        shard = next(ahead, None) if self._n_taken - oldest < MAX_AHEAD * self._n_process else None
        if shard is None:
            return None
        self._n_taken += 1
        return _Task(shard, self._n_taken)

    def _receive(self) -> Iterator[ScoredShard]:
        """Wait for what workers have to say."""
        by_connection = {worker.connection: worker for worker in self._busy()}
        for connection in wait(list(by_connection)):
            worker = by_connection[connection]  # type: ignore[index]
            try:
                message = worker.connection.recv()
            except (EOFError, OSError):
                self._replace(worker)
                continue
            if isinstance(message, ScoredShard):
                worker.task = None
                yield message
            elif isinstance(message, Exception):
                raise message
            else:
                worker.ready, self._n_stillborn = True, 0

    def _replace(self, worker: _Worker) -> None:
        """Put the task of a dead worker where another will take it up."""
        assert worker.task is not None
        self._workers.remove(worker)
        end = worker.end()
        if worker.ready:
            self._waiting.extendleft(reversed(_after_death(worker.task, end)))
            return
        self._waiting.appendleft(worker.task)
        self._n_stillborn += 1
        if self._n_stillborn == MAX_STILLBORN:
            raise ChildProcessError(
                f"worker processes cannot start ({end}), perhaps for want of memory: use fewer of"
                " them with --n-process"
            )


def _after_death(task: _Task, end: str) -> list[_Task]:
    """What to do instead of a task over which a worker has died."""
    rows = task.shard.rows
    task.deaths += 1
    if len(rows) > 1 and (task.is_piece or task.deaths == MAX_DEATHS):
        return [_Task(half, task.serial, is_piece=True) for half in task.shard.halves()]
    if task.deaths < MAX_DEATHS:
        return [task]
    if isinstance(rows[0], BadRecord):
        raise ChildProcessError(f"worker processes end over and over ({end}) without a document")
    reason = f"the document ends the process that scores it: {end}; leave it out, or split it"
    return [_Task(task.shard.rejected(reason), task.serial, is_piece=True)]


def _work(plan: Plan, nlp: Language, connection: Connection, others: Connection) -> None:
    """The life of a worker: it ends with the process that started it, or by being killed."""
    # This process's copy of the other end would keep the connection open when the other is gone.
    others.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the main process to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if HOLDS_SIGNALS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)
    torch.set_num_threads(1)
    scorer = plan.scorer(nlp)
    with suppress(EOFError, ConnectionError):
        connection.send(None)
        while True:
            connection.send(_outcome(plan, scorer, connection.recv()))


def _outcome(plan: Plan, scorer: Scorer, shard: Shard) -> ScoredShard | Exception:
    try:
        return plan.carry_out(scorer, shard)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)  # a new process has it all back
    except OSError as error:
        return error
    except Exception as error:  # of whatever kind, which may not be sent as it is
        return RuntimeError(f"a worker failed: {one_line(error)}")
