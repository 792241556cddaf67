"""Whether an error says that there was no memory for the work, and nothing about the work."""

import errno

# torch, CUDA's libraries and the C++ library say it in words alone.
PHRASES = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "unable to allocate",
    "alloc_failed",
    "bad_alloc",
)


def wants_memory(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised from, is for want of memory."""
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return True
        text = str(error).lower()
        if isinstance(error, RuntimeError) and any(phrase in text for phrase in PHRASES):
            return True
        error = error.__cause__
    return False
