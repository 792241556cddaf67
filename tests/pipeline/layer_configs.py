"""Settings of layers of ours and spaCy's, to stand beside each other."""

from small_pipeline import SMALL_MODEL

WORD_TABLE = {"@architectures": "spacy-lstm-sentiment.WordTable.v1"}
STATIC_VECTORS = {"@architectures": "spacy-lstm-sentiment.StaticVectors.v1"}
OURS = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": STATIC_VECTORS,
    "encode": {"@architectures": "spacy-lstm-sentiment.LSTMEncoder.v1", "width": 8},
}
CNN = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2",
        "width": 16,
        "attrs": ["NORM", "SHAPE"],
        "rows": [100, 100],
        "include_static_vectors": True,
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2",
        "width": 16,
        "depth": 1,
        "window_size": 1,
        "maxout_pieces": 2,
    },
}
BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 1,
    "no_output_layer": False,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}


def ensemble(tok2vec):
    return {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "tok2vec": tok2vec,
        "linear_model": BOW,
    }


def halve(nlp):
    nlp.vocab.vectors.data = nlp.vocab.vectors.data.astype("float16")


def table_model(**embed):
    return {"tok2vec": {**SMALL_MODEL["tok2vec"], "embed": {**WORD_TABLE, **embed}}}
