"""A bar for a long query of DuckDB, on a terminal."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INTERVAL = 0.2  # seconds


@contextmanager
def show_progress(con: "DuckDBPyConnection", what: str) -> Iterator[None]:
    """How far the query is that runs inside, in hundredths."""
    con.execute("SET enable_progress_bar = true")
    con.execute("SET enable_progress_bar_print = false")
    done = threading.Event()
    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
    with tqdm(desc=what, total=100.0, bar_format=layout, leave=False, disable=None) as bar:

        def follow() -> None:
            while not done.wait(INTERVAL):
                bar.update(max(0.0, con.query_progress() - bar.n))

        follower = threading.Thread(target=follow, daemon=True)
        if not bar.disable:
            follower.start()
        try:
            yield
        finally:
            done.set()
            if follower.is_alive():
                follower.join()
