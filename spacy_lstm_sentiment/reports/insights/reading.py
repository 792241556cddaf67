"""What is read of scored rows: their scores, and the columns that were asked for, in DuckDB.

Rows are read once, into tables in a temporary folder that need not fit into memory:

- `scored`: label, score, sentiment, time (NULL where there is nothing), day (DATE), g0, g1 ... (the
  columns to group by). Of a row that has no scores the first three are NULL.
- `negatives`, where there are texts: text, negative (P(NEGATIVE)), day, g0, g1 ... of those with
  the label NEGATIVE.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from spacy_lstm_sentiment.errors import InputError, require
from spacy_lstm_sentiment.reports.insights import dates
from spacy_lstm_sentiment.reports.insights.progress import show_progress
from spacy_lstm_sentiment.reports.insights.sources import (
    Source,
    find_sources,
    quote,
    table_source,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RESULTS = ("label", "score", "sentiment")
TEXT = "text"
SENTENCE = "sentence_text"  # of a file that was scored --per-sentence
MOST_CHARACTERS = 2000  # of a text, from its beginning, in which words are looked for
NAME = 80  # characters of a group's name
N_THREADS = min(4, os.cpu_count() or 1)  # each has buffers of its own


@dataclass(frozen=True)
class Asked:
    """Which columns to read.

    by: Those to group by. time: The one with dates; `time_format`, in strptime's letters, says how
    they are written. text_field: The one with the texts. prefix: Goes before the names of the
    results. What is None is found out.
    """

    by: Sequence[str] = ()
    time: str | None = None
    time_format: str | None = None
    text_field: str | None = None
    prefix: str | None = None


@dataclass(frozen=True)
class Scored:
    """Scored rows in DuckDB's tables, and what of them could not be read.

    has_texts: Whether there is the table `negatives`.
    n_rows: All. n_unscored: Those without scores. n_no_time, n_unreadable: Rows without a date, and
    with one that could not be read; unreadable: the first such, shortened.
    """

    con: "DuckDBPyConnection"
    asked: Asked
    has_texts: bool
    n_rows: int
    n_unscored: int
    n_no_time: int = 0
    n_unreadable: int = 0


@contextmanager
def open_scored(data: Any, asked: Asked, memory: str = "400MB") -> Iterator[Scored]:
    """Read scored rows.

    data: A path, or several, or a table in memory.
    memory: What DuckDB may use of it; what does not fit goes to a temporary folder.

    RAISES InputError: There are none, or a column is missing, or duckdb is not installed.
    """
    duckdb = _import_duckdb()
    with TemporaryDirectory(prefix="spacy-lstm-sentiment-") as folder:
        sources = _sources(data, Path(folder))
        try:
            config = {"memory_limit": memory, "temp_directory": folder, "threads": N_THREADS}
            con = duckdb.connect(str(Path(folder) / "rows.duckdb"), config=config)
        except duckdb.Error as error:
            raise InputError(f"--memory {memory}: {_first_line(error)}") from None
        try:
            for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
                con.execute(f"SET {name} = false")  # nothing is fetched
            con.execute("SET preserve_insertion_order = false")
            yield _read(con, sources, asked)
        except duckdb.OutOfMemoryException:
            raise InputError(f"{memory} of memory do not do: name more with --memory") from None
        except duckdb.Error as error:
            raise InputError(f"the scored rows cannot be read: {_first_line(error)}") from None
        finally:
            con.close()


def _import_duckdb() -> Any:
    for package in ("pyarrow", "duckdb"):
        module = require(package, "insights", "Insights")
    return module


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split("\n\n")[0].split())


def _sources(data: Any, folder: Path) -> list[Source]:
    if isinstance(data, str | Path):
        data = [data]
    if not isinstance(data, list | tuple):
        return [table_source(data)]
    sources = find_sources([str(path) for path in data], folder)
    if not sources:
        raise InputError(f"{', '.join(map(str, data))}: no rows in it")
    return sources


def _read(con: "DuckDBPyConnection", sources: Sequence[Source], asked: Asked) -> Scored:
    columns = list(dict.fromkeys(name for source in sources for name in source.columns))
    asked = _completed(columns, asked)
    wanted: dict[str, str | None] = {name: f"{asked.prefix}{name}" for name in RESULTS}
    wanted |= {f"g{place}": name for place, name in enumerate(asked.by)}
    wanted |= {"time": asked.time, "text": asked.text_field}
    parts = [
        source.select(
            con, {new: name if name in source.columns else None for new, name in wanted.items()}
        )
        for source in sources
    ]
    rows = " UNION ALL ".join(parts)
    with show_progress(con, "reading"):
        con.execute(f"CREATE TABLE read AS {_values(rows, len(asked.by), asked)}")
    place = f"{_day(con, asked)} AS day" + "".join(f", g{i}" for i in range(len(asked.by)))
    con.execute(f"CREATE VIEW scored AS SELECT label, score, sentiment, time, {place} FROM read")
    con.execute(
        f"CREATE VIEW negatives AS SELECT text, score - sentiment AS negative, {place} "
        "FROM read WHERE label = 'NEGATIVE' AND text IS NOT NULL"
    )
    return _counted(con, asked)


def _counted(con: "DuckDBPyConnection", asked: Asked) -> Scored:
    """What could be read. RAISES InputError: No scores, or no dates."""
    counts = con.execute(
        "SELECT count(*), count(*) - count(label), count(*) FILTER (time IS NULL), "
        "count(*) FILTER (time IS NOT NULL AND day IS NULL) FROM scored"
    ).fetchone()
    n_rows, n_unscored, n_no_time, n_unreadable = counts or (0, 0, 0, 0)
    if n_rows == n_unscored:
        names = ", ".join(f"{asked.prefix}{name}" for name in RESULTS)
        raise InputError(
            f"none of {n_rows:,} rows has scores in {names}: run spacy-lstm-sentiment score first"
        )
    if asked.time is None:
        n_no_time = n_unreadable = 0
    elif n_no_time + n_unreadable == n_rows:
        raise InputError(
            f'column "{asked.time}": no date in it that can be read: say how they are written with '
            "--time-format, such as %d/%m/%Y, or name another column"
        )
    return Scored(
        con, asked, asked.text_field is not None, n_rows, n_unscored, n_no_time, n_unreadable
    )


def _values(rows: str, n_groups: int, asked: Asked) -> str:
    """SQL for the values that are kept of the rows' texts."""
    groups = "".join(
        f", left(nullif(trim(g{place}), ''), {NAME}) AS g{place}" for place in range(n_groups)
    )
    time = dates.plain("time") if asked.time_format is None else "trim(time)"
    day = dates.day_of("written")
    either = dates.either_of("written")
    if asked.time_format is not None:
        day = f"CAST(try_strptime(written, {quote(asked.time_format)}) AS DATE)"
        either = "CAST(NULL AS VARCHAR)"
    numbers = (
        "SELECT *, try_cast(score AS DOUBLE) AS p, try_cast(sentiment AS DOUBLE) AS s, "
        f"nullif({time}, '') AS written FROM ({rows})"
    )
    scored = "label IS NOT NULL AND p BETWEEN 0 AND 1 AND s BETWEEN -1 AND 1"
    return (
        f"SELECT CASE WHEN {scored} THEN label END AS label, "
        f"CASE WHEN {scored} THEN p END AS score, CASE WHEN {scored} THEN s END AS sentiment, "
        f"CASE WHEN written IS NOT NULL THEN true END AS time, {day} AS day, {either} AS either, "
        "CASE WHEN label = 'NEGATIVE' THEN nullif(trim(left(text, "
        f"{MOST_CHARACTERS})), '') END AS text{groups} FROM ({numbers})"
    )


