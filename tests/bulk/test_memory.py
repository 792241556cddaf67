"""Errors that say there is no memory, as Python and the libraries raise them."""

import errno
import os

import numpy
import pytest
import torch

from spacy_lstm_sentiment.records.memory import wants_memory

FAR_TOO_MUCH = 1 << 60


pyarrow = pytest.importorskip("pyarrow", reason='needs pyarrow: pip install ".[arrow]"')


def raised(work) -> Exception:
    with pytest.raises(Exception) as found:  # noqa: PT011
        work()
    return found.value


@pytest.mark.parametrize(
    "work",
    [
        lambda: bytearray(FAR_TOO_MUCH),
        lambda: "x" * FAR_TOO_MUCH,
        lambda: numpy.empty(FAR_TOO_MUCH, "uint8"),
        lambda: torch.empty(FAR_TOO_MUCH, dtype=torch.uint8),
        lambda: pyarrow.allocate_buffer(FAR_TOO_MUCH),
    ],
)
def test_errors_of_the_libraries(work):
    assert wants_memory(raised(work))


@pytest.mark.parametrize(
    "error",
    [
        # What needs a GPU to come about.
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ],
)
def test_errors_that_are_not_to_be_had_here(error):
    assert wants_memory(error)


def test_an_error_that_such_a_one_has_brought_about():
    def work():
        try:
            bytearray(FAR_TOO_MUCH)
        except MemoryError as error:
            raise ValueError("the component failed") from error

    assert wants_memory(raised(work))


@pytest.mark.parametrize(
    "error", [ValueError("out of memory"), RuntimeError("out of range"), OSError(errno.ENOSPC, "")]
)
def test_other_errors(error):
    assert not wants_memory(error)
