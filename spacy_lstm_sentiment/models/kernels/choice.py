"""Which kernel reads: the compiled one where it is built, else torch; or what the user forces."""

import os
from collections.abc import Callable
from functools import partial
from typing import Protocol

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.kernels.weights import LSTM
from spacy_lstm_sentiment.models.kernels.words import Floats, Ints, Words

KERNEL = "SPACY_LSTM_SENTIMENT_KERNEL"
ISA = "SPACY_LSTM_SENTIMENT_ISA"


class Kernel(Protocol):
    """Reads documents with an LSTM, and pools its states.

    Which kernel it is, and what is read in one go, changes a score by rounding alone.
    """

    @property
    def name(self) -> str:
        """For people who measure."""

    def supports(self, lstm: LSTM, poolings: tuple[str, ...]) -> bool:
        """Whether it can compute this."""

    def split(self, lengths: Ints, n_threads: int) -> list[Ints]:
        """Documents, by their numbers, in batches for so many threads. Empty ones may be absent."""

    def prepare(
        self, lstm: LSTM, poolings: tuple[str, ...], words: Words
    ) -> Callable[[Ints, Ints], Floats]:
        """What reads a batch, given its documents' first tokens and lengths.

        RETURNS: Gives pooled states, (documents, poolings * width), zeros for an empty document.
        """


def find_kernel(lstm: LSTM, poolings: tuple[str, ...]) -> Kernel | None:
    """The fastest kernel that computes this; None where layers have to.

    RAISES InputError: A kernel is forced that is not there.
    """
    kernels = (make() for make in _usable())
    return next((kernel for kernel in kernels if kernel.supports(lstm, poolings)), None)


def available() -> list[Kernel]:
    """Kernels that may be used, the best one first."""
    return [make() for make in _usable()]


def _usable() -> list[Callable[[], Kernel]]:
    """What makes them: torch's is not imported where the compiled one does."""
    wanted = os.environ.get(KERNEL, "")
    if wanted not in ("", "torch", "native"):
        raise InputError(f"{KERNEL}={wanted}: has to be torch or native, or unset")
    try:
        from spacy_lstm_sentiment.models.kernels.native import NativeKernel
    except ImportError as error:
        if wanted == "native":
            raise InputError(
                f"{KERNEL}=native: this installation has no compiled kernel: install from a wheel, "
                "or from source with a C++ compiler (GCC or Clang), or unset the variable"
            ) from error
        return [_make_padded]
    if wanted == "torch":
        return [_make_padded]
    return [partial(NativeKernel, _choose_isa(NativeKernel.supported())), _make_padded]


def _make_padded() -> Kernel:
    from spacy_lstm_sentiment.models.kernels.padded import PaddedKernel

    return PaddedKernel()


def _choose_isa(supported: list[str]) -> str:
    wanted = os.environ.get(ISA) or supported[-1]
    if wanted not in supported:
        raise InputError(f"{ISA}={wanted}: this processor and kernel have {', '.join(supported)}")
    return wanted
