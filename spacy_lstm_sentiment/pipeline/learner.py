"""What a sentiment component learns from: probabilities of labels, and what it knew before."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import numpy
from spacy.errors import Errors
from spacy.language import Language
from spacy.pipeline.textcat import TextCategorizer
from spacy.training import Example, validate_examples
from thinc.api import Optimizer, set_dropout_rate

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import has_listener
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE
from spacy_lstm_sentiment.settings import Setting, require_number

ROUNDING = 1e-3  # by which probabilities may miss a sum of 1


Weights = Mapping[str, float] | Literal["balanced"] | None


def require_weights(name: str, weights: Weights) -> None:
    """RAISES InputError: The class_weights of a component are no weights."""
    if weights is None or weights == "balanced":
        return
    if not isinstance(weights, Mapping):
        raise InputError(
            f'[{name}] class_weights {weights!r} has to be "balanced", or a number for each label'
        )
    for label, weight in weights.items():
        require_number(f"[{name}] class_weights: {label}", weight)


class SentimentLearner(TextCategorizer):
    """A TextCategorizer that learns from probabilities, and weighs examples by their labels."""

    class_weights = Setting("class_weights")

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Iterable[str] | None = None,
        positive_label: str | None = None,
    ) -> None:
        """Learn the labels from the examples, unless they are given, and shape the model.

        RAISES InputError: POSITIVE or NEGATIVE is not among the labels, or a weight is for none.
        """
        given = get_examples
        if not self.model.attrs.get("reads_empty"):

            def get_examples() -> Iterable[Example]:
                return (example for example in given() if len(example.reference))

        super().initialize(get_examples, nlp=nlp, labels=labels, positive_label=positive_label)
        if not {POSITIVE, NEGATIVE} <= set(self.labels):
            raise InputError(
                f"[{self.name}] needs the labels {POSITIVE} and {NEGATIVE}, the data has "
                f"{', '.join(self.labels)}: rename its labels (`spacy-lstm-sentiment convert` "
                "does), or use the model with spaCy's textcat"
            )
        if self.class_weights == "balanced":
            self.cfg["balanced_weights"] = self._balanced_weights(get_examples())
        self._require_known_weights()

    def update(
        self,
        examples: Iterable[Example],
        *,
        losses: dict[str, float] | None = None,
        **settings: Any,
    ) -> dict[str, float]:
        """As TextCategorizer's; of empty documents, which spaCy's layers cannot take, it learns
        nothing with those, and examples that are none of its own leave its weights alone: those of
        a tagger beside it, say, at each of which an optimizer would let them decay.

        RAISES InputError: The weights are not those of its labels: a trained component, whose
            config may be changed, is not initialised again.
        """
        self._require_known_weights()
        if self.class_weights == "balanced" and not self.cfg["balanced_weights"]:
            raise InputError(
                f'[{self.name}] class_weights = "balanced" counts the labels of the examples at '
                "initialisation, and has counted none: name a number for each label"
            )
        if not self.model.attrs.get("reads_empty"):
            examples = [example for example in examples if len(example.predicted)]
        losses = {} if losses is None else losses
        # A shared tok2vec counts on each of its listeners.
        if self.labels and not has_listener(self.model) and not self._has_gold(examples):
            losses.setdefault(self.name, 0.0)
            return losses
        return super().update(examples, losses=losses, **settings)

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn to say of documents what was said of them when `nlp.resume_training` was called.

        Unlike TextCategorizer's, what was said is a prediction: no dropout is in it.
        """
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        validate_examples(examples, f"{type(self).__name__}.rehearse")
        docs = [example.predicted for example in examples]
        if not self.model.attrs.get("reads_empty"):
            docs = list(filter(len, docs))
        if self._rehearsal_model is None or not any(map(len, docs)):
            return losses
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update(docs)
        difference = scores - self._rehearsal_model.predict(docs)
        backprop(difference)
        if sgd is not None:
            self.finish_update(sgd)
        losses[self.name] += float((difference**2).sum())
        return losses

    def _require_known_weights(self) -> None:
        """RAISES InputError: A weight is for none of the labels."""
        if not isinstance(self.class_weights, Mapping):
            return
        unknown = [label for label in self.class_weights if label not in self.labels]
        if unknown:
            raise InputError(
                f"[{self.name}] class_weights: {', '.join(unknown)} is none of the labels "
                f"{', '.join(self.labels)}"
            )

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

    def _has_gold(self, examples: Iterable[Example]) -> bool:
        validate_examples(examples, f"{type(self).__name__}.update")
        self._validate_categories(examples)
        return any(any(self._gold(example)) for example in examples)

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
