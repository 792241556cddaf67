"""`nlp.add_pipe("lstm_sentiment_en")`: the component that ships with the package, trained."""

from collections.abc import Callable, Iterable
from typing import Any, cast

import spacy
from spacy.language import Language
from spacy.training import Example

from spacy_lstm_sentiment import PRETRAINED
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.attributes import keep_labels
from spacy_lstm_sentiment.pipeline.component import LSTMSentiment
from spacy_lstm_sentiment.pipeline.defaults import ASSIGNS, SCORE_WEIGHTS


@Language.factory(
    "lstm_sentiment_en",
    assigns=ASSIGNS,
    default_config={"neutral_band": 0.0, "attribute": "sentiment", "labels": None},
    default_score_weights=SCORE_WEIGHTS,
)
def make_lstm_sentiment_en(
    nlp: Language, name: str, neutral_band: float, attribute: str, labels: list[str] | None
) -> "ShippedSentiment":
    """Create the component with the shipped weights, and the vectors that they read by.

    neutral_band (float): Where `doc._.sentiment`, from -1 to 1, is nearer to 0 than this, the label
        is `NEUTRAL`. From 0 to 1. It changes no probability and no score of the evaluation.
    attribute (str): The name of `doc._.sentiment` and `span._.sentiment`, and the beginning of
        those of `doc._.sentiment_label` and `doc._.sentiment_by_sentence`: another one where
        another package has these, or for a second component.
    labels (list[str] | None): Those to say of documents, whose probabilities then sum to 1:
        `["POSITIVE", "NEGATIVE"]` makes a model of three labels one of two. `null`: all that the
        model knows.
    """
    settings: dict[str, Any] = {"neutral_band": neutral_band, "attribute": attribute}
    settings["labels"] = labels
    shipped = spacy.load(PRETRAINED)
    component = cast(LSTMSentiment, shipped.get_pipe("lstm_sentiment"))
    made = ShippedSentiment(nlp.vocab, component.model, name, **settings)
    keep_labels(dict.fromkeys(component.labels, 0.0), made.said_labels)
    made.cfg.update(component.cfg)
    return made


class ShippedSentiment(LSTMSentiment):
    """The trained component: what initialises a pipeline leaves its weights as they are."""

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
        positive_label: str | None = None,
    ) -> None:
        """Keep labels and weights: training goes on from there.

        RAISES InputError: Other labels are asked for.
        """
        if labels is not None and tuple(labels) != self.labels:
            raise self._other_labels()
        if positive_label is not None:
            self.cfg["positive_label"] = positive_label

    def add_label(self, label: str) -> int:
        """Nothing, for a label that it has.

        RAISES InputError: It has no such label: with another the factory would not make it again.
        """
        if label in self.labels:
            return 0
        raise self._other_labels()

    def _other_labels(self) -> InputError:
        return InputError(
            f"[{self.name}] is trained, with the labels {', '.join(self.labels)}: for others train "
            "a component of your own, with the factory lstm_sentiment, or go on from this one, "
            'nlp.add_pipe("lstm_sentiment", source=spacy_lstm_sentiment.load())'
        )
