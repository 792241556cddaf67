"""Threads of our own for what torch and the processor would else set for the whole host.

torch's number of threads belongs to a thread, but to set it in any changes the number that new
threads start with. Whether denormals are flushed to zero belongs to a thread, and those that it
starts, torch's own among them, have it from there. A forked process has torch's pool of threads
without the threads, and waits for them for ever.

Where torch is not imported, nothing here imports it: there are no threads of its own to mind.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import lru_cache, partial, wraps
from types import ModuleType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

_FIRST_PROCESS = os.getpid()
_SETTING: dict[int, threading.Lock] = {}

# How many threads torch computes on, which it reads when it is imported.
THREADS = "OMP_NUM_THREADS"


def torch_if_imported() -> ModuleType | None:
    """torch, where this process has it already."""
    if sys.modules.get("torch") is None:
        return None
    import torch  # waits for a thread that is at it

    return torch


def number_of_threads() -> int:
    """As many as torch computes on in this thread, or would."""
    torch = torch_if_imported()
    if torch is not None:
        return torch.get_num_threads()
    wanted = os.environ.get(THREADS, "")
    return max(1, int(wanted)) if wanted.isdecimal() else _number_of_cores()


def take_threads(n_threads: int) -> None:
    """In a process of our own, compute on so many threads, with torch as well, now or later."""
    os.environ[THREADS] = str(n_threads)
    torch = torch_if_imported()
    if torch is not None:
        torch.set_num_threads(n_threads)


def lock_in(locks: dict[int, threading.Lock]) -> threading.Lock:
    """This process's own: one that another thread has in a fork is never given back there."""
    return locks.setdefault(os.getpid(), threading.Lock())


def run_in_threads(function: Callable[[T], None], tasks: Iterable[T]) -> None:
    """Call a function on each task, in as many threads as torch has, the last tasks first.

    Each thread has one of torch's own: the LSTM's steps are too short to be shared out.
    """
    left = deque(tasks)
    n_threads = min(number_of_threads(), len(left))

    def work() -> None:
        while True:
            try:
                task = left.pop()
            except IndexError:
                return
            function(task)

    if n_threads <= 1:
        return work()
    futures = [_readers().submit(work) for _ in range(n_threads)]
    try:
        for future in futures:
            future.result()
    finally:
        left.clear()
        wait(futures)


def safe_after_fork(function: Callable[P, T]) -> Callable[P, T]:
    """In a forked process, do what a function does on one of torch's threads, in one of ours."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        torch = torch_if_imported()
        if os.getpid() == _FIRST_PROCESS or torch is None or torch.get_num_threads() == 1:
            return function(*args, **kwargs)
        context = copy_context()  # Thinc's device is in it
        work = partial(function, *args, **kwargs)
        return _readers().submit(context.run, work).result()

    return call


def flushing_denormals(function: Callable[[], T]) -> T:
    """What a function returns in a thread of ours that takes denormals for zero.

    Gradients that decay through time become denormals, with which a backward pass of 500 steps
    takes four times as long.
    """
    import torch

    n_threads = torch.get_num_threads()

    def work() -> T:
        if torch.get_num_threads() != n_threads:
            _set_threads(n_threads)
        return function()

    return _flushing_thread(os.getpid()).submit(work).result()


def map_flushing_denormals(
    function: Callable[[S], T], tasks: Iterable[S], n_threads: int
) -> Iterator[T]:
    """What a function makes of each task, in the tasks' order, in so many threads of ours.

    Each has one of torch's own, and takes denormals for zero. No more tasks than threads are begun
    before the first of them is done.
    """
    threads = _flushing_threads(os.getpid())
    begun: deque[Future[T]] = deque()
    for task in tasks:
        if len(begun) == n_threads:
            yield begun.popleft().result()
        begun.append(threads.submit(function, task))
    while begun:
        yield begun.popleft().result()


def _readers() -> ThreadPoolExecutor:
    """A process's pool of threads with one of torch's each; they start when they are needed."""
    return _pool(os.getpid(), torch_if_imported() is not None)


@lru_cache(maxsize=1)
def _pool(process: int, minds_torch: bool) -> ThreadPoolExecutor:
    if not minds_torch:
        return ThreadPoolExecutor(os.cpu_count(), "lstm")
    return ThreadPoolExecutor(os.cpu_count(), "lstm", _set_threads, (1,))


@lru_cache(maxsize=1)
def _flushing_thread(process: int) -> ThreadPoolExecutor:
    import torch

    return ThreadPoolExecutor(1, "lstm-gradients", torch.set_flush_denormal, (True,))


@lru_cache(maxsize=1)
def _flushing_threads(process: int) -> ThreadPoolExecutor:
    def prepare() -> None:
        import torch

        _set_threads(1)
        torch.set_flush_denormal(True)

    return ThreadPoolExecutor(os.cpu_count(), "lstm-explanations", prepare)


def _set_threads(n_threads: int) -> None:
    """Let this thread compute on so many, and those that the host will start on as many as ever."""
    import torch

    torch.get_num_threads()  # else its first answer would undo what is set below
    # A new thread has the number that is set for new threads.
    with lock_in(_SETTING), ThreadPoolExecutor(1) as new_thread:
        before = new_thread.submit(torch.get_num_threads).result()
        torch.set_num_threads(n_threads)
        new_thread.submit(torch.set_num_threads, before).result()


def _number_of_cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
