"""Time and peak memory of the `insights` command at growing numbers of scored rows.

    python benchmarks/insights.py [--rows 100000 1000000 10000000] [--format jsonl]

Rows have the texts of corpus/shop.csv in turn, each made its own by a number, with dates, products,
countries and a column of a million values, and scores that are drawn.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
from common import ROOT, arguments, report
from memory import resident

WRITERS = {
    "jsonl": "(FORMAT json)",
    "csv": "(FORMAT csv, HEADER)",
    "parquet": "(FORMAT parquet)",
}


def main() -> None:
    parser = arguments(__doc__, documents=10_000_000, repetitions=1)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--format", choices=WRITERS, default="jsonl")
    options = parser.parse_args()
    options.documents = max(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(Path(folder), n_rows, options) for n_rows in options.rows]
    report("insights", rows, options)


def measure(folder: Path, n_rows: int, options: argparse.Namespace) -> dict[str, str | float]:
    scored = write_rows(folder / f"scored.{options.format}", n_rows)
    command = [sys.executable, "-m", "spacy_lstm_sentiment", "insights", scored, "--force"]
    command += ["--by", "product", "--by", "country", "--by", "customer", "--time", "date"]
    command += ["--html", folder / "page.html", "--json", folder / "page.json"]
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.05)
    assert process.returncode == 0
    seconds = time.perf_counter() - start
    return {
        "rows": f"{n_rows:,}",
        "MB read": round(scored.stat().st_size / 1e6),
        "peak MB": round(peak / 1e6),
        "seconds": round(seconds, 1),
    }


def write_rows(path: Path, n_rows: int) -> Path:
    """The same rows for the same number of them."""
    negative = "(hash(i) % 1000 < CASE WHEN product = 'Lantern' THEN 300 ELSE 150 END)"
    rows = f"""
        SELECT text || ' Order ' || i || '.' AS text, date, product, country,
               'customer ' || hash(i + 1) % 1000000 AS customer,
               CASE WHEN {negative} THEN 'NEGATIVE' ELSE 'POSITIVE' END AS label,
               CASE WHEN {negative} THEN 0.2 ELSE 0.9 END AS score,
               CASE WHEN {negative} THEN -0.6 ELSE 0.8 END AS sentiment
        FROM range({n_rows}) AS numbers(i)
        JOIN (SELECT *, row_number() OVER () - 1 AS place
              FROM read_csv('{ROOT / "corpus" / "shop.csv"}', all_varchar = true)) AS reviews
          ON numbers.i % 1500 = reviews.place"""
    duckdb.connect().execute(f"COPY ({rows}) TO '{path}' {WRITERS[path.suffix[1:]]}")
    return path


if __name__ == "__main__":
    main()
