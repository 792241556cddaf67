"""The pipeline that ships against what people use today, on the same texts.

    pip install ".[bench]"
    python benchmarks/peers.py --data aclImdb_v1.tar.gz

Every side has the same number of threads and one process. Each is compared with what gives the
same: those that give numbers with `score_texts`, those that give Docs with `nlp.pipe` and the same
tokenizer. SPACY_LSTM_SENTIMENT_KERNEL and SPACY_LSTM_SENTIMENT_ISA force another kernel.

Slow sides read fewer of the texts, with the same mix of lengths. spaCy's own classifiers are
trained for a moment, DistilBERT has random weights: their speed does not depend on what they have
learnt. DistilBERT reads 256 tokens at most, the others all of a text.
"""

import random
from collections.abc import Callable

import spacy
import torch
from common import arguments, load_texts, report, time_in_turn, with_spacy_tokenizer
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

import spacy_lstm_sentiment

Side = Callable[[list[str]], object]


def main() -> None:
    options = arguments(__doc__, documents=5000, repetitions=3).parse_args()
    texts = load_texts(options.data, options.documents)
    # A side's share of the texts, so that each takes seconds.
    sides = all_sides(texts)
    shares = {name: texts[::every] for name, (_, every, _) in sides.items()}
    seconds = time_in_turn(
        {name: lambda n=name, s=side: s(shares[n]) for name, (side, _, _) in sides.items()},
        options.repetitions,
    )
    rates = {name: len(shares[name]) / seconds[name] for name in sides}
    report(
        "peers",
        [
            {
                "side": name,
                "documents/s": f"{rate:,.0f}",
                "ours": ours,
                "ours against it": f"{rates[ours] / rate:.2f}x",
            }
            for name, rate in rates.items()
            for ours in [sides[name][2]]
        ],
        options,
    )


def all_sides(texts: list[str]) -> dict[str, tuple[Side, int, str]]:
    """Sides by their names: one, of how many texts it reads the first, and which of ours it is
    compared with."""
    shipped = spacy_lstm_sentiment.load()
    numbers, docs, spacys = "score_texts", "nlp.pipe", "nlp.pipe, spaCy's tokenizer"
    bow = "spacy.TextCatBOW.v3"
    return {
        numbers: (lambda texts: spacy_lstm_sentiment.score_texts(texts, shipped), 1, numbers),
        docs: (pipe(shipped), 1, docs),
        spacys: (pipe(with_spacy_tokenizer(shipped)), 1, spacys),
        "spaCy textcat BOW, our tokenizer": (pipe(textcat(bow, tokenizer_of(shipped))), 2, docs),
        "spaCy textcat BOW, spaCy's tokenizer": (pipe(textcat(bow)), 2, spacys),
        "spaCy textcat ensemble, spaCy's tokenizer": (pipe(textcat(None)), 10, spacys),
        "scikit-learn TF-IDF(1,2) + LR": (scikit_learn(texts), 1, numbers),
        "vaderSentiment": (vader(), 5, numbers),
        "spacytextblob": (pipe(textblob(), lambda doc: doc._.blob.polarity), 5, spacys),
        "asent": (pipe(asent(), lambda doc: doc._.polarity.compound), 20, spacys),
        "DistilBERT's architecture": (distilbert(texts), 100, numbers),
    }


def tokenizer_of(nlp: Language) -> dict[str, object]:
    return nlp.config["nlp"]["tokenizer"]


def pipe(nlp: Language, read: Callable[[Doc], object] = lambda doc: doc.cats) -> Side:
    """`read` gets a document's score, which some peers compute only then."""
    return lambda texts: [read(doc) for doc in nlp.pipe(texts)]


def textcat(architecture: str | None, tokenizer: dict[str, object] | None = None) -> Language:
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": tokenizer}} if tokenizer else {})
    model = {"@architectures": architecture, "exclusive_classes": True, "ngram_size": 1}
    config = {} if architecture is None else {"model": {**model, "no_output_layer": False}}
    nlp.add_pipe("textcat", config=config)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {"A": float(good), "B": float(not good)}})
        for text, good in (("a good film", True), ("a bad film", False))
    ]
    nlp.initialize(lambda: examples)
    return nlp


def textblob() -> Language:
    import spacytextblob.spacytextblob  # noqa: F401

    nlp = spacy.blank("en")
    nlp.add_pipe("spacytextblob")
    return nlp


def asent() -> Language:
    import asent  # noqa: F401

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("asent_en_v1")
    return nlp


def vader() -> Side:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda texts: [analyzer.polarity_scores(text) for text in texts]


def scikit_learn(texts: list[str]) -> Side:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression()
    )
    labels = [random.Random(n).random() < 0.5 for n in range(len(texts))]
    model.fit(texts, labels)
    return model.predict_proba


def distilbert(texts: list[str]) -> Side:
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    model = DistilBertForSequenceClassification(DistilBertConfig()).eval()
    nlp = spacy.blank("en")

    def score(texts: list[str]) -> object:
        with torch.inference_mode():
            for start in range(0, len(texts), 16):
                # Word pieces of its own tokenizer are more than these tokens, never fewer.
                lengths = [min(len(nlp.make_doc(text)), 256) for text in texts[start : start + 16]]
                ids = torch.randint(1000, 30000, (len(lengths), max(lengths)))
                mask = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
                model(input_ids=ids, attention_mask=mask).logits.softmax(dim=1)
        return None

    return score


if __name__ == "__main__":
    main()
