"""The pipeline component `lstm_sentiment`."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from spacy_lstm_sentiment.errors import Damaged, Untrained
from spacy_lstm_sentiment.pipeline.attributes import (
    keep_labels,
    require_attribute,
    require_polarity,
    sentiment_in,
    write_said,
)
from spacy_lstm_sentiment.pipeline.checksum import verify_checksum, write_checksum
from spacy_lstm_sentiment.pipeline.defaults import ASSIGNS, DEFAULT_CONFIG, SCORE_WEIGHTS
from spacy_lstm_sentiment.pipeline.learner import SentimentLearner, require_weights
from spacy_lstm_sentiment.pipeline.metrics import score_sentiment
from spacy_lstm_sentiment.pipeline.origin import announce
from spacy_lstm_sentiment.settings import Setting, require_number


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


class LSTMSentiment(SentimentLearner):
    """Scores the sentiment of documents.

    A TextCategorizer whose labels have to include POSITIVE and NEGATIVE. It sets `doc.cats`, a
    probability for each label, and P(POSITIVE) - P(NEGATIVE) as `doc.sentiment` and
    `doc._.sentiment`; `doc._.sentiment_label` is the label that follows.

    id (str): By which its documents find it; its copies have the same.
    """

    neutral_band = Setting("neutral_band")
    attribute = Setting("attribute")
    said_labels = Setting("labels")

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
        require_number(f"[{name}] neutral_band", neutral_band, most=1.0)
        require_number(f"[{name}] threshold", threshold, most=1.0)
        require_attribute(name, attribute)
        require_weights(name, class_weights)
        self.settings = {
            "neutral_band": neutral_band,
            "class_weights": class_weights,
            "attribute": attribute,
            "labels": None if labels is None else require_polarity(name, labels),
        }
        self.cfg["balanced_weights"] = {}  # learnt from the examples
        self.id = uuid4().hex
        announce(self)

    def __setstate__(self, state: Any) -> None:
        """A copy, in this process or another."""
        super().__setstate__(state)
        announce(self)

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
        """Save the component, and a checksum by which `from_disk` knows a damaged pipeline."""
        super().to_disk(path, exclude=exclude)
        if "model" not in exclude:
            write_checksum(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "LSTMSentiment":
        """Load what `to_disk` saved.

        RAISES Damaged: A part is missing, broken, or doesn't fit the config.
        """
        path = Path(path)
        try:
            if "cfg" not in exclude and not (path / "cfg").exists():
                raise ValueError("the file cfg, which has the labels, is missing")
            if "model" not in exclude:
                verify_checksum(path)
            super().from_disk(path, exclude=exclude)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = " ".join(str(error).split())
            raise Damaged(
                f"[{self.name}] cannot be loaded from {path}: {reason}. Copy the pipeline again, "
                "or train it again if its config was changed"
            ) from error
        return self
