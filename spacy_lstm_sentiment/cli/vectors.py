"""`spacy-lstm-sentiment vectors`: word vectors for a training to start from."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.tables import Delimiter, Encoding, Escape, Quoting

if TYPE_CHECKING:
    from spacy_lstm_sentiment.models.vector_files import WordVectors

TRAINING = "With --train"

Source = Annotated[
    Path,
    typer.Argument(
        help="GloVe or word2vec, text or binary, also .gz or in a .zip (glove.6B.zip/"
        "glove.6B.100d.txt); a folder with wordsList.npy and wordVectors.npy; with --train, text "
        "(.spacy, .jsonl, or a document a line; also .gz).",
    ),
]
OutputDir = Annotated[Path, typer.Argument(help="Folder of the vectors pipeline to write.")]
Lang = Annotated[str, typer.Option(help="Language of the pipeline, and of the tokenizer.")]
MaxWords = Annotated[
    int | None, typer.Option(min=1, help="Read only the first rows: the most frequent words.")
]
PruneTo = Annotated[
    list[Path] | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="Keep only words that occur in this .spacy file, as they are or lower-cased. "
        "Can be repeated.",
    ),
]
MinCount = Annotated[
    int | None,
    typer.Option(
        min=1, help="Drop words seen fewer times: by default 5 with --train, 1 with --prune-to."
    ),
]
KeepFirst = Annotated[
    int,
    typer.Option(
        min=0, help="With --prune-to, also keep SOURCE's first, most frequent words: so many."
    ),
]
Beside = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="Put the vectors of this pipeline beside: the words of both, the widths added up, "
        "zeros where a table lacks the word, scaled to the same spread.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite a pipeline in OUTPUT_DIR.")]
Train = Annotated[
    bool, typer.Option("--train", help="Train Word2Vec skip-gram on SOURCE (needs gensim).")
]
Dimensions = Annotated[
    int, typer.Option(min=1, help="Width of the vectors.", rich_help_panel=TRAINING)
]
Epochs = Annotated[int, typer.Option(min=1, help="Passes.", rich_help_panel=TRAINING)]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Random seed.", rich_help_panel=TRAINING)
]
NProcess = Annotated[
    int,
    typer.Option(min=1, help="Workers; reproducible with one only.", rich_help_panel=TRAINING),
]


def vectors(
    source: Source,
    output_dir: OutputDir,
    lang: Lang = "en",
    max_words: MaxWords = None,
    prune_to: PruneTo = None,
    min_count: MinCount = None,
    keep_first: KeepFirst = 0,
    beside: Beside = None,
    force: Force = False,
    train: Train = False,
    dimensions: Dimensions = 100,
    epochs: Epochs = 5,
    seed: Seed = 0,
    n_process: NProcess = 1,
    encoding: Encoding = "utf-8",
    delimiter: Delimiter = None,
    quoting: Quoting = None,
    escape: Escape = None,
) -> None:
    """Write a spaCy vectors pipeline from GloVe, word2vec or the tutorial's files, or train one."""
    if min_count and not (train or prune_to):
        raise typer.BadParameter("--min-count goes with --train or --prune-to.")
    if keep_first and not prune_to:
        raise typer.BadParameter("--keep-first goes with --prune-to.")
    from spacy_lstm_sentiment.models import vector_files
    from spacy_lstm_sentiment.records.dialect import Dialect
    from spacy_lstm_sentiment.training import vectors as tables
    from spacy_lstm_sentiment.training import word2vec

    read_paths = [path for path in (source, beside, *(prune_to or ())) if path]
    tables.require_writable(output_dir, force, read_paths)
    vocabulary = None
    if prune_to:
        vocabulary = tables.read_vocabulary(prune_to, 1 if train else min_count or 1)
    if train:
        read = word2vec.train_word2vec(
            word2vec.read_words(source, lang, Dialect(encoding, delimiter, quoting, escape)),
            source.stem,
            dimensions=dimensions,
            epochs=epochs,
            min_count=min_count or 5,
            seed=seed,
            n_process=n_process,
            max_words=max_words,
        )
    else:
        read = vector_files.read_vectors(source, max_words)
    if vocabulary is not None:
        vocabulary.update(read.words[:keep_first])
    if beside:
        read = tables.put_beside(read, tables.read_pipeline_vectors(beside))
    kept = read if vocabulary is None else tables.prune(read, vocabulary)
    tables.write_vectors(kept, output_dir, lang, force)
    typer.echo(_summary(kept, len(read.words), output_dir))


def _summary(kept: "WordVectors", n_read: int, output_dir: Path) -> str:
    return (
        f"{len(kept.words):,} of {n_read:,} words, {kept.table.shape[1]} dimensions, "
        f"{kept.table.nbytes / 1e6:.1f} MB: {output_dir}\n"
        f"In a training config: [paths] vectors = {json.dumps(str(output_dir))}"
    )
