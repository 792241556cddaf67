import numpy
import pytest
import spacy
import torch
from small_pipeline import (
    BLAME,
    OTHER,
    PRAISE,
    SMALL_MODEL,
    make_examples,
    make_vectors_nlp,
    train_small,
)
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import LSTM_ENCODER, leaves
from spacy_lstm_sentiment.pipeline import explain as explaining
from spacy_lstm_sentiment.pipeline.explain import (
    FIRST_POINTS,
    explain,
    integrate_gradients,
)

TEXTS = [
    "I loved this wonderful film!",
    "Boring, dull and dreadful.",
    "It was good and it was bad.",
    "The zyxwv was a great qwrty.",
    "Delightful!",
]


def new_nlp(**model):
    fix_random_seed(0)
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment", config={"model": {**SMALL_MODEL, **model}})
    return nlp


def trained(**model):
    nlp = new_nlp(**model)
    train_small(nlp, make_examples(nlp), steps=10)
    return nlp


def assert_complete(explanation):
    change = explanation.logit - explanation.baseline_logit
    assert change != 0.0
    assert sum(explanation.contributions) == pytest.approx(change, rel=0.05)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_contributions_sum_to_the_change_of_the_logit(trained_nlp, text):
    doc = trained_nlp(text)
    explanation = explain(doc)
    assert len(explanation.contributions) == len(doc)
    assert explanation.probability == pytest.approx(doc.cats["POSITIVE"], abs=1e-5)
    assert_complete(explanation)


@pytest.fixture(scope="module")
def large_nlp():
    """Several layers and all poolings, trained on random reviews of 1 to 200 words."""
    rng = numpy.random.default_rng(0)
    nlp = new_nlp(
        pooling=["last", "max", "mean", "attention"],
        tok2vec={"encode": {"width": 64, "depth": 2, "mixed_precision": False}},
    )
    reviews = []
    for words, label in ((PRAISE, "POSITIVE"), (BLAME, "NEGATIVE")) * 15:
        filler = rng.choice(OTHER, size=rng.integers(0, 199))
        reviews.append((" ".join(rng.permutation([*filler, rng.choice(words)])), label))
    train_small(nlp, make_examples(nlp, reviews), steps=15)
    return nlp


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_a_large_model_is_explained_completely(large_nlp, text):
    for label in ("POSITIVE", "NEGATIVE"):
        assert_complete(explain(large_nlp(text), label))


@pytest.mark.parametrize("pooling", ["last", "max", "mean", "attention"])
def test_every_pooling_is_explained_completely(pooling):
    nlp = trained(pooling=[pooling])
    for text in TEXTS:
        assert_complete(explain(nlp(text)))


def test_what_no_gradient_shows_is_reported(trained_nlp):
    """So small a model leaps between two states somewhere on the path to a long document."""
    explanation = explain(trained_nlp("the film was fun " * 40 + "but I hated the book"))
    change = explanation.logit - explanation.baseline_logit
    assert abs(explanation.unattributed) > 0.05 * abs(change)
    assert sum(explanation.contributions) + explanation.unattributed == pytest.approx(change)


def test_praise_speaks_for_positive_and_blame_against(trained_nlp):
    doc = trained_nlp("the good film and the dreadful book")
    explanation = explain(doc)
    by_word = dict(zip(explanation.tokens, explanation.contributions, strict=True))
    assert max(by_word, key=by_word.__getitem__) == "good"
    assert by_word["dreadful"] < 0 < by_word["good"]


def test_two_labels_mirror_each_other(trained_nlp):
    doc = trained_nlp(TEXTS[0])
    positive, negative = explain(doc), explain(doc, "NEGATIVE")
    assert negative.logit == pytest.approx(-positive.logit, abs=1e-5)
    for one, other in zip(positive.contributions, negative.contributions, strict=True):
        assert one == pytest.approx(-other, abs=1e-5)


def test_unknown_words_contribute_nothing(trained_nlp):
    explanation = explain(trained_nlp("good zyxwv film"))
    assert [value == 0.0 for value in explanation.contributions] == [False, True, False]
    unknown = explain(trained_nlp("zyxwv qwrty"))
    assert unknown.contributions == (0.0, 0.0)
    assert unknown.logit == unknown.baseline_logit


def test_an_empty_document_has_no_contributions(trained_nlp):
    doc = trained_nlp("")
    explanation = explain(doc)
    assert explanation.tokens == explanation.contributions == ()
    assert explanation.logit == explanation.baseline_logit
    assert explanation.probability == pytest.approx(doc.cats["POSITIVE"], abs=1e-5)


def test_tokens_past_the_models_max_length_contribute_nothing():
    nlp = trained(max_length=3)
    doc = nlp("a good film but a bad book")
    explanation = explain(doc)
    assert all(explanation.contributions[:3])
    assert explanation.contributions[3:] == (0.0,) * 4
    assert explanation.probability == pytest.approx(doc.cats["POSITIVE"], abs=1e-5)
    assert_complete(explanation)


@pytest.mark.parametrize("exclusive", [True, False])
def test_the_logit_is_that_of_the_probability_with_any_labels(exclusive):
    nlp = new_nlp(exclusive_classes=exclusive)
    examples = []
    for word, label in (("good", "POSITIVE"), ("bad", "NEGATIVE"), ("film", "NEUTRAL")):
        cats = {name: float(name == label) for name in ("POSITIVE", "NEGATIVE", "NEUTRAL")}
        examples.append(Example.from_dict(nlp.make_doc(word), {"cats": cats}))
    train_small(nlp, examples, steps=10)
    doc = nlp("a good book")
    for label, probability in doc.cats.items():
        explanation = explain(doc, label)
        assert explanation.probability == pytest.approx(probability, abs=1e-5)
        assert_complete(explanation)


