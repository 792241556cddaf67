"""Puts a trained pipeline into the package: with its papers, without strings nothing needs.

python scripts/ship.py training/calibrated spacy_lstm_sentiment/pretrained
"""

import shutil
import sys
from pathlib import Path

import spacy
import srsly
from spacy.language import Language

import spacy_lstm_sentiment

META = {
    "name": "sentiment_lstm_sm",
    "version": spacy_lstm_sentiment.__version__,
    "description": "Sentiment of English reviews: a bidirectional LSTM over static word vectors, "
    "with a linear model of n-grams beside it",
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
            "name": "corpus/sentences.jsonl and corpus/train.jsonl",
            "author": "the spacy-lstm-sentiment developers",
            "url": "",
            "license": "MIT",
        },
        {
            "name": "GloVe 6B",
            "author": "Pennington et al., 2014",
            "url": "https://nlp.stanford.edu/projects/glove/",
            "license": "PDDL 1.0",
        },
    ],
    "notes": "Made by `spacy project run imdb`, seed 0. Trained on 22,493 labelled reviews, on the "
    "50,000 unlabelled ones as two teachers label them, an LSTM that was pretrained as a language "
    "model on all of these and a classifier of n-grams, and on sentences written for the project. "
    "Vectors: GloVe (100) beside Word2Vec (100) trained on the unlabelled reviews. Scores on 2,507 "
    "reviews of films held out of the training reviews.",
}


def main(trained: Path, target: Path) -> None:
    nlp = spacy.load(trained)
    nlp.meta.update(META)
    halve(nlp)
    if target.exists():
        shutil.rmtree(target)
    nlp.to_disk(target)
    strings = target / "vocab" / "strings.json"
    known = nlp.vocab.vectors.key2row
    kept = [word for word in srsly.read_json(strings) if nlp.vocab.strings[word] in known]
    srsly.write_json(strings, kept)


def halve(nlp: Language) -> None:
    """Store the weights in half precision, as the vectors are; the LSTM's load as single ones."""
    for node in nlp.get_pipe("lstm_sentiment").model.walk():
        if node.name == "ngram_bag":
            node.set_param("E", node.get_param("E").astype("float16"))
        if node.name == "lstm_encoder":
            node.shims[0].module.half()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
