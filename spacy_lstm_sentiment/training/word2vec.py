"""Word vectors of the user's own: Word2Vec skip-gram, trained by gensim on raw text."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from spacy.tokens import Doc
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError, require
from spacy_lstm_sentiment.models.normalizing import spellings
from spacy_lstm_sentiment.models.vector_files import WordVectors
from spacy_lstm_sentiment.records.dialect import Dialect
from spacy_lstm_sentiment.records.reading import read_records
from spacy_lstm_sentiment.records.record import BadRecord, Record, has_no_text, text_of
from spacy_lstm_sentiment.training.vectors import blank, read_docs

WINDOW = 10  # words to each side: wide, for what a text says rather than for its grammar
# Of so many words on, those that make up a larger share of the text are often passed over.
LARGE_CORPUS, SUBSAMPLING = 1_000_000, 1e-4


def read_words(
    source: Path,
    lang: str = "en",
    dialect: Dialect = Dialect(),  # noqa: B008  # it cannot be changed
) -> Iterator[list[str]]:
    """The words of each document, normalized and lower-cased.

    source (Path): A .spacy file (DocBin), read as it was tokenized; or a .jsonl, .csv or .tsv file
        with the field `text`, or a .txt file with a document a line, each also gzipped (.gz),
        tokenized by the blank pipeline of `lang`.
    dialect (Dialect): How such a file is written.
    RAISES InputError: A line cannot be read or has no `text`.
    """
    nlp = blank(lang)
    docs: Iterator[Doc]
    if source.suffix == ".spacy":
        docs = read_docs(source, nlp.vocab)
    else:
        docs = map(nlp.tokenizer, _read_texts(source, dialect))
    for doc in docs:
        words = (spellings(token.text)[1] for token in doc)
        yield [word for word in words if word and not word.isspace()]


def _read_texts(path: Path, dialect: Dialect) -> Iterator[str]:
    for record in read_records(str(path), dialect):
        if isinstance(record, Record) and has_no_text(record, "text"):
            continue  # from which there is nothing to learn
        text = record if isinstance(record, BadRecord) else text_of(record, "text")
        if isinstance(text, BadRecord):
            raise InputError(f"{text.source}:{text.line}: {text.reason}")
        yield text


def train_word2vec(
    documents: Iterable[Sequence[str]],
    name: str,
    *,
    dimensions: int = 100,
    epochs: int = 5,
    min_count: int = 5,
    seed: int = 0,
    n_process: int = 1,
    max_words: int | None = None,
) -> WordVectors:
    """Train skip-gram with negative sampling on the words of documents, in bounded memory.

    min_count (int): Words seen fewer times get no vector.
    n_process (int): Workers; only one worker gives the same vectors every time.
    max_words (int | None): Keep the most frequent words only.
    RETURNS (WordVectors): The words by descending frequency.
    RAISES MissingExtra: gensim is not installed.
    RAISES InputError: No word occurs `min_count` times.
    """
    gensim = require("gensim.models", "word2vec", "Training word vectors")
    model = gensim.Word2Vec(
        sg=1,
        vector_size=dimensions,
        window=WINDOW,
        min_count=min_count,
        seed=seed,
        workers=n_process,
    )
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.txt"  # which gensim reads anew in each epoch
        n_words = 0
        with corpus.open("w", encoding="utf-8") as file:
            for words in tqdm(documents, "Tokenizing", unit=" docs", disable=None):
                file.write(" ".join(words) + "\n")
                n_words += len(words)
        if n_words >= LARGE_CORPUS:
            model.sample = SUBSAMPLING
        model.build_vocab(corpus_file=str(corpus))
        if not model.wv.index_to_key:
            raise InputError(f"{name}: no word occurs {min_count} times; lower --min-count")
        _fit(model, corpus, epochs)
    return WordVectors(name, model.wv.index_to_key[:max_words], model.wv.vectors[:max_words])


def _fit(model: Any, corpus: Path, epochs: int) -> None:
    with _EpochBar(total=epochs, desc="Training", unit=" epochs", disable=None) as bar:
        model.train(
            corpus_file=str(corpus),
            total_examples=model.corpus_count,
            total_words=model.corpus_total_words,
            epochs=epochs,
            callbacks=[bar],
        )


class _EpochBar(tqdm):
    """A progress bar with the methods that gensim calls on a CallbackAny2Vec."""

    def on_train_begin(self, model: Any) -> None: ...

    def on_train_end(self, model: Any) -> None: ...

    def on_epoch_begin(self, model: Any) -> None: ...

    def on_epoch_end(self, model: Any) -> None:
        self.update()
