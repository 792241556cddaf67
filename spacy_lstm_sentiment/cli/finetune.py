"""`spacy-lstm-sentiment finetune`: a pretrained encoder becomes a teacher for `distill`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_lstm_sentiment.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

CHECKPOINT = "checkpoint.pt"

Corpus = Annotated[
    list[Path],
    typer.Argument(exists=True, dir_okay=False, help="Labelled .spacy files, as of `convert`."),
]
Output = Annotated[
    Path,
    typer.Option(
        file_okay=False, help="Folder of the teacher, and of the checkpoint to go on from."
    ),
]
Encoder = Annotated[
    str,
    typer.Option(
        help="Folder, or name on Hugging Face's hub, of a transformers encoder whose weights "
        "are safetensors."
    ),
]
Epochs = Annotated[int, typer.Option(min=1, help="Times each text is read.")]
LearnRate = Annotated[float, typer.Option(min=0.0, help="At the start; it falls to zero.")]
Tokens = Annotated[int, typer.Option(min=1, help="Longer texts are read so far from both ends.")]
Seed = Annotated[int, typer.Option(help="Chooses the order of the texts.")]


def finetune(
    corpus: Corpus,
    output: Output,
    encoder: Encoder = "sentence-transformers/all-mpnet-base-v2",
    epochs: Epochs = 1,
    learn_rate: LearnRate = 2e-5,
    tokens: Tokens = 128,
    seed: Seed = 0,
) -> None:
    """Fine-tune a pretrained encoder on labelled texts, to label others with `distill`.

    On a GPU if there is one. A run that was ended is gone on with by the same command.
    """
    from spacy_lstm_sentiment.training.encoder_teacher import EncoderTeacher, is_encoder_teacher
    from spacy_lstm_sentiment.training.fine_tuning import fine_tune
    from spacy_lstm_sentiment.training.folders import whole_folder

    if is_encoder_teacher(output):
        raise Conflict(f"{output}: holds a teacher already: remove it, or name another --output")
    if output.exists() and {path.name for path in output.iterdir()} - {CHECKPOINT}:
        raise Conflict(f"{output}: has other content than a checkpoint: name another --output")
    texts, labels, targets = _read_labelled(corpus)
    teacher = EncoderTeacher.from_pretrained(encoder, labels, n_tokens=tokens)
    output.mkdir(parents=True, exist_ok=True)
    fine_tune(
        teacher,
        texts,
        targets,
        output / CHECKPOINT,
        learn_rate=learn_rate,
        epochs=epochs,
        seed=seed,
    )
    with whole_folder(output) as folder:  # without the checkpoint, which is not needed any more
        teacher.to_disk(folder)
    typer.echo(f"{output}: learnt {', '.join(labels)} from {len(texts):,} texts")


def _read_labelled(
    paths: "Sequence[Path]",
) -> "tuple[list[str], tuple[str, ...], npt.NDArray[np.float32]]":
    """All texts without their HTML, the labels that they have, and the probabilities of each."""
    import numpy as np
    from spacy.vocab import Vocab

    from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, NEUTRAL, POSITIVE
    from spacy_lstm_sentiment.pipeline.cleaning import clean_html
    from spacy_lstm_sentiment.training.vectors import read_docs

    vocab = Vocab()
    docs = [doc for path in paths for doc in read_docs(path, vocab) if any(doc.cats.values())]
    found = {label for doc in docs for label, value in doc.cats.items() if value}
    labels = tuple(label for label in (POSITIVE, NEGATIVE, NEUTRAL) if label in found)
    if len(labels) < 2:
        raise InputError(
            f"{', '.join(map(str, paths))}: there are no texts of two labels at least of "
            f"{POSITIVE}, {NEGATIVE}, {NEUTRAL}"
        )
    targets = np.array([[doc.cats.get(label, 0.0) for label in labels] for doc in docs], dtype="f")
    targets /= targets.sum(axis=1, keepdims=True)
    return [clean_html(doc.text) for doc in docs], labels, targets
