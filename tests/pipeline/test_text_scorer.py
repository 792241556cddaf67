"""From texts to probabilities without Docs: what `nlp.pipe` says, to the last bit."""

import gc
import sys
import threading
import weakref
from pathlib import Path

import pytest
import spacy
import srsly
from hypothesis import example, given
from hypothesis import strategies as st
from small_pipeline import BLAME, OTHER, PRAISE, make_examples, make_vectors_nlp
from spacy.vectors import Vectors
from thinc.api import fix_random_seed

import spacy_lstm_sentiment
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.emoji import WORD_OF_EMOJI, WORD_OF_EMOTICON
from spacy_lstm_sentiment.models.kernels.choice import KERNEL
from spacy_lstm_sentiment.models.leaves import LINEAR, NGRAM_BAG, SOFTMAX, STATIC_VECTORS, leaves
from spacy_lstm_sentiment.pipeline import text_scorer
from spacy_lstm_sentiment.pipeline.text_scorer import find_text_scorer, score_texts

CORPUS = Path(__file__).parents[2] / "corpus" / "test.jsonl"
FAST = {"@tokenizers": "spacy-lstm-sentiment.FastTokenizer.v1"}
NGRAMS = {"@architectures": "spacy-lstm-sentiment.NgramBag.v1", "width": 2, "rows": 1024}
ODD = [
    "",
    " ",
    "\n\t \u00a0",
    "<br/>",
    "<p>good</p><p>bad</p> &amp; &#128512; &lt;b&gt;",
    "<!-- good -->",
    "good" * 2000,
    " ".join(PRAISE) * 500,
    "NOUN LOWER IS_ALPHA PERSON good",
    "didn't CAN\u2019T isnt goooood XD \U0001f44d\U0001f3fd :-) @you #great www.imdb.com",
    "\u200b\ufeff \x00 \x85 \u2028",
]


def make_nlp(tokenizer=None, attr="ORTH", labels=None, **model):
    """A pipeline that does nothing but score, with random weights that tell texts apart."""
    fix_random_seed(0)
    cleaning = {
        "@tokenizers": "spacy-lstm-sentiment.CleaningTokenizer.v1",
        "cleaning": "html",
        "tokenizer": FAST,
    }
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": tokenizer or cleaning}})
    words = [*PRAISE, *BLAME, *OTHER]
    data = make_vectors_nlp().vocab.vectors.data
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, keys=words, attr=attr)
    encode = {"width": 16, "mixed_precision": False}
    settings = {"tok2vec": {"encode": encode}, "linear_model": NGRAMS, **model}
    component = nlp.add_pipe("lstm_sentiment", config={"model": settings, "labels": labels})
    nlp.initialize(lambda: make_examples(nlp))
    layers = leaves(component.model)
    for node in (layers[name] for name in (SOFTMAX, LINEAR, NGRAM_BAG) if name in layers):
        for name in node.param_names:
            value = node.get_param(name)
            node.set_param(name, node.ops.xp.random.normal(size=value.shape).astype("f"))
    return nlp


def said_by_pipe(nlp, texts):
    return [list(doc.cats.values()) for doc in nlp.pipe(texts)]


def assert_same(nlp, texts):
    assert find_text_scorer(nlp) is not None
    assert score_texts(texts, nlp).tolist() == said_by_pipe(nlp, texts)


