from collections.abc import Callable

import numpy
import numpy.typing as npt

Ints = npt.NDArray[numpy.int64]

def number_tokens(
    texts: list[str], find_all: Callable[[str], list[str]]
) -> tuple[Ints, Ints, list[str]]: ...
