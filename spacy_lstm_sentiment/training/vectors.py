"""A table of static word vectors: pruned to a corpus, written for a training to start from."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from pathlib import Path

import numpy as np
import spacy
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.tokens import Doc, DocBin
from spacy.vectors import Vectors
from spacy.vocab import Vocab
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.normalizing import spellings
from spacy_lstm_sentiment.models.vector_files import WordVectors
from spacy_lstm_sentiment.training.folders import require_writable, whole_folder


def read_docs(path: Path, vocab: Vocab) -> Iterator[Doc]:
    """The documents of a .spacy file (a DocBin)."""
    try:
        doc_bin = DocBin().from_disk(path)
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path}: not a .spacy file (DocBin)") from None
    return doc_bin.get_docs(vocab)


def read_vocabulary(corpora: Iterable[Path], min_count: int = 1) -> set[str]:
    """What is looked up for the words of .spacy files, at least `min_count` times."""
    counts: Counter[str] = Counter()
    for path in corpora:
        vocab = Vocab()
        for doc in tqdm(read_docs(path, vocab), f"Reading {path.name}", unit=" docs", disable=None):
            for key, count in doc.count_by(ORTH).items():
                for form in set(spellings(vocab.strings[key])):
                    counts[form] += count
    return {word for word, count in counts.items() if count >= min_count}


def prune(vectors: WordVectors, vocabulary: Set[str]) -> WordVectors:
    """Keep only the words of the vocabulary. RAISES InputError: There are none."""
    rows = [row for row, word in enumerate(vectors.words) if word in vocabulary]
    if not rows:
        raise InputError(
            f"None of the {len(vectors.words)} words of '{vectors.name}' occurs often enough in "
            "the corpus to prune to: are they of one language?"
        )
    return replace(vectors, words=[vectors.words[row] for row in rows], table=vectors.table[rows])


def read_pipeline_vectors(folder: Path) -> WordVectors:
    """The vectors of a pipeline's folder. RAISES InputError: It has none."""
    try:
        vocab = spacy.load(folder).vocab
    except (OSError, ValueError) as error:
        raise InputError(f"{folder}: not a pipeline: {' '.join(str(error).split())}") from None
    rows = vocab.vectors.key2row
    if not rows:
        raise InputError(f"{folder}: the pipeline has no word vectors")
    table = vocab.vectors.data[list(rows.values())]
    return WordVectors(folder.name, [vocab.strings[key] for key in rows], table)


def put_beside(left: WordVectors, right: WordVectors) -> WordVectors:
    """The words of both tables with the vectors of both, zeros where a table lacks the word.

    The right ones are scaled to the spread of the left ones, so that neither drowns the other.
    """
    words = list(dict.fromkeys([*left.words, *right.words]))
    row_of = {word: row for row, word in enumerate(words)}
    width = left.table.shape[1]
    table = np.zeros((len(words), width + right.table.shape[1]), dtype=np.float32)
    table[[row_of[word] for word in left.words], :width] = left.table
    scale = left.table.std() / (right.table.std() or 1.0)
    table[[row_of[word] for word in right.words], width:] = right.table * scale
    return WordVectors(f"{left.name}+{right.name}", words, table)


def blank(lang: str) -> Language:
    """spaCy's blank pipeline. RAISES InputError: Unknown language, or one with missing packages."""
    try:
        return spacy.blank(lang)
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"No blank pipeline for language '{lang}': {reason}") from None


def write_vectors(
    vectors: WordVectors, output: Path, lang: str = "en", force: bool = False
) -> None:
    """Write a blank pipeline with these vectors, for a training to start from.

    The folder appears when it is complete; an interrupted run leaves what was there before.

    force (bool): Replace a pipeline that is there.
    RAISES InputError: The folder has content that must stay, or the language is unknown.
    """
    require_writable(output, force)
    nlp = blank(lang)
    keys = [nlp.vocab.strings.add(word) for word in vectors.words]
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings,
        data=vectors.table,
        keys=keys,
        name=vectors.name,
    )
    with whole_folder(output) as folder:
        nlp.to_disk(folder)
