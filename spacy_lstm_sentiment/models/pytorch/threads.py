"""Threads of our own for what torch and the processor would else set for the whole host.

torch's number of threads belongs to a thread, but to set it in any changes the number that new
threads start with. Whether denormals are flushed to zero belongs to a thread, and those that it
starts, torch's own among them, have it from there. A forked process has torch's pool of threads
without the threads, and waits for them for ever.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from functools import lru_cache, partial, wraps
from typing import ParamSpec, TypeVar

import torch

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

_FIRST_PROCESS = os.getpid()
_SETTING = threading.Lock()


def run_in_threads(function: Callable[[T], None], tasks: Iterable[T]) -> None:
    """Call a function on each task, in as many threads as torch has, the last tasks first.

    Each thread has one of torch's own: the LSTM's steps are too short to be shared out.
    """
    left = deque(tasks)
    n_threads = min(torch.get_num_threads(), len(left))

    def work() -> None:
        while True:
            try:
                task = left.pop()
            except IndexError:
                return
            function(task)

    if n_threads <= 1:
        return work()
    futures = [_readers(os.getpid()).submit(work) for _ in range(n_threads)]
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
        if os.getpid() == _FIRST_PROCESS or torch.get_num_threads() == 1:
            return function(*args, **kwargs)
        context = copy_context()  # Thinc's device is in it
        work = partial(function, *args, **kwargs)
        return _readers(os.getpid()).submit(context.run, work).result()

    return call


def flushing_denormals(function: Callable[[], T]) -> T:
    """What a function returns in a thread of ours that takes denormals for zero.

    Gradients that decay through time become denormals, with which a backward pass of 500 steps
    takes four times as long.
    """
    n_threads = torch.get_num_threads()

    def work() -> T:
        if torch.get_num_threads() != n_threads:
            _take_threads(n_threads)
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


@lru_cache(maxsize=1)
def _readers(process: int) -> ThreadPoolExecutor:
    """A process's pool of threads with one of torch's each; they start when they are needed."""
    return ThreadPoolExecutor(os.cpu_count(), "lstm", _take_threads, (1,))


@lru_cache(maxsize=1)
def _flushing_thread(process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "lstm-gradients", torch.set_flush_denormal, (True,))


@lru_cache(maxsize=1)
def _flushing_threads(process: int) -> ThreadPoolExecutor:
    def prepare() -> None:
        _take_threads(1)
        torch.set_flush_denormal(True)

    return ThreadPoolExecutor(os.cpu_count(), "lstm-explanations", prepare)


def _take_threads(n_threads: int) -> None:
    """Let this thread compute on so many, and those that the host will start on as many as ever."""
    torch.get_num_threads()  # the first call in a thread sets the number for new ones, here too
    # A new thread has the number that is set for new threads.
    with _SETTING, ThreadPoolExecutor(1) as new_thread:
        before = new_thread.submit(torch.get_num_threads).result()
        torch.set_num_threads(n_threads)
        new_thread.submit(torch.set_num_threads, before).result()
