"""A bag-of-n-grams classifier to learn from beside networks, which err elsewhere."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from spacy_lstm_sentiment.errors import InputError, require
from spacy_lstm_sentiment.models.normalizing import spellings
from spacy_lstm_sentiment.pipeline.attributes import NEGATIVE, POSITIVE

Floats = npt.NDArray[np.float32]

NGRAM_SIZE = 3
INVERSE_REGULARIZATION = 20.0


class NgramTeacher:
    """Logistic regression on the log-count ratios of n-grams (Wang & Manning, 2012: "NB-LR").

    A document's features are its n-grams of one to three lower-cased words; each that it has, once
    or more often, counts by how much more frequent it is in one label than in the other.
    """

    def __init__(self, docs: Sequence[Doc], labels: Sequence[str], *, min_count: int = 2):
        """Fit it to documents labelled POSITIVE or NEGATIVE.

        min_count (int): n-grams of fewer documents are left out.
        RAISES MissingExtra: scikit-learn is not installed.
        RAISES InputError: A label has no document.
        """
        text = require("sklearn.feature_extraction.text", "distill", "The n-gram teacher")
        linear = require("sklearn.linear_model", "distill", "The n-gram teacher")
        positive = np.array([label == POSITIVE for label in labels])
        if positive.all() or not positive.any():
            raise InputError(
                f"The n-gram teacher needs documents labelled {POSITIVE} and {NEGATIVE}"
            )
        self.vectorizer = text.CountVectorizer(
            analyzer=ngrams, binary=True, min_df=min_count, dtype=np.float32
        )
        counts = self.vectorizer.fit_transform(docs)
        in_positive = np.asarray(counts[positive].sum(axis=0)).ravel() + 1.0
        in_negative = np.asarray(counts[~positive].sum(axis=0)).ravel() + 1.0
        self.ratios = np.log(
            in_positive / in_positive.sum() * in_negative.sum() / in_negative
        ).astype(np.float32)
        self.classifier = linear.LogisticRegression(
            C=INVERSE_REGULARIZATION, solver="liblinear", dual=True, max_iter=1000, random_state=0
        ).fit(self._features(counts), positive)

    def predict(self, docs: Iterable[Doc]) -> Floats:
        """P(POSITIVE) of each document. *Shape:* (documents,)"""
        features = self._features(self.vectorizer.transform(docs))
        return self.classifier.predict_proba(features)[:, 1].astype(np.float32)

    def _features(self, counts: Any) -> Any:
        from sklearn.preprocessing import normalize

        return normalize(counts.multiply(self.ratios).tocsr())


def ngrams(doc: Doc) -> list[str]:
    words = [spellings(token.text)[1] for token in doc if not token.text.isspace()]
    return [
        " ".join(words[start : start + n])
        for n in range(1, NGRAM_SIZE + 1)
        for start in range(len(words) - n + 1)
    ]
