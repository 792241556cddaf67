"""Time against the number of rows, the words of a row, and processes.

    python benchmarks/scale.py

Linear means: the microseconds a word stay alike in the first two tables.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import arguments, load_texts, report, time_in_turn, write_jsonl

import spacy_lstm_sentiment

N_WORDS = 200_000  # that are cut into texts of equal lengths


def main() -> None:
    options = arguments(__doc__, documents=4000, repetitions=3).parse_args()
    texts = load_texts(options.data, options.documents)
    nlp = spacy_lstm_sentiment.load()
    corpora = {
        f"{len(part):,} texts as they are": part
        for part in (texts[: len(texts) // 16], texts[: len(texts) // 4], texts)
    }
    words = " ".join(texts).split()[:N_WORDS]
    for n_words in (10, 100, 1_000, 10_000):
        n_texts = len(words) // n_words
        corpora[f"{n_texts:,} texts of {n_words:,} words"] = [
            " ".join(words[n * n_words : (n + 1) * n_words]) for n in range(n_texts)
        ]
    seconds = time_in_turn(
        {name: lambda part=part: [None for _ in nlp.pipe(part)] for name, part in corpora.items()},
        options.repetitions,
    )
    report(
        "scale",
        [
            {
                "nlp.pipe on": name,
                "seconds": f"{median:.2f}",
                "microseconds/word": f"{1e6 * median / n_words_of(corpora[name]):.2f}",
            }
            for name, median in seconds.items()
        ],
        options,
    )
    report("processes", processes(texts), options)


def n_words_of(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)


def processes(texts: list[str]) -> list[dict[str, str | float]]:
    rows: list[dict[str, str | float]] = []
    with tempfile.TemporaryDirectory() as name:
        source = write_jsonl(Path(name) / "rows.jsonl", texts * 4)
        for n_process in (1, 2, 4):
            command = ["-m", "spacy_lstm_sentiment", "score", source, "--n-process", n_process]
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *map(str, command), "--output", f"{name}/out.jsonl", "--force"],
                check=True,
                capture_output=True,
            )
            seconds = time.perf_counter() - start
            rate = f"{4 * len(texts) / seconds:,.0f}"
            rows.append({"processes": n_process, "seconds": f"{seconds:.1f}", "rows/s": rate})
    return rows


if __name__ == "__main__":
    main()