def _day(con: "DuckDBPyConnection", asked: Asked) -> str:
    """SQL for a row's day: where the day or the month may come first, as all rows allow."""
    first = dates.day_first("either"), dates.month_first("either")
    counts = con.execute(
        f"SELECT count(d), count(m), count(coalesce(d, m)) FROM (SELECT {first[0]} AS d, "
        f"{first[1]} AS m FROM read WHERE either IS NOT NULL)"
    ).fetchone()
    n_day_first, n_month_first, n = counts or (0, 0, 0)
    if asked.time is None or not n:
        return "day"
    is_day_first = dates.is_day_first(n_day_first, n_month_first, n, asked.time)
    return f"coalesce(day, {first[0] if is_day_first else first[1]})"


def _completed(columns: Sequence[str], asked: Asked) -> Asked:
    """What was asked, with what was left open found out. RAISES InputError: A column is missing."""
    prefix = asked.prefix if asked.prefix is not None else _prefix(columns)
    for name in (f"{prefix}{result}" for result in RESULTS):
        _require(
            name, columns, "the results of score have another --prefix, or score has to run first"
        )
    for name in asked.by:
        _require(name, columns, "name another with --by")
    if asked.time is not None:
        _require(asked.time, columns, "name another with --time")
    text_field = asked.text_field
    if text_field is not None:
        _require(text_field, columns, "name another with --text-field")
    else:
        text_field = next((n for n in (f"{prefix}{SENTENCE}", TEXT) if n in columns), None)
    by = tuple(dict.fromkeys(asked.by))
    return Asked(by, asked.time, asked.time_format, text_field, prefix)


def _prefix(columns: Sequence[str]) -> str:
    found = [
        prefix
        for prefix in (name.removesuffix("label") for name in columns if name.endswith("label"))
        if all(f"{prefix}{name}" in columns for name in RESULTS)
    ]
    if len(found) > 1:
        names = " and ".join(f'"{prefix}"' for prefix in found)
        raise InputError(f"scored twice, with the prefixes {names}: choose one with --prefix")
    if not found:
        raise InputError(
            f"no columns {', '.join(RESULTS)} of one prefix: run spacy-lstm-sentiment score first; "
            f"there are {', '.join(columns)}"
        )
    return found[0]


def _require(name: str, columns: Sequence[str], remedy: str) -> None:
    if name not in columns:
        raise InputError(f'no column "{name}": there are {", ".join(columns)}; {remedy}')
