"""Tables of words, beside the vectors that they are of."""

from spacy_lstm_sentiment.models.static_vectors import StaticVectors
from spacy_lstm_sentiment.models.word_table import WordTable

TEXT = "great zyxwv FILM Film can\u2019t , naïve :-) "
WORD_TABLE = {"@architectures": "spacy-lstm-sentiment.WordTable.v1"}


def make_table(nlp, **settings):
    model = WordTable(**settings)
    model.initialize(X=[nlp.make_doc("film")])
    return model


def halved(nlp):
    nlp.vocab.vectors.data = nlp.vocab.vectors.data.astype("float16")
    return nlp


def both(nlp, *texts):
    """What StaticVectors and a WordTable make of texts."""
    docs = [nlp.make_doc(text) for text in texts]
    static = StaticVectors()
    static.initialize(X=docs)
    return static.predict(docs), make_table(nlp).predict(docs)
