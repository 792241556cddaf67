"""What has to be beaten: classifiers that need no network."""

from collections import Counter
from collections.abc import Sequence

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.texts import Text


def majority(training: Sequence[Text], texts: Sequence[Text]) -> list[str]:
    """The most frequent label of the training texts, for each text."""
    ((label, _),) = Counter(text.label for text in _labelled(training)).most_common(1)
    return [str(label)] * len(texts)


def tfidf(training: Sequence[Text], texts: Sequence[Text]) -> list[str]:
    """Labels of texts by logistic regression on TF-IDF of words and pairs of words.

    RAISES InputError: The training texts have fewer than two labels.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    labelled = _labelled(training)
    labels = [text.label for text in labelled]
    if len(set(labels)) < 2:
        raise InputError("The baseline needs texts of two labels to learn from")
    classifier = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(C=10.0, max_iter=1000),
    )
    classifier.fit([text.text for text in labelled], labels)
    return [str(label) for label in classifier.predict([text.text for text in texts])]


def _labelled(texts: Sequence[Text]) -> list[Text]:
    labelled = [text for text in texts if text.label is not None]
    if not labelled:
        raise InputError("The baseline needs labelled texts to learn from")
    return labelled
