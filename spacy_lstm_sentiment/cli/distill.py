"""`spacy-lstm-sentiment distill`: unlabelled documents, labelled by trained pipelines."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.cli.convert import check_suffix
from spacy_lstm_sentiment.cli.pipelines import load_pipeline
from spacy_lstm_sentiment.errors import InputError

if TYPE_CHECKING:
    from spacy.vocab import Vocab

    from spacy_lstm_sentiment.training.distillation import Teacher as Labeller

Source = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A .spacy file, labelled or not.")
]
Output = Annotated[Path, typer.Argument(help="The .spacy file to write.", callback=check_suffix)]
Teacher = Annotated[
    list[Path] | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help="Folder of a pipeline, or of what `finetune` made. Can be repeated.",
    ),
]
NgramsOf = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="Let a classifier of n-grams teach as well, fitted to this labelled .spacy file "
        "(needs scikit-learn).",
    ),
]
Sentences = Annotated[
    int | None,
    typer.Option(min=1, help="Take so many single sentences, at random, instead of documents."),
]
Seed = Annotated[int, typer.Option(help="Chooses the sentences.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Documents a teacher reads at a time.")]


def distill(
    source: Source,
    output: Output,
    teacher: Teacher = None,
    ngrams_of: NgramsOf = None,
    sentences: Sentences = None,
    seed: Seed = 0,
    batch_size: BatchSize = 1000,
) -> None:
    """Label documents with the mean of teachers' log-odds, to train a student on.

    The cats of OUTPUT are probabilities, which lstm_sentiment learns as they are. NEUTRAL is among
    them if it is among a teacher's.
    """
    if not teacher and not ngrams_of:
        raise typer.BadParameter("name a --teacher, or --ngrams-of")
    from spacy.vocab import Vocab

    from spacy_lstm_sentiment.files import require_distinct
    from spacy_lstm_sentiment.training.convert import write_docs
    from spacy_lstm_sentiment.training.distillation import label_documents, sample_sentences
    from spacy_lstm_sentiment.training.vectors import read_docs

    read = [path for path in (source, ngrams_of, *(teacher or ())) if path]
    require_distinct({"OUTPUT": output}, read)
    vocab = Vocab()
    teachers = [_load_teacher(path) for path in teacher or ()]
    if ngrams_of:
        teachers.append(_fit_ngrams(ngrams_of, vocab))
    docs = list(read_docs(source, vocab))
    if sentences:
        docs = sample_sentences(docs, sentences, seed)
    label_documents(docs, teachers, batch_size=batch_size)
    output.parent.mkdir(parents=True, exist_ok=True)
    write_docs(docs, output)
    typer.echo(f"{len(docs):,} documents, labelled by {len(teachers)} teachers: {output}")


def _load_teacher(path: Path) -> "Labeller":
    from spacy_lstm_sentiment.training.distillation import encoder_teacher, pipeline_teacher
    from spacy_lstm_sentiment.training.encoder_teacher import EncoderTeacher, is_encoder_teacher

    if is_encoder_teacher(path):
        return encoder_teacher(EncoderTeacher.from_disk(path), str(path))
    return pipeline_teacher(load_pipeline(path))


def _fit_ngrams(path: Path, vocab: "Vocab") -> "Labeller":
    from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
    from spacy_lstm_sentiment.training.distillation import ngram_teacher
    from spacy_lstm_sentiment.training.ngram_teacher import NgramTeacher
    from spacy_lstm_sentiment.training.vectors import read_docs

    docs = [
        (doc, label)
        for doc in read_docs(path, vocab)
        for label in (POSITIVE, NEGATIVE)
        if doc.cats.get(label) == 1.0
    ]
    if not docs:
        raise InputError(f"{path}: has no documents labelled {POSITIVE} or {NEGATIVE}")
    texts, labels = zip(*docs, strict=True)
    return ngram_teacher(NgramTeacher(texts, labels))
