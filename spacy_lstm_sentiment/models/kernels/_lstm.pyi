from typing import Any

def supported() -> list[str]: ...
def lanes(isa: str) -> int: ...
def project(isa: str, vectors: Any, weights: Any, bias: Any, projected: Any) -> None: ...
def read(
    isa: str,
    projected: Any,
    recurrent: Any,
    units: int,
    words: Any,
    starts: Any,
    lengths: Any,
    order: Any,
    pooled: Any,
    columns: dict[str, int],
    states: Any = None,
) -> None: ...
