"""What a corpus is made of, and how much of it vectors and a `max_length` let through."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from spacy import Language
from spacy.attrs import ORTH
from tqdm import tqdm

from spacy_lstm_sentiment.models.static_vectors import UNKNOWN
from spacy_lstm_sentiment.models.word_table import lookup_of
from spacy_lstm_sentiment.reports.texts import Text, require_readable

Ints = npt.NDArray[np.int64]

PERCENTILES = (5, 25, 50, 75, 95, 99)
ROUND_LENGTHS = (10, 25, 50, 100, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1500, 2000, 3000)
MOST_CUT = 0.05  # of the text, by the recommended max_length
N_UNKNOWN_WORDS = 20


@dataclass(frozen=True)
class SplitStatistics:
    """A file of texts. `lengths` are in tokens, whitespace included: what `max_length` counts."""

    name: str
    lengths: Ints
    n_words: int
    labels: Mapping[str, int]
    n_duplicates: int


@dataclass(frozen=True)
class Coverage:
    """How many words have a vector, and the most frequent ones that have none.

    token_share: Of the words of the text. type_share: Of the distinct words.
    """

    token_share: float
    type_share: float
    n_types: int
    unknown: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Cut:
    """What a `max_length` leaves out: shares of the documents that it cuts, and of the tokens."""

    max_length: int
    documents: float
    tokens: float


@dataclass(frozen=True)
class CorpusStatistics:
    """Statistics of one or several splits; all but `splits` are of all of them together.

    shared: Texts of the second split that are in the first too, for each pair of splits.
    coverage: None where the pipeline has no vectors.
    """

    splits: Sequence[SplitStatistics]
    shared: Mapping[tuple[str, str], int]
    coverage: Coverage | None
    cuts: Sequence[Cut]
    recommended: int

    @property
    def lengths(self) -> Ints:
        return np.concatenate([split.lengths for split in self.splits])


def measure_corpus(
    texts: Mapping[str, Sequence[Text]], nlp: Language, max_length: int | None = None
) -> CorpusStatistics:
    """Tokenize the texts of each split with the pipeline, and count.

    max_length (int | None): One more length whose cut is measured.
    """
    splits, counts = [], Counter[int]()
    keys_of = {name: [_normalized(text) for text in split] for name, split in texts.items()}
    for name, split in texts.items():
        lengths, words = _tokenize(split, nlp, name)
        splits.append(
            SplitStatistics(
                name,
                lengths,
                sum(n for key, n in words.items() if not nlp.vocab.strings[key].isspace()),
                Counter(text.label or "none" for text in split),
                len(split) - len(set(keys_of[name])),
            )
        )
        counts.update(words)
    lengths = np.concatenate([split.lengths for split in splits])
    candidates = {n for n in ROUND_LENGTHS if n < lengths.max()} | {int(lengths.max())}
    asked = set() if max_length is None else {max_length}
    cuts = [measure_cut(lengths, n) for n in sorted(candidates | asked)]
    recommended = next(
        cut.max_length for cut in cuts if cut.max_length in candidates and cut.tokens <= MOST_CUT
    )
    return CorpusStatistics(
        splits,
        {(a, b): _count_shared(keys_of[a], keys_of[b]) for a, b in combinations(texts, 2)},
        measure_coverage(nlp, counts),
        cuts,
        recommended,
    )


def measure_cut(lengths: Ints, max_length: int) -> Cut:
    over = np.maximum(lengths - max_length, 0)
    return Cut(max_length, float((over > 0).mean()), float(over.sum() / max(lengths.sum(), 1)))


def measure_coverage(nlp: Language, counts: Mapping[int, int]) -> Coverage | None:
    """The coverage of words, counted by the key that the vectors have; None without vectors."""
    vocab, lookup = nlp.vocab, lookup_of(nlp)
    words = {key: n for key, n in counts.items() if not vocab.strings[key].isspace()}
    total = sum(words.values()) or 1
    if lookup is None and not vocab.vectors_length:
        return None
    if lookup is None:  # floret makes a vector of any word
        return Coverage(1.0, 1.0, len(words), [])
    rows = lookup.find(words)
    unknown = Counter(
        {
            vocab.strings[key]: words[key]
            for key, row in zip(words, rows, strict=True)
            if row == UNKNOWN
        }
    )
    return Coverage(
        1.0 - sum(unknown.values()) / total,
        1.0 - len(unknown) / (len(words) or 1),
        len(words),
        unknown.most_common(N_UNKNOWN_WORDS),
    )


def _tokenize(split: Sequence[Text], nlp: Language, name: str) -> tuple[Ints, Counter[int]]:
    """The length of each text, and the number of tokens by the vectors' key."""
    require_readable(nlp, (text.text for text in split))
    lengths, counts = [], Counter[int]()
    progress: Iterable[Text] = tqdm(split, f"reading {name}", unit=" texts", disable=None)
    lookup = lookup_of(nlp)
    attr = ORTH if lookup is None else lookup.attr
    for text in progress:
        doc = nlp.make_doc(text.text)
        lengths.append(len(doc))
        counts.update(doc.count_by(attr))
    return np.array(lengths), counts


def _normalized(text: Text) -> str:
    """Texts that differ in case and white space alone are the same."""
    return " ".join(text.text.lower().split())


def _count_shared(first: Sequence[str], second: Sequence[str]) -> int:
    known = set(first)
    return sum(key in known for key in second)
