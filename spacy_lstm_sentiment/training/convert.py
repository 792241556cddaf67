"""Reviews into spaCy's own training files (`.spacy`, a DocBin)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from spacy import Language
from spacy.tokens import Doc, DocBin
from tqdm import tqdm

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.files import open_whole
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
from spacy_lstm_sentiment.training.labels import label_set, make_cats
from spacy_lstm_sentiment.training.reviews import Review, split_by_group


def convert_reviews(
    reviews: Sequence[Review],
    nlp: Language,
    output: Path,
    dev: Path | None = None,
    dev_size: int = 0,
    seed: int = 0,
    even_neutral: bool = False,
) -> dict[Path, Sequence[Review]]:
    """Write reviews to `output` or, where there is a `dev`, to both by `split_by_group`.

    `even_neutral` makes NEUTRAL texts half POSITIVE and half NEGATIVE instead of a third label.
    Returns what each file holds. Raises InputError for a split that leaves nothing to train on.
    """
    files = {output: reviews}
    if dev is not None:
        files[output], files[dev] = split_by_group(reviews, dev_size, seed)
    labels = (POSITIVE, NEGATIVE) if even_neutral else label_set(review.label for review in reviews)
    for path, part in files.items():
        write_docbin(part, path, nlp, labels)
    return files


def write_docbin(
    reviews: Sequence[Review], path: Path, nlp: Language, labels: tuple[str, ...]
) -> None:
    """Write reviews as Docs with `cats` over `labels`, their text as it is."""
    write_docs(
        (
            _labelled(nlp.make_doc(review.text), make_cats(review.label, labels))
            for review in tqdm(reviews, desc=path.name, unit=" reviews", disable=None)
        ),
        path,
    )


def _labelled(doc: Doc, cats: dict[str, float]) -> Doc:
    doc.cats = cats
    return doc


def write_docs(docs: Iterable[Doc], path: Path) -> None:
    """Write the words and cats of documents to a .spacy file.

    The file appears under its name only once it is whole. Raises InputError where the documents are
    too many for one file.
    """
    # The words alone: the columns for tags, parses and entities would make the file ten times as
    # large in memory, and hold nothing.
    docbin = DocBin(attrs=["ORTH"], docs=docs, store_user_data=False)
    try:
        content = docbin.to_bytes()
    except ValueError as error:
        raise InputError(f"{path}: {error}: convert fewer documents at a time") from None
    with open_whole(path) as file:
        file.write(content)


def describe(files: dict[Path, Sequence[Review]]) -> str:
    """A table for people: each file's documents, documents of each label, and films."""
    labels = label_set(review.label for part in files.values() for review in part)
    rows = [("file", "documents", *labels, "films")]
    for path, part in files.items():
        counts = Counter(review.label for review in part)
        films = {review.group for review in part if review.group is not None}
        numbers = (len(part), *(counts[label] for label in labels), len(films))
        rows.append((str(path), *map(str, numbers)))
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        row[0].ljust(width) + "".join(cell.rjust(11) for cell in row[1:]) for row in rows
    )
