from typing import Any

def supported() -> list[str]: ...
def lanes(isa: str) -> int: ...
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
