"""Carries out a plan on a Ray cluster: actors on its nodes, which score a shard at a time."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from math import inf
from typing import Any

from spacy import Language

import spacy_lstm_sentiment
from spacy_lstm_sentiment.bulk.engines.actor import Actor, ActorSetup, Pipeline, Started, probe_in
from spacy_lstm_sentiment.bulk.engines.base import (
    MAX_AHEAD,
    MAX_STILLBORN,
    Event,
    Failure,
    Queue,
    Task,
)
from spacy_lstm_sentiment.bulk.engines.cluster import (
    RayCluster,
    connected,
    find_room,
    last_sentence,
)
from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.reader import Work
from spacy_lstm_sentiment.bulk.shards import ScoredShard
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.records.notices import say
from spacy_lstm_sentiment.records.splits import Split
from spacy_lstm_sentiment.records.urls import is_object

# Times that a shard is tried.
MAX_TRIES = 3
# Shards that fail so often without one done in between: then it is not the documents.
MAX_FAILED_IN_A_ROW = 3
# Seconds for the first of the actors to start, wherever nobody else is at work.
START_TIMEOUT = 180.0
# Seconds after which it is looked whether there are more nodes.
RECOUNT = 5.0


@dataclass(frozen=True)
class RayActors:
    """Carries out plans on a Ray cluster.

    timeout: seconds that TIMEOUT_CHARACTERS may take; 0 stands for any time.
    """

    cluster: RayCluster
    timeout: float

    def reads(self, splits: Sequence[Split]) -> bool:
        """Whether actors read splits themselves: if all are where each node sees them."""
        return all(is_object(path) for split in splits for path in split.paths)

    def run(self, plan: Plan, nlp: Language, works: Iterable[Work]) -> Iterator[ScoredShard]:
        """Carry out a plan, as many works at a time as there are actors; gives what has come of
        each, out of order.

        An actor or a node that is lost, or over its time (see `Task.seconds`), is replaced, if
        there is room, and its work tried again, on another node where there is one. Raises
        InputError for a cluster that cannot be used, and ChildProcessError where actors cannot
        start or, when all others are done, for work that has failed time and again.
        """
        ahead = iter(works)
        first = next(ahead, None)
        if first is None:
            return
        folder = None
        if plan.parts is not None:
            parts = plan.parts.absolute()  # an actor runs in another folder
            plan, folder = replace(plan, parts=parts), parts.folder
        cluster = self.cluster
        with connected(cluster.address) as ray, probe_in(folder) as probe:
            setup = ActorSetup(
                plan,
                Pipeline.of(nlp),
                probe,
                spacy_lstm_sentiment.__version__,
                cluster.num_cpus_per_actor,
                cluster.num_gpus_per_actor > 0,
            )
            pool = _Pool(ray, setup, cluster, self.timeout, chain([first], ahead))
            try:
                yield from pool.run()
            finally:
                pool.close()


class _Worker:
    """An actor, and what it does: start first, which has no task, then score one."""

    def __init__(self, actor: Any, setup: Any) -> None:
        self.actor = actor
        self.pending: Any = actor.start.remote(setup)
        self.place: Started | None = None
        self.task: Task | None = None
        self.end_by = inf

    def give(self, task: Task, seconds: float) -> None:
        """Have a shard scored, within so many seconds."""
        try:
            self.pending = self.actor.score.remote(task.work)
        except Exception:  # of whatever row
            self.pending = self.actor.score.remote(task.work.sendable())
        self.task, self.end_by = task, time.monotonic() + seconds


class _Pool:
    """Actors, and what they have still to do."""

    def __init__(
        self,
        ray: Any,
        setup: ActorSetup,
        cluster: RayCluster,
        timeout: float,
        works: Iterable[Work],
    ) -> None:
        self._ray, self._timeout, self._cluster = ray, timeout, cluster
        room = find_room(ray, cluster)
        self._n_actors = cluster.num_actors or room
        if room < self._n_actors:
            say(f"There is room for {room} of {self._n_actors} actors: the rest wait for nodes")
        self._start_by = time.monotonic() + START_TIMEOUT
        self._recount_at = time.monotonic() + RECOUNT
        self._class = ray.remote(
            num_cpus=cluster.num_cpus_per_actor,
            num_gpus=cluster.num_gpus_per_actor,
            scheduling_strategy="SPREAD",
        )(Actor)
        self._setup = ray.put(setup)
        self._in_order = setup.plan.parts is None
        self._queue = Queue(works, MAX_AHEAD * self._n_actors if self._in_order else None)
        self._workers: list[_Worker] = []
        self._failed: list[str] = []
        self._n_failed_in_a_row = 0
        self._n_stillborn = 0

    def run(self) -> Iterator[ScoredShard]:
        """Give work to actors, and out what they have made of it."""
        while True:
            self._recount()
            while len(self._workers) < self._n_actors:
                self._workers.append(_Worker(self._class.remote(), self._setup))
            ready = self._ready()
            for worker in ready:
                if worker.task is None and (task := self._next(worker)):
                    worker.give(task, task.seconds(self._timeout))
            if ready and not any(worker.task for worker in ready):
                break
            yield from self._receive(ready)
        if self._failed:
            raise self._failure()

    def close(self) -> None:
        """End all actors, those included that have found no room yet."""
        for worker in self._workers:
            self._ray.kill(worker.actor)

    def _recount(self) -> None:
        """As many actors as there is room for, if nobody has said how many."""
        if self._cluster.num_actors is None and time.monotonic() >= self._recount_at:
            with suppress(InputError):  # all nodes are gone: others may come
                self._n_actors = max(self._n_actors, find_room(self._ray, self._cluster))
            self._recount_at = time.monotonic() + RECOUNT

    def _ready(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.place]

    def _next(self, worker: _Worker) -> Task | None:
        """What an actor does next."""
        under_way = (other.task for other in self._workers if other.task)
        return self._queue.take(under_way, lambda task: self._suits(task, worker))

    def _suits(self, task: Task, worker: _Worker) -> bool:
        """Whether a shard has not failed on an actor's node, or has on all that there are."""
        left = {other.place.node for other in self._workers if other.place} - task.nodes
        return not left or (worker.place is not None and worker.place.node in left)

    def _receive(self, ready: list[_Worker]) -> Iterator[ScoredShard]:
        """Wait for what an actor has to say, no longer than the first of them may take."""
        end_by = min((worker.end_by for worker in ready), default=self._start_by)
        seconds = max(0.0, min(end_by - time.monotonic(), RECOUNT))
        by_pending = {
            worker.pending: worker for worker in self._workers if worker.task or not worker.place
        }
        done, _ = self._ray.wait(list(by_pending), timeout=seconds)
        if not done and not ready and time.monotonic() >= self._start_by:
            raise self._no_start()
        if not done:
            for worker in ready:
                if worker.end_by <= time.monotonic():
                    self._lose(worker, "no result in time; or raise --timeout")
        for pending in done:
            worker = by_pending[pending]
            try:
                outcome = self._ray.get(pending)
            except self._ray.exceptions.RayError as error:
                self._lose(worker, last_sentence(error))
                continue
            if isinstance(outcome, Started):
                self._welcome(worker, outcome)
                continue
            if isinstance(outcome, InputError):
                raise outcome
            yield from self._hear(worker, outcome)

    def _no_start(self) -> ChildProcessError:
        free = self._ray.available_resources()
        return ChildProcessError(
            f"no actor has started within {START_TIMEOUT:.0f} seconds; the cluster has"
            f" {free.get('CPU', 0):g} free CPUs and {free.get('GPU', 0):g} free GPUs: wait for what"
            " else it does, or ask for smaller actors"
        )

    def _hear(self, worker: _Worker, events: list[Event]) -> Iterator[ScoredShard]:
        """What has become of an actor's task."""
        assert worker.task is not None
        for event in events:
            if isinstance(event, Failure):
                self._put_back(worker, event)
                return
            worker.task.follow(event)
            if isinstance(event, ScoredShard):
                self._n_failed_in_a_row = 0
                yield event
        worker.task, worker.end_by = None, inf

    def _welcome(self, worker: _Worker, place: Started) -> None:
        if place.problem is not None:
            raise InputError(f"node {place.host}: {place.problem}")
        worker.place, self._n_stillborn = place, 0

    def _lose(self, worker: _Worker, reason: str) -> None:
        """An actor is gone, or late, or so far away that it does not matter."""
        self._end(worker)
        if worker.task is not None:
            self._fail(worker.task, worker, reason)
            return
        self._n_stillborn += 1
        if self._n_stillborn == MAX_STILLBORN:
            raise ChildProcessError(f"actors cannot start: {reason}")

    def _end(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        with suppress(Exception):
            self._ray.kill(worker.actor)

    def _put_back(self, worker: _Worker, failure: Failure) -> None:
        """Put work that an actor could not do where another will take it up, or this one; in halves
        where that may help."""
        task, worker.task, worker.end_by = worker.task, None, inf
        assert task is not None
        if failure.memory:
            self._end(worker)  # a new process has it all back
        suspect, *rest = task.pieces()
        self._queue.put_last(rest)
        is_divisible = suspect.work.n_rows is not None and suspect.work.n_rows > 1
        if failure.certain or (failure.memory and is_divisible):
            self._queue.put_last(suspect.after(failure))
        else:
            self._fail(suspect, worker, failure.reason)

    def _fail(self, task: Task, worker: _Worker, reason: str) -> None:
        """Work is tried again, or given up."""
        assert worker.place is not None
        task.n_tries += 1
        task.nodes.add(worker.place.node)
        if task.n_tries < MAX_TRIES:
            self._queue.put_last([task])
            return
        self._failed.append(f"{task.work.name} have failed {MAX_TRIES} times: {reason}")
        self._n_failed_in_a_row += 1
        if self._in_order or self._n_failed_in_a_row == MAX_FAILED_IN_A_ROW:
            raise self._failure()

    def _failure(self) -> ChildProcessError:
        more = len(self._failed) - 1
        others = f", and {more} shards more" if more else ""
        return ChildProcessError(
            f"{self._failed[0]}{others}: give the same command again, or without --engine ray,"
            " which finds a document that ends its process"
        )
