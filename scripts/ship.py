"""Puts a trained pipeline into the package: with its papers, without strings nothing needs.

python scripts/ship.py training/calibrated vectors/joined corpus/dev spacy_lstm_sentiment/pretrained
"""

import shutil
import sys
from pathlib import Path
from typing import Any

import spacy
import srsly
from spacy.language import Language
from spacy.training import Corpus
from spacy.vectors import Vectors
from thinc.api import Config

import spacy_lstm_sentiment
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, NGRAM_BAG, leaves
from spacy_lstm_sentiment.models.word_table import table_in

LEARN_RATE = 0.0005  # of who trains it further

META = {
    "name": "sentiment_lstm_sm",
    "version": spacy_lstm_sentiment.__version__,
    "spacy_version": ">=3.8.7,<4.0.0",
    "description": "Sentiment of English texts, positive, negative or neutral: a bidirectional "
    "LSTM over static word vectors, with a linear model of n-grams beside it",
    "author": "the spacy-lstm-sentiment developers",
    "license": "MIT; see sources for the terms of the data",
    "sources": [
        {
            "name": "Large Movie Review Dataset v1.0",
            "author": "Maas et al., 2011",
            "url": "https://ai.stanford.edu/~amaas/data/sentiment/",
            "license": "free to use with citation; the reviews themselves are not included",
        },
        {
            "name": "Stanford Sentiment Treebank",
            "author": "Socher et al., 2013",
            "url": "https://github.com/stanfordnlp/sentiment-treebank",
            "license": "free to use with citation; none stated",
        },
        {
            "name": "Pros and cons of products",
            "author": "Ganapathibhotla and Liu, 2008",
            "url": "https://github.com/nltk/nltk_data",
            "license": "CC BY 4.0",
        },
        {
            "name": "Subjectivity dataset, objective sentences",
            "author": "Pang and Lee, 2004",
            "url": "https://github.com/nltk/nltk_data",
            "license": "CC BY 4.0",
        },
        {
            "name": "Opinion lexicon",
            "author": "Hu and Liu, 2004",
            "url": "https://github.com/nltk/nltk_data",
            "license": "CC BY 4.0",
        },
        {
            "name": "VADER's lexicon",
            "author": "Hutto and Gilbert, 2014",
            "url": "https://github.com/cjhutto/vaderSentiment",
            "license": "MIT",
        },
        {
            "name": "NewsMTSC",
            "author": "Hamborg and Donnay, 2021",
            "url": "https://github.com/fhamborg/NewsMTSC",
            "license": "MIT",
        },
        {
            "name": "Senti4SD",
            "author": "Calefato et al., 2018",
            "url": "https://github.com/collab-uniba/Senti4SD",
            "license": "MIT",
        },
        {
            "name": "corpus/sentences.jsonl, corpus/train.jsonl and corpus/plain.jsonl",
            "author": "the spacy-lstm-sentiment developers",
            "url": "",
            "license": "MIT",
        },
        {
            "name": "all-mpnet-base-v2, as a teacher",
            "author": "the sentence-transformers developers",
            "url": "https://huggingface.co/sentence-transformers/all-mpnet-base-v2",
            "license": "Apache 2.0; its weights are not included",
        },
        {
            "name": "GloVe 6B",
            "author": "Pennington et al., 2014",
            "url": "https://nlp.stanford.edu/projects/glove/",
            "license": "PDDL 1.0",
        },
    ],
    "notes": "How it was made: docs/model_card.md and docs/accuracy.md. Scores are of three "
    "labels, on held-out texts of all its domains together, of which 2,507 are film reviews.",
}


def main(trained: Path, vectors: Path, dev: Path, target: Path) -> None:
    nlp = spacy.load(trained)
    nlp.meta.update(META)
    nlp.vocab.vectors = Vectors()  # the component has its own
    halve(nlp)
    nlp.meta["performance"].update(scores(nlp, dev))
    if target.exists():
        shutil.rmtree(target)
    nlp.to_disk(target)
    forget_training(target / "config.cfg")
    # Words are known by their hashes; those of the table alone are kept for people to read.
    known = set(table_in(nlp).keys.tolist())
    strings = spacy.load(vectors).vocab.strings
    words = [word for word in strings if strings[word] in known]
    srsly.write_json(target / "vocab" / "strings.json", sorted(words))


def scores(nlp: Language, dev: Path) -> dict[str, Any]:
    """What `spacy train` notes of a pipeline, of this one as it ships."""
    found = nlp.evaluate(list(Corpus(dev)(nlp)))
    weights = nlp.config["training"]["score_weights"]
    return {name: found[name] for name in found if name in weights or name.startswith("cats_")}


def forget_training(path: Path) -> None:
    """Leave out where its data were on this machine, and how its rate of learning began and ended.

    Whoever goes on from here has a steady rate: nothing but `spacy train` steps a schedule.
    """
    config = Config().from_disk(path)
    config["components"]["lstm_sentiment"]["model"]["tok2vec"]["embed"]["vectors"] = None
    config["training"]["optimizer"]["learn_rate"] = LEARN_RATE
    config["paths"] = dict.fromkeys(config["paths"])
    config.to_disk(path)


def halve(nlp: Language) -> None:
    """Store the weights in half precision, as the vectors are; the LSTM's load as single ones."""
    layers = leaves(nlp.get_pipe("lstm_sentiment").model)
    if NGRAM_BAG in layers:
        ngrams = layers[NGRAM_BAG]
        ngrams.set_param("E", ngrams.get_param("E").astype("float16"))
    layers[LSTM_ENCODER].shims[0].module.half()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
