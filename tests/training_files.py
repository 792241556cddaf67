"""A training so small that a test runs it in a second, with all loggers."""

import spacy
from small_pipeline import REVIEWS, make_examples, make_vectors_nlp
from spacy.tokens import DocBin
from spacy.util import load_model_from_config
from thinc.api import Config

CONFIG = """
[nlp]
lang = "en"
pipeline = ["lstm_sentiment"]

[components]

[components.lstm_sentiment]
factory = "lstm_sentiment"

[components.lstm_sentiment.model]

[components.lstm_sentiment.model.tok2vec]

[components.lstm_sentiment.model.tok2vec.encode]
width = 16
mixed_precision = false

[corpora]

[corpora.train]
@readers = "spacy.Corpus.v1"
path = "train.spacy"

[corpora.dev]
@readers = "spacy.Corpus.v1"
path = "dev.spacy"

[training]
max_steps = 12
eval_frequency = 4
seed = 0

[training.optimizer]
@optimizers = "Adam.v1"

[training.optimizer.learn_rate]
@schedules = "warmup_linear.v1"
warmup_steps = 4
total_steps = 20
initial_rate = 0.01

[training.logger]
@loggers = "spacy.ChainLogger.v1"

[training.logger.logger1]
@loggers = "spacy.ConsoleLogger.v1"

[training.logger.logger2]
@loggers = "spacy-lstm-sentiment.JSONLLogger.v1"

[training.logger.logger3]
@loggers = "spacy-lstm-sentiment.TensorBoardLogger.v1"

[initialize]
vectors = "vectors"
"""


def write_training_files(folder):
    """train.cfg and the files that it names."""
    make_vectors_nlp().to_disk(folder / "vectors")
    for name, reviews in (("train", REVIEWS * 2), ("dev", REVIEWS)):
        examples = make_examples(spacy.blank("en"), reviews)
        DocBin(docs=[example.reference for example in examples]).to_disk(folder / f"{name}.spacy")
    config = Config().from_str(CONFIG)
    for corpus in ("train", "dev"):
        config["corpora"][corpus]["path"] = str(folder / f"{corpus}.spacy")
    config["initialize"]["vectors"] = str(folder / "vectors")
    load_model_from_config(config, auto_fill=True).config.to_disk(folder / "train.cfg")
