"""One batch is scored while the pipeline before makes the documents of the next."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.util import minibatch
from thinc.api import NumpyOps


def pipe_overlapped(
    component: TrainablePipe, stream: Iterable[Doc], batch_size: int
) -> Iterator[Doc]:
    """Annotate documents in order, as TrainablePipe.pipe does, with two batches held at most.

    Torch computes outside Python's lock, which the tokenizer never leaves: on a CPU of several
    cores a second thread predicts meanwhile. Where torch has one thread, or computes on a GPU,
    batches follow each other.
    """
    n_threads = torch.get_num_threads()
    if n_threads == 1 or not isinstance(component.model.ops, NumpyOps):
        yield from TrainablePipe.pipe(component, stream, batch_size=batch_size)
        return
    waiting: tuple[list[Doc], Future[Any]] | None = None
    # The other thread is this one, which makes the documents.
    with ThreadPoolExecutor(1, "sentiment", torch.set_num_threads, (n_threads - 1,)) as executor:
        for docs in minibatch(stream, size=batch_size):
            predicted = executor.submit(component.predict, docs)
            if waiting is not None:
                yield from _annotate(component, *waiting)
            waiting = docs, predicted
        if waiting is not None:
            yield from _annotate(component, *waiting)


def _annotate(component: TrainablePipe, docs: list[Doc], predicted: Future[Any]) -> list[Doc]:
    """Write a batch's scores; a batch that fails goes to the error handler instead."""
    try:
        component.set_annotations(docs, predicted.result())
    except Exception as error:
        component.get_error_handler()(component.name, component, docs, error)
        return []
    return docs
