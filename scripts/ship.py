"""Puts a trained pipeline into the package: with its papers, without strings nothing needs.

python scripts/ship.py training/pretrained/calibrated spacy_lstm_sentiment/pretrained
"""

import shutil
import sys
from pathlib import Path

import spacy
import srsly

import spacy_lstm_sentiment

META = {
    "name": "sentiment_lstm_sm",
    "version": spacy_lstm_sentiment.__version__,
    "description": "Sentiment of English reviews: a bidirectional LSTM over static word vectors",
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
            "name": "GloVe 6B",
            "author": "Pennington et al., 2014",
            "url": "https://nlp.stanford.edu/projects/glove/",
            "license": "PDDL 1.0",
        },
    ],
    "notes": "22,493 labelled training reviews, seed 0; vectors: GloVe (100) beside Word2Vec (100) "
    "trained on the 50,000 unlabelled reviews; scores on 2,507 reviews of films held out of "
    "the training reviews.",
}


def main(trained: Path, target: Path) -> None:
    nlp = spacy.load(trained)
    nlp.meta.update(META)
    if target.exists():
        shutil.rmtree(target)
    nlp.to_disk(target)
    strings = target / "vocab" / "strings.json"
    known = nlp.vocab.vectors.key2row
    kept = [word for word in srsly.read_json(strings) if nlp.vocab.strings[word] in known]
    srsly.write_json(strings, kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
