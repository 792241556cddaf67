"""A process that scores a shard at a time, seen from either side."""

import ctypes
import multiprocessing
import pickle
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import cached_property
from math import inf
from multiprocessing.connection import Connection

from spacy import Language

from spacy_lstm_sentiment.bulk.engines.base import Event, Failure, Task, attempt
from spacy_lstm_sentiment.bulk.plan import Plan
from spacy_lstm_sentiment.bulk.reader import Work
from spacy_lstm_sentiment.bulk.scorer import Scorer
from spacy_lstm_sentiment.errors import InputError, one_line
from spacy_lstm_sentiment.late_torch import alike
from spacy_lstm_sentiment.models.threads import take_threads
from spacy_lstm_sentiment.records.memory import wants_memory

OUT_OF_MEMORY = 137  # as the kernel's own killer has it
# Seconds in which a worker has to be ready.
START_TIMEOUT = 600.0
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
INTERRUPTS = {signal.SIGINT, signal.SIGTERM}
HOLDS_SIGNALS = hasattr(signal, "pthread_sigmask")  # not on Windows


class Job:
    """What all workers of a run have to know.

    A forked one has it. Others are sent it once they listen: `Process.start` would wait forever
    for one that ends before it has read that much.
    """

    def __init__(self, plan: Plan, nlp: Language) -> None:
        self.plan, self.nlp = plan, nlp
        self.is_inherited = multiprocessing.get_start_method() == "fork"

    @cached_property
    def packed(self) -> bytes:
        """The plan and the pipeline, as they travel."""
        try:
            return pickle.dumps((self.plan, self.nlp))
        except Exception as error:  # of whatever component
            raise InputError(
                f"the pipeline cannot be sent to other processes: {one_line(error)}; score in one,"
                " with --n-process 1"
            ) from None


class Word(Enum):
    """What a worker says before it has scored anything, and when its task is done."""

    LISTENING = "listening"
    READY = "ready"
    DONE = "done"


# What it says; an exception is for the main process to raise.
Message = Word | Event | Exception


class Worker:
    """A process, its task, and the time by which it has to say something."""

    def __init__(self, job: Job) -> None:
        self._job = job
        ours, theirs = multiprocessing.Pipe()
        self.connection: Connection = ours
        inherited = (job.plan, job.nlp, ours) if job.is_inherited else None
        self._process = multiprocessing.Process(
            target=alike(_work), args=(theirs, inherited), daemon=True
        )
        try:
            with _signals_held():  # until the process has its own way with them
                self._process.start()
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()  # so that ours ends when the process does
        self.ready = False
        self.task: Task | None = None
        self.seconds = inf
        self.end_by = time.monotonic() + START_TIMEOUT

    def give(self, task: Task, seconds: float) -> None:
        """Have work done as soon as the worker is ready, of which it has to tell in time."""
        self.task, self.seconds = task, seconds
        if self.ready:
            self._begin(task)

    def wait(self, seconds: float) -> None:
        """Wait so long for what it says next."""
        self.seconds, self.end_by = seconds, time.monotonic() + seconds

    def hear(self) -> Message | None:
        """What the worker says; None where it is no more."""
        try:
            message: Message = self.connection.recv()
        except (EOFError, OSError):
            return None
        if message is Word.LISTENING:
            with suppress(OSError):
                self.connection.send_bytes(self._job.packed)
        elif message is Word.READY:
            self.ready = True
            if self.task is not None:
                self._begin(self.task)
        return message

    def end(self) -> int:
        """Kill the process, whose files are whole or not there; gives its exit code."""
        self._process.kill()
        self._process.join()
        self.connection.close()
        return self._process.exitcode or 0

    def _begin(self, task: Task) -> None:
        self.wait(self.seconds)
        with suppress(OSError):  # a dead worker is found out in hearing
            try:
                self.connection.send(task.work)
            except (OSError, MemoryError):
                raise
            except Exception:  # of whatever row
                self.connection.send(task.work.sendable())


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


def _work(connection: Connection, inherited: "tuple[Plan, Language, Connection] | None") -> None:
    """The life of a worker: it ends with the process that started it, or by being killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is for the main process to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if HOLDS_SIGNALS:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)
    _end_with_parent()
    sys.stdout = sys.stderr  # standard output is for rows
    take_threads(1)
    with suppress(EOFError, ConnectionError):
        if inherited is None:
            connection.send(Word.LISTENING)
            plan, scorer = _unpacked(connection)
        else:
            plan, nlp, other = inherited
            other.close()  # this copy would keep the connection open when the other end is gone
            scorer = plan.scorer(nlp)
        connection.send(Word.READY)
        _score(plan, scorer, connection)


def _end_with_parent() -> None:
    """Have the kernel end this process with the one that started it, also in mid-document."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _unpacked(connection: Connection) -> tuple[Plan, Scorer]:
    packed = connection.recv_bytes()
    try:
        plan, nlp = pickle.loads(packed)
        return plan, plan.scorer(nlp)
    except Exception as error:
        if not wants_memory(error):
            connection.send(
                InputError(
                    f"the pipeline cannot be loaded in another process: {one_line(error)}; score in"
                    " one, with --n-process 1"
                )
            )
        sys.exit(OUT_OF_MEMORY)


def _score(plan: Plan, scorer: Scorer, connection: Connection) -> None:
    """Do work, until there is no memory for it: a new process has it all back."""
    message: Message = Word.READY
    while not (isinstance(message, Failure) and message.memory):
        for message in _said(plan, scorer, connection.recv_bytes()):
            connection.send(message)


def _said(plan: Plan, scorer: Scorer, packed: bytes) -> Iterator[Message]:
    """What there is to say of work, the last of which ends it."""
    try:
        work: Work = pickle.loads(packed)
        for event in attempt(plan, scorer, work):
            yield event
            if isinstance(event, Failure):
                return
        yield Word.DONE
    except (OSError, InputError) as error:
        yield error
    except Exception as error:
        yield Failure.of(error)
