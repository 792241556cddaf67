"""Unlabelled text for `spacy pretrain`, in pieces that fill a batch evenly."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from spacy import Language
from spacy.tokens import Doc
from spacy.training.corpus import walk_corpus
from spacy.vocab import Vocab

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.settings import require_count
from spacy_lstm_sentiment.training.vectors import read_docs


def SegmentCorpus(
    path: str | Path | None, max_length: int = 128, seed: int = 0
) -> Callable[[Language], Iterator[Doc]]:
    """Reads documents in another order each time, cut into segments.

    path (str | Path | None): A `.spacy` file, or a folder with several, whose texts are read by the
        pipeline's own tokenizer. `null` is for a config that does not pretrain.
    max_length (int): Tokens in a segment; the last one of a document has what is left.
    seed (int): Chooses the orders.
    RETURNS (Callable[[Language], Iterator[Doc]]): Each call is an epoch.
    RAISES InputError: There is no such file, or no documents in it; a setting is out
        of its range.
    """
    require_count("SegmentCorpus: max_length", max_length, least=2)
    require_count("SegmentCorpus: seed", seed, least=0)
    random = Random(seed)
    texts: list[str] = []

    def read_segments(nlp: Language) -> Iterator[Doc]:
        if not texts:
            texts.extend(_read_texts(path))
        random.shuffle(texts)
        for text in texts:
            doc = nlp.make_doc(text)
            for start in range(0, len(doc), max_length):
                yield doc[start : start + max_length].as_doc()

    return read_segments


def _read_texts(path: str | Path | None) -> list[str]:
    if path is None or not Path(path).exists():
        raise InputError(
            f"{path or 'SegmentCorpus'}: no such file or folder: pass --paths.raw_text, a .spacy "
            "file or a folder of them"
        )
    files = walk_corpus(Path(path), ".spacy")
    texts = [doc.text for file in files for doc in read_docs(file, Vocab())]
    if not texts:
        raise InputError(f"{path}: no documents in it")
    return texts
