"""How many examples the property tests draw."""

import os

# So many times more than in the suite, which draws the same ones each time.
TIMES = int(os.environ.get("FUZZ", "1"))


def up_to(n: int) -> int:
    """A number of examples, as max_examples."""
    return n * TIMES
