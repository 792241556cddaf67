"""Carries out a plan on this machine: in this process, or in workers that may die of a document."""

import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from multiprocessing.connection import wait

from spacy import Language

from spacy_lstm_sentiment.bulk.engines.base import (
    MAX_AHEAD,
    MAX_STILLBORN,
    Begun,
    Failure,
    Queue,
    Task,
    score_here,
)
from spacy_lstm_sentiment.bulk.engines.worker import Job, Word, Worker
from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.reader import Work
from spacy_lstm_sentiment.bulk.shards import ScoredShard
from spacy_lstm_sentiment.records.splits import Split

# Splits a process, at least, that workers read themselves: with fewer, some would have nothing left
# to do, and of one long file all but one.
SPLITS_A_PROCESS = 4


@dataclass(frozen=True)
class Processes:
    """Carries out plans in so many processes of this machine.

    timeout: seconds that TIMEOUT_CHARACTERS may take; 0 stands for any time.
    """

    n_process: int
    timeout: float

    def reads(self, splits: Sequence[Split]) -> bool:
        """Whether workers read splits themselves: if none of them is so long that others wait."""
        sizes = [split.size for split in splits]
        share = sum(sizes) / self.n_process
        return self.n_process > 1 and max(sizes, default=0) * SPLITS_A_PROCESS <= share

    def run(self, plan: Plan, nlp: Language, works: Iterable[Work]) -> Iterator[ScoredShard]:
        """Carry out a plan, a few works at a time; gives what has come of each, maybe in pieces.

        With one process, this one, in order. With more, out of order: a worker that is killed, or
        over its time (see `Task.seconds`), is replaced and its work tried again; a shard that ends
        workers is split until the row that does it is found, and rejected. Where the system has no
        room for a process, those that there are do the work. Raises ChildProcessError where no
        worker can start.
        """
        if self.n_process == 1:
            scorer = plan.scorer(nlp)
            for work in works:
                yield from score_here(plan, scorer, work)
            return
        # Parts lie in order, whenever they come.
        queue = Queue(works, None if plan.parts else MAX_AHEAD * self.n_process)
        pool = _Pool(Job(plan, nlp), queue, self.n_process, self.timeout)
        try:
            yield from pool.run()
        finally:
            pool.close()


class _Pool:
    """Workers, and what they have still to do."""

    def __init__(self, job: Job, queue: Queue, n_process: int, timeout: float) -> None:
        self._job, self._queue, self._n_process, self._timeout = job, queue, n_process, timeout
        self._workers: list[Worker] = []
        self._n_stillborn = 0

    def run(self) -> Iterator[ScoredShard]:
        """Give work to workers, and out what they have made of it."""
        while True:
            while len(self._busy()) < self._n_process and (task := self._next()):
                worker = self._idle_worker()
                if worker is None:
                    self._queue.put_first([task])
                else:
                    worker.give(task, task.seconds(self._timeout))
            if not self._busy():
                return
            yield from self._receive()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()

    def _busy(self) -> list[Worker]:
        return [worker for worker in self._workers if worker.task]

    def _idle_worker(self) -> Worker | None:
        """A worker without a task; each starts when it is needed first, if it can."""
        for worker in self._workers:
            if worker.task is None:
                return worker
        try:
            self._workers.append(Worker(self._job))
        except OSError as error:
            if not self._workers:
                raise _cannot_start(str(error), self._job) from None
            self._n_process = len(self._workers)
            return None
        return self._workers[-1]

    def _next(self) -> Task | None:
        """What to do next, unless all is done, or too far ahead, or one wants to be alone."""
        under_way = [worker.task for worker in self._workers if worker.task]
        if any(task.alone for task in [*under_way, *list(self._queue.waiting)[:1]]) and under_way:
            return None
        return self._queue.take(under_way)

    def _receive(self) -> Iterator[ScoredShard]:
        """Wait for what workers have to say, no longer than the first of them may take."""
        busy = self._busy()
        seconds = max(0.0, min(worker.end_by for worker in busy) - time.monotonic())
        heard = wait([worker.connection for worker in busy], seconds if seconds < inf else None)
        for worker in busy:
            if worker.connection in heard:
                yield from self._hear(worker)
            elif worker.end_by <= time.monotonic():
                self._lose(worker, late=True)

    def _hear(self, worker: Worker) -> Iterator[ScoredShard]:
        message = worker.hear()
        if isinstance(message, Begun | ScoredShard):
            assert worker.task is not None
            worker.task.follow(message)
            worker.wait(worker.task.seconds(self._timeout))
            if isinstance(message, ScoredShard):
                yield message
        elif message is Word.DONE:
            worker.task = None
        elif isinstance(message, Failure):
            self._put_back(worker, message)
            if message.memory:  # it ends itself: a new process has it all back
                self._workers.remove(worker)
                worker.end()
        elif isinstance(message, Exception):
            raise message
        elif message is Word.READY:
            self._n_stillborn = 0
        elif message is None:
            self._lose(worker)

    def _put_back(self, worker: Worker, failure: Failure) -> None:
        """Put a task that has failed where another worker will take it up, or this one."""
        assert worker.task is not None
        self._queue.put_first(worker.task.after(failure))
        worker.task = None

    def _lose(self, worker: Worker, late: bool = False) -> None:
        """A worker has ended, or is late and ends now; another takes its place and its task."""
        assert worker.task is not None
        self._workers.remove(worker)
        code = worker.end()
        end = f"exit code {code}" if code >= 0 else signal.Signals(-code).name
        if not worker.ready:
            self._queue.put_first([worker.task])
            self._n_stillborn += 1
            if self._n_stillborn == MAX_STILLBORN:
                raise _cannot_start("not ready in time" if late else end, self._job)
        elif late:
            reason = f"no result within {worker.seconds:,.0f} seconds; split it, or raise --timeout"
            self._put_back(worker, Failure(reason))
        else:
            reason = (
                f"the document ends the process that scores it: {end}; leave it out, or split it"
                if worker.task.is_scored
                else f"the process that reads it ends: {end}"
            )
            # The kernel kills those who want memory.
            self._put_back(worker, Failure(reason, chance=True, memory=end == "SIGKILL"))


def _cannot_start(end: str, job: Job) -> ChildProcessError:
    """Why there is no worker, as far as one can tell."""
    if job.is_inherited:
        remedy = "perhaps for want of memory: use fewer of them with --n-process"
    else:
        remedy = (
            "each runs the script again that starts them: let that do its work under"
            ' `if __name__ == "__main__":`; or it is want of memory: use fewer, with n_process'
        )
    return ChildProcessError(f"worker processes cannot start ({end}), {remedy}")
