"""What the component is made of unless a config says otherwise, and what spaCy is told of it."""

from thinc.api import Config

DEFAULT_CONFIG = Config().from_str(
    """
[model]
@architectures = "spacy-lstm-sentiment.TextClassifier.v1"
pooling = ["max", "mean"]
dropout = null
max_length = 0
exclusive_classes = true
linear_model = null
nO = null

[model.tok2vec]
@architectures = "spacy.Tok2Vec.v2"

[model.tok2vec.embed]
@architectures = "spacy-lstm-sentiment.WordTable.v1"
vectors = null
word_dropout = 0.0
embedding_dropout = 0.0

[model.tok2vec.encode]
@architectures = "spacy-lstm-sentiment.LSTMEncoder.v1"
width = 256
depth = 1
bidirectional = true
dropout = 0.0
mixed_precision = true

[scorer]
@scorers = "spacy-lstm-sentiment.sentiment_scorer.v1"
"""
)

ASSIGNS = [
    "doc.cats",
    "doc.sentiment",
    "doc._.sentiment",
    "doc._.sentiment_label",
    "doc._.sentiment_by_sentence",
    "span._.sentiment",
]
SCORE_WEIGHTS = {
    "sentiment_acc": 1.0,
    "cats_score": 0.0,
    "cats_score_desc": None,
    "cats_micro_p": None,
    "cats_micro_r": None,
    "cats_micro_f": None,
    "cats_macro_p": None,
    "cats_macro_r": None,
    "cats_macro_f": None,
    "cats_macro_auc": None,
    "cats_f_per_type": None,
}