PIECES = st.sampled_from(
    [*PRAISE, *OTHER, *WORD_OF_EMOJI, *WORD_OF_EMOTICON, "<b>", "<br>", "&amp;", "<", "&#"]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(
    PIECES | st.sampled_from([" ", "  ", "\n", "", "\u2019", "n't"]), max_size=30
).map("".join)
NLP = make_nlp()


@given(st.lists(TEXTS, max_size=8))
@example(ODD)
def test_same_as_the_pipeline(texts):
    assert_same(NLP, texts)


PIPELINES = {
    "no cleaning": {"tokenizer": FAST},
    "the tutorial's cleaning": {
        "tokenizer": {
            "@tokenizers": "spacy-lstm-sentiment.CleaningTokenizer.v1",
            "cleaning": "alphanumeric",
            "tokenizer": FAST,
        }
    },
    "texts cut": {"max_length": 3},
    "no n-grams": {"linear_model": None},
    "labels that do not exclude each other": {"exclusive_classes": False},
    "some of the labels": {"labels": ["NEGATIVE", "POSITIVE"]},
    "one direction": {"tok2vec": {"encode": {"width": 8, "bidirectional": False}}},
}


@pytest.mark.parametrize("kernel", ["torch", "native"])
@pytest.mark.parametrize("pipeline", PIPELINES.values(), ids=PIPELINES)
def test_same_in_every_pipeline_that_only_scores(pipeline, kernel, monkeypatch):
    if kernel == "native":
        pytest.importorskip("spacy_lstm_sentiment.models.kernels._lstm", reason="not compiled")
    monkeypatch.setenv(KERNEL, kernel)
    nlp = make_nlp(**pipeline)
    texts = [*ODD, *(" ".join(PRAISE[:n] + BLAME[n:]) for n in range(6))] * 9
    assert_same(nlp, texts)
    nlp.batch_size = 7
    assert_same(nlp, texts)


def test_same_in_the_pipeline_that_ships():
    corpus = [record["text"] for record in srsly.read_jsonl(CORPUS)]
    nlp = spacy_lstm_sentiment.load()
    assert_same(nlp, corpus)
    scores = spacy_lstm_sentiment.score_texts(corpus[:5])
    assert scores.tolist() == said_by_pipe(nlp, corpus[:5])
    assert scores.shape == (5, len(nlp.get_pipe("lstm_sentiment").labels))


def test_a_score_does_not_depend_on_what_is_beside_it():
    """Nor on which of them the first words were met in."""
    texts = [" ".join([*PRAISE[:n], *BLAME[n:], "not"]) for n in range(6)]
    together = score_texts(texts, make_nlp()).tolist()
    nlp = make_nlp()
    assert [score_texts([text], nlp).tolist()[0] for text in reversed(texts)] == together[::-1]


def test_words_of_a_memory_zone():
    with NLP.memory_zone():
        assert_same(NLP, ["brillig toves good"])
    assert_same(NLP, ["brillig toves good"])
    assert "slithy" not in NLP.vocab.strings
    score_texts(["slithy"], NLP)
    assert "slithy" not in NLP.vocab.strings


def test_more_tokens_than_are_kept(monkeypatch):
    monkeypatch.setattr(text_scorer, "MOST_TOKENS", 3)
    nlp = make_nlp()
    for n in range(9):
        assert_same(nlp, [f"good {n} a b c d", f"bad {n}"])
        # Those of the batch at most, beside what was kept before.
        assert len(find_text_scorer(nlp).lexicon) <= 2 + 9


def test_what_is_known_of_words_is_nothing_for_the_garbage_collector():
    nlp = make_nlp()
    score_texts(["good"], nlp)
    gc.collect()
    before = len(gc.get_objects())
    score_texts([f"word{n} word{n + 1}" for n in range(0, 6000, 2)], nlp)
    gc.collect()
    assert len(find_text_scorer(nlp).lexicon) > 6000
    assert len(gc.get_objects()) - before < 500


def test_no_texts():
    assert score_texts([], NLP).shape == (0, 2)
    assert score_texts(iter(["good", "bad"]), NLP).shape == (2, 2)


def test_what_the_pipeline_has_become_counts():
    nlp = make_nlp()
    before = score_texts(["good bad"], nlp).tolist()
    component = nlp.get_pipe("lstm_sentiment")
    embed = leaves(component.model)[STATIC_VECTORS]
    vectors = make_vectors_nlp().vocab.vectors
    vectors.data = -vectors.data
    vectors = Vectors(data=vectors.data, keys=list(vectors.key2row), attr="ORTH")
    embed.shims[0].fill(vectors)
    assert score_texts(["good bad"], nlp).tolist() != before
    assert_same(nlp, ["good bad"])
    nlp.update(make_examples(nlp), sgd=nlp.resume_training())
    assert_same(nlp, ["good bad"])
    nlp.tokenizer = nlp.tokenizer.tokenizer
    assert_same(nlp, ["good<br>bad"])
    nlp.add_pipe("sentencizer")
    assert find_text_scorer(nlp) is None
    assert score_texts(["good bad"], nlp).tolist() == said_by_pipe(nlp, ["good bad"])


def test_pipelines_that_need_docs():
    spacys = spacy.blank("en")
    spacys.add_pipe("lstm_sentiment_en")
    static = {"embed": {"@architectures": "spacy-lstm-sentiment.StaticVectors.v1"}}
    static["encode"] = {"width": 16}
    for nlp in (
        spacys,
        make_nlp(attr="LOWER"),
        make_nlp(tok2vec=static),
        make_nlp(pooling=["max", "attention"]),
    ):
        assert find_text_scorer(nlp) is None
        assert score_texts(ODD, nlp).tolist() == said_by_pipe(nlp, ODD)


def test_a_component_that_says_more_is_asked():
    class Sure(type(NLP.get_pipe("lstm_sentiment"))):
        def set_annotations(self, docs, scores):
            super().set_annotations(docs, scores.round())

    nlp = make_nlp()
    nlp.get_pipe("lstm_sentiment").__class__ = Sure
    assert find_text_scorer(nlp) is None


def test_refusals():
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    with pytest.raises(InputError, match="one lstm_sentiment, and has 0: sentencizer"):
        score_texts(["good"], other)
    with pytest.raises(InputError, match="put it into a list"):
        score_texts("good", NLP)
    with pytest.raises(InputError, match="takes texts, not NoneType: None"):
        score_texts(["good", None], NLP)
    untrained = spacy.blank("en", config={"nlp": {"tokenizer": FAST}})
    untrained.add_pipe("lstm_sentiment")
    with pytest.raises(InputError, match="not trained"):
        score_texts(["good"], untrained)


def test_too_long_a_text(monkeypatch):
    monkeypatch.setattr(NLP, "max_length", 100)
    with pytest.raises(InputError, match="has 101 characters, more than"):
        score_texts(["good", "x" * 101], NLP)
    assert_same(NLP, ["x" * 100])


def test_threads_share_a_pipeline():
    texts = [f"{word} {n} film{n}" for n in range(300) for word in PRAISE]
    nlp = make_nlp()
    expected = score_texts(texts, make_nlp()).tolist()
    found = []
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [
            threading.Thread(target=lambda: found.append(score_texts(texts, nlp).tolist()))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert found == [expected] * 4


def test_a_pipeline_that_is_not_wanted_any_more_is_freed():
    nlp = make_nlp()
    score_texts(["good"], nlp)
    alive = weakref.ref(nlp)
    del nlp
    gc.collect()
    assert alive() is None
