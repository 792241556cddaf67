"""Statistics of a corpus, told and drawn."""

from dataclasses import asdict

import numpy as np

from spacy_lstm_sentiment.reports.charts import histogram_chart
from spacy_lstm_sentiment.reports.corpus_statistics import (
    MOST_CUT,
    PERCENTILES,
    CorpusStatistics,
    Coverage,
    SplitStatistics,
)
from spacy_lstm_sentiment.reports.report import Item, Report, Section, Table, number, percent


def describe_corpus(statistics: CorpusStatistics) -> Report:
    lengths = statistics.lengths
    summary = (
        f"{len(lengths):,} documents with {sum(s.n_words for s in statistics.splits):,} words, "
        f"{lengths.mean():.0f} tokens each on average. Recommended max_length: "
        f"{statistics.recommended:,}, the smallest round number that cuts no more than "
        f"{percent(MOST_CUT)} of the text."
    )
    histogram = histogram_chart(lengths.tolist(), statistics.recommended)
    sections = [
        Section("Documents", [_lengths_table(statistics), _labels_table(statistics)]),
        Section("Length", [histogram, _cuts(statistics)]),
        Section("Vectors", _coverage(statistics.coverage)),
        Section("Duplicates", _duplicates(statistics)),
    ]
    return Report("Corpus statistics", summary, sections, _data(statistics))


def _lengths_table(statistics: CorpusStatistics) -> Table:
    rows = [_lengths_row(split) for split in statistics.splits]
    percentiles = [f"{p}%" for p in PERCENTILES]
    return Table(
        "Length in tokens: mean, percentiles (50% is the median), longest",
        ["file", "documents", "words", "mean", *percentiles, "longest"],
        rows,
    )


def _lengths_row(split: SplitStatistics) -> list[str]:
    return [
        split.name,
        number(len(split.lengths)),
        number(split.n_words),
        f"{split.lengths.mean():.1f}",
        *(f"{np.percentile(split.lengths, p):,.0f}" for p in PERCENTILES),
        number(int(split.lengths.max())),
    ]


def _labels_table(statistics: CorpusStatistics) -> Table:
    labels = sorted({label for split in statistics.splits for label in split.labels})
    rows = []
    for split in statistics.splits:
        counts = [split.labels.get(label, 0) for label in labels]
        shares = [percent(count / len(split.lengths)) for count in counts]
        pairs = zip(map(number, counts), shares, strict=True)
        rows.append([split.name, *(cell for pair in pairs for cell in pair)])
    header = [name for label in labels for name in (label, f"share of {label}")]
    return Table("Documents by label", ["file", *header], rows)


def _cuts(statistics: CorpusStatistics) -> Table:
    rows = [
        [
            number(cut.max_length),
            percent(cut.documents),
            percent(cut.tokens),
            "recommended" if cut.max_length == statistics.recommended else "",
        ]
        for cut in statistics.cuts
    ]
    header = ["max_length", "documents cut", "text cut", "note"]
    return Table("What a max_length would cut: a larger one costs training time", header, rows)


def _coverage(coverage: Coverage | None) -> list[Item]:
    if coverage is None:
        return ["The pipeline has no vectors."]
    said = (
        f"{percent(coverage.token_share)} of the words, and {percent(coverage.type_share)} of the "
        f"{coverage.n_types:,} distinct ones, have a vector."
    )
    rows = [[word, number(count)] for word, count in coverage.unknown]
    if not rows:
        return [said]
    return [said, Table("The most frequent words without a vector", ["word", "times"], rows)]


def _duplicates(statistics: CorpusStatistics) -> list[Item]:
    rows = [[split.name, "in itself", number(split.n_duplicates)] for split in statistics.splits]
    rows += [[b, f"in {a} too", number(n)] for (a, b), n in statistics.shared.items()]
    leaks = sum(statistics.shared.values())
    said = "No text is in two files." if not leaks else f"{leaks:,} texts are in two files."
    table = Table(
        "Texts that occur again, but for case and white space", ["file", "again", "texts"], rows
    )
    return [said, table] if statistics.shared else [table]


def _data(statistics: CorpusStatistics) -> dict[str, object]:
    return {
        "splits": [
            {
                "name": split.name,
                "documents": len(split.lengths),
                "words": split.n_words,
                "mean_length": float(split.lengths.mean()),
                "percentiles": {
                    str(p): float(np.percentile(split.lengths, p)) for p in PERCENTILES
                },
                "longest": int(split.lengths.max()),
                "labels": dict(split.labels),
                "duplicates": split.n_duplicates,
            }
            for split in statistics.splits
        ],
        "shared": [
            {"first": a, "second": b, "texts": n} for (a, b), n in statistics.shared.items()
        ],
        "coverage": statistics.coverage and asdict(statistics.coverage),
        "cuts": [asdict(cut) for cut in statistics.cuts],
        "recommended_max_length": statistics.recommended,
    }