def test_the_pipeline_keeps_its_mixed_precision_and_its_scores():
    nlp = trained(
        dropout=0.5, tok2vec={"encode": {"width": 32, "dropout": 0.5, "mixed_precision": True}}
    )
    before = nlp(TEXTS[0])
    one, two = explain(before), explain(before)
    assert one == two
    assert one.probability == pytest.approx(before.cats["POSITIVE"], abs=0.02)
    assert nlp(TEXTS[0]).cats == before.cats
    encoder = leaves(nlp.get_pipe("lstm_sentiment").model)[LSTM_ENCODER]
    assert encoder.shims[0].module.mixed_precision


def test_explanations_survive_a_reload(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path)
    nlp = spacy.load(tmp_path)
    explanation, reloaded = explain(trained_nlp(TEXTS[0])), explain(nlp(TEXTS[0]))
    assert reloaded.contributions == pytest.approx(explanation.contributions, abs=1e-5)


def test_sub_batches_change_nothing(trained_nlp, monkeypatch):
    doc = trained_nlp(TEXTS[0])
    whole = explain(doc)
    monkeypatch.setattr(explaining, "MAX_PADDED_TOKENS", 3 * len(doc) + 1)
    assert explain(doc).contributions == pytest.approx(whole.contributions, abs=1e-5)
    monkeypatch.setattr(explaining, "MAX_PADDED_TOKENS", 1)
    assert explain(doc).contributions == pytest.approx(whole.contributions, abs=1e-5)


def test_integrated_gradients_of_a_product():
    """Of f(x) = (sum of x) squared they are x times the sum of x."""
    vectors = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
    contributions, value, baseline = integrate_gradients(lambda X: X.sum(dim=(1, 2)) ** 2, vectors)
    assert contributions == pytest.approx([3.0 * 5.5, -1.0 * 5.5, 3.5 * 5.5], rel=1e-5)
    assert (value, baseline) == (pytest.approx(5.5**2), 0.0)


def test_steps_are_halved_until_the_sum_is_right():
    seen = []

    def steep(X):
        seen.append(len(X))
        return torch.sigmoid(1000 * (X.sum(dim=(1, 2)) - 0.37))

    contributions, value, baseline = integrate_gradients(steep, torch.tensor([[0.25], [0.75]]))
    assert sum(contributions) == pytest.approx(value - baseline, rel=0.01)
    assert contributions[1] == pytest.approx(3 * contributions[0])
    assert FIRST_POINTS < sum(seen) < 4 * FIRST_POINTS, "only where the function is steep"


@pytest.mark.parametrize("max_points", [2, 3, 12])
def test_no_more_points_than_allowed_and_where_it_is_steep(max_points):
    seen = []

    def steep(X):
        seen.append(len(X))
        return torch.sigmoid(1000 * (X.sum(dim=(1, 2)) - 0.37))

    contributions, _, _ = integrate_gradients(steep, torch.tensor([[0.25], [0.75]]), max_points)
    assert sum(seen) == max_points
    assert contributions[1] == pytest.approx(3 * contributions[0])


def test_a_long_document_is_read_a_few_times_and_says_what_that_misses(trained_nlp):
    doc = trained_nlp("a good book . " * 2500 + "It was dull and dreadful !")
    read = []
    explanation = explain(doc, max_tokens=5 * len(doc), on_read=read.append)
    assert sum(read) == 5 * len(doc)
    assert len(explanation.contributions) == len(doc) > 10_000
    change = explanation.logit - explanation.baseline_logit
    told = sum(explanation.contributions) + explanation.unattributed
    assert told == pytest.approx(change)
    read.clear()
    explain(doc, max_tokens=1, on_read=read.append)
    assert sum(read) == 2 * len(doc)


def test_a_model_with_a_shared_tok2vec_is_refused():
    nlp = make_vectors_nlp()
    tok2vec = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy-lstm-sentiment.StaticVectors.v1",
        },
        "encode": {"@architectures": "spacy-lstm-sentiment.LSTMEncoder.v1", "width": 16},
    }
    nlp.add_pipe("tok2vec", config={"model": tok2vec})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "tok2vec"}
    model = {
        "@architectures": "spacy-lstm-sentiment.TextClassifier.v1",
        "pooling": ["max"],
        "tok2vec": listener,
    }
    nlp.add_pipe("lstm_sentiment", config={"model": model})
    train_small(nlp, make_examples(nlp), steps=1)
    with pytest.raises(InputError, match="without a shared tok2vec"):
        explain(nlp("good"))


def test_an_unknown_label_is_refused(trained_nlp):
    with pytest.raises(InputError, match="no label 'GOOD': choose one of POSITIVE, NEGATIVE"):
        explain(trained_nlp("good"), "GOOD")


def test_a_document_of_another_pipeline_is_refused():
    with pytest.raises(InputError, match="lstm_sentiment"):
        explain(Doc(spacy.blank("en").vocab, words=["good"]))


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
def test_ngrams_are_part_of_the_explanation(ngram_nlp, text):
    doc = ngram_nlp(text)
    explanation = explain(doc)
    assert explanation.probability == pytest.approx(doc.cats["POSITIVE"], abs=1e-5)
    assert_complete(explanation)


@pytest.fixture(scope="module")
def ngram_nlp():
    bag = {"@architectures": "spacy-lstm-sentiment.NgramBag.v1", "rows": 1024, "dropout": 0.0}
    return trained(linear_model=bag, max_length=8)
