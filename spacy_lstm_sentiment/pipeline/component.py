"""The pipeline component `lstm_sentiment`."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import numpy
from spacy.errors import Errors
from spacy.language import Language
from spacy.pipeline.textcat import TextCategorizer
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from spacy_lstm_sentiment.errors import Damaged, InputError, Untrained
from spacy_lstm_sentiment.models.word_table import tables_of
from spacy_lstm_sentiment.pipeline.attributes import (
    NEGATIVE,
    POSITIVE,
    keep_labels,
    require_attribute,
    require_polarity,
    sentiment_in,
    write_said,
)
from spacy_lstm_sentiment.pipeline.checksums import verify_checksums, write_checksums
from spacy_lstm_sentiment.pipeline.defaults import ASSIGNS, DEFAULT_CONFIG, SCORE_WEIGHTS
from spacy_lstm_sentiment.pipeline.origin import announce
from spacy_lstm_sentiment.pipeline.scorer import score_sentiment

ROUNDING = 1e-3  # by which probabilities may miss a sum of 1


@Language.factory(
    "lstm_sentiment",
    assigns=ASSIGNS,
    default_config={
        "neutral_band": 0.0,
        "class_weights": None,
        "threshold": 0.0,
        "attribute": "sentiment",
        "labels": None,
        **DEFAULT_CONFIG,
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_sentiment(
    nlp: Language,
    name: str,
    model: Model[list[Doc], Floats2d],
    neutral_band: float,
    class_weights: dict[str, float] | Literal["balanced"] | None,
    threshold: float,
    attribute: str,
    labels: list[str] | None,
    scorer: Callable[..., dict[str, Any]] | None,
) -> "LSTMSentiment":
    """Create the component from its config.

    model (Model[list[Doc], Floats2d]): The model.
    neutral_band (float): Where `doc._.sentiment`, from -1 to 1, is nearer to 0 than this, the label
        is `NEUTRAL`. From 0 to 1. It changes no probability and no score of the evaluation.
    class_weights (dict[str, float] | Literal['balanced'] | None): How much an example of each label
        weighs in training. `"balanced"` takes the weights from the training data at initialisation,
        so that all labels weigh the same together. A label that is not named weighs 1.
    threshold (float): As in `TextCategorizer`: exclusive classes don't need it, spaCy's tools
        expect it.
    attribute (str): The name of `doc._.sentiment` and `span._.sentiment`, and the beginning of
        those of `doc._.sentiment_label` and `doc._.sentiment_by_sentence`: another one where
        another package has these, or for a second component.
    labels (list[str] | None): Those to say of documents, whose probabilities then sum to 1:
        `["POSITIVE", "NEGATIVE"]` makes a model of three labels one of two. `null`: all that the
        model knows.
    scorer (Callable[..., dict[str, Any]] | None): The scoring method.
    """
    return LSTMSentiment(
        nlp.vocab,
        model,
        name,
        neutral_band=neutral_band,
        class_weights=class_weights,
        threshold=threshold,
        attribute=attribute,
        labels=labels,
        scorer=scorer,
    )


class LSTMSentiment(TextCategorizer):
    """Scores the sentiment of documents.

    A TextCategorizer whose labels have to include POSITIVE and NEGATIVE. It sets `doc.cats`, a
    probability for each label, and P(POSITIVE) - P(NEGATIVE) as `doc.sentiment` and
    `doc._.sentiment`; `doc._.sentiment_label` is the label that follows.

    id (str): By which its documents find it; its copies have the same.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model[list[Doc], Floats2d],
        name: str = "lstm_sentiment",
        *,
        neutral_band: float = 0.0,
        class_weights: dict[str, float] | Literal["balanced"] | None = None,
        threshold: float = 0.0,
        attribute: str = "sentiment",
        labels: Iterable[str] | None = None,
        scorer: Callable[..., dict[str, Any]] | None = score_sentiment,
    ) -> None:
        """Create the component.

        neutral_band (float): Where the sentiment, from -1 to 1, is nearer to 0 than this, the
            label is NEUTRAL.
        class_weights (dict[str, float] | "balanced" | None): How much an example of each label
            weighs in training; "balanced" makes all labels weigh the same together. A label that
            is not named weighs 1.
        threshold (float): As in TextCategorizer: exclusive classes don't need it, spaCy's tools
            expect it.
        attribute (str): The name of `doc._.sentiment` and `span._.sentiment`, and the beginning of
            those of `doc._.sentiment_label` and `doc._.sentiment_by_sentence`.
        labels (Iterable[str] | None): Those to say of documents, whose probabilities then sum to
            1: POSITIVE and NEGATIVE leave out the NEUTRAL of a model that knows it. None: all.
        RAISES InputError: A setting is out of its range.
        """
        super().__init__(vocab, model, name, threshold=threshold, scorer=scorer)
        if not 0.0 <= neutral_band <= 1.0:
            raise InputError(f"[{name}] neutral_band {neutral_band} has to be from 0 to 1")
        require_attribute(name, attribute)
        self._neutral_band = neutral_band
        self.attribute = attribute
        self.said_labels = None if labels is None else require_polarity(name, labels)
        self.class_weights = class_weights
        self.cfg["balanced_weights"] = {}  # learnt from the examples
        self.id = uuid4().hex
        announce(self)

    def __setstate__(self, state: Any) -> None:
        """A copy, in this process or another."""
        super().__setstate__(state)
        announce(self)

    @property
    def neutral_band(self) -> float:
        """Where the sentiment is nearer to 0 than this, the label is NEUTRAL."""
        return self._neutral_band

    @neutral_band.setter
    def neutral_band(self, value: float) -> None:
        raise InputError(
            f"[{self.name}] neutral_band is a setting of the config, with which it is saved: add "
            f'the component with config={{"neutral_band": {value}}}, or load its pipeline with '
            f'config={{"components": {{"{self.name}": {{"neutral_band": {value}}}}}}}'
        )

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
        positive_label: str | None = None,
    ) -> None:
        """Learn the labels from the examples, unless they are given, and shape the model.

        RAISES InputError: POSITIVE or NEGATIVE is not among the labels.
        """
        super().initialize(get_examples, nlp=nlp, labels=labels, positive_label=positive_label)
        if not {POSITIVE, NEGATIVE} <= set(self.labels):
            raise InputError(
                f"[{self.name}] needs the labels {POSITIVE} and {NEGATIVE}, the data has "
                f"{', '.join(self.labels)}: rename its labels (`spacy-lstm-sentiment convert` "
                "does), or use the model with spaCy's textcat"
            )
        if self.class_weights == "balanced":
            self.cfg["balanced_weights"] = self._balanced_weights(get_examples())

    def predict(self, docs: Iterable[Doc]) -> Floats2d:
        """Probabilities, one row a document and one column a label, on the model's device.

        An architecture of another package reads no empty documents: they get zeros.

        RAISES Untrained: The component is not trained.
        """
        if not self.labels:
            raise Untrained(
                f"[{self.name}] is not trained yet: train it with `spacy train`, initialise it "
                "with nlp.initialize(get_examples), or take a trained one with "
                f'nlp.add_pipe("{self.name}", source=trained_nlp)'
            )
        docs, ops = list(docs), self.model.ops
        if self.model.attrs.get("reads_empty"):
            return ops.asarray2f(self.model.predict(docs))
        scores = ops.alloc2f(len(docs), len(self.labels))
        read = [number for number, doc in enumerate(docs) if len(doc)]
        if read:
            scores[read] = ops.asarray2f(self.model.predict([docs[number] for number in read]))
        return scores

    def set_annotations(self, docs: Iterable[Doc], scores: Floats2d) -> None:
        """Write the probabilities of `predict` to the documents."""
        rows = self.model.ops.to_numpy(scores).tolist()  # one transfer from the device
        for doc, row in zip(docs, rows, strict=True):
            cats = keep_labels(dict(zip(self.labels, row, strict=True)), self.said_labels)
            doc.cats.update(cats)
            doc.sentiment = sentiment_in(cats)
            write_said(doc, self.attribute, self.id, cats, self.neutral_band)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component, and checksums by which `from_disk` knows a damaged pipeline."""
        super().to_disk(path, exclude=exclude)
        if "model" not in exclude:
            write_checksums(Path(path), self.vocab, owns_vectors=bool(tables_of(self.model)))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "LSTMSentiment":
        """Load what `to_disk` saved.

        RAISES Damaged: A part is missing, broken, or doesn't fit the config.
        """
        path = Path(path)
        try:
            if "cfg" not in exclude and not (path / "cfg").exists():
                raise ValueError("the file cfg, which has the labels, is missing")
            if "model" not in exclude:
                verify_checksums(path, self.vocab)
            super().from_disk(path, exclude=exclude)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise Damaged(
                f"[{self.name}] cannot be loaded from {path}: {reason}. Copy the pipeline again, "
                "or train it again if its config was changed"
            ) from error
        return self

    def _validate_categories(self, examples: Iterable[Example]) -> None:
        """RAISES ValueError: An example's cats are no probabilities, or those of several labels.

        TextCategorizer takes no values but 0 and 1; a teacher's labels lie in between.
        """
        for example in examples:
            cats = example.reference.cats
            if any(not 0.0 <= value <= 1.0 for value in cats.values()):
                raise InputError(
                    f"[{self.name}] cats have to be probabilities, from 0 to 1: {cats}"
                )
            if sum(cats.values()) > 1.0 + ROUNDING:
                raise ValueError(Errors.E895.format(value=cats))

    def _examples_to_truth(self, examples: Iterable[Example]) -> tuple[Any, Any]:
        """The gold probabilities, and the weight of each in the loss; both (examples, labels).

        An example none of whose labels has any probability says nothing and weighs 0.
        """
        truths = numpy.array([self._gold(example) for example in examples], dtype="f")
        weights = truths @ numpy.array([self._weight(label) for label in self.labels], dtype="f")
        weights = numpy.repeat(weights[:, None], len(self.labels), axis=1)
        return self.model.ops.xp.asarray(truths), weights

    def _gold(self, example: Example) -> list[float]:
        """The probability of each label, which sum to 1, or to 0 where there is no annotation."""
        values = [example.reference.cats.get(label, 0.0) for label in self.labels]
        return [value / (sum(values) or 1.0) for value in values]

    def _weight(self, label: str) -> float:
        if self.class_weights == "balanced":
            return self.cfg["balanced_weights"].get(label, 1.0)
        return (self.class_weights or {}).get(label, 1.0)

    def _balanced_weights(self, examples: Iterable[Example]) -> dict[str, float]:
        counts = numpy.sum([self._gold(example) for example in examples], axis=0).tolist()
        found = {label: n for label, n in zip(self.labels, counts, strict=True) if n}
        return {label: sum(counts) / (len(found) * n) for label, n in found.items()}
