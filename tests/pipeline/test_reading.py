"""The same text in other characters has the same score, whatever the tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from spacy.util import registry

import spacy_lstm_sentiment
from spacy_lstm_sentiment.pipeline.attributes import sentiment_of

TEXTS = [
    "I wouldn't call it 'good' -- it's dull...",
    "They didn't smile, and \"great\" isn't the word.",
    "She'll love it, we've loved it: a well-made, wonderful film!",
    "No... I couldn't stand it -- not at all.",
]
# What phones, word processors and web pages write, that both tokenizers know as signs.
SIGNS = {
    "'": ["\u2019"],
    '"': ["\u201c", "\u201d"],
    "...": ["\u2026"],
    "--": ["\u2014"],
}
MORE_SIGNS = {
    "'": ["\u2019", "\u2018", "\u02bc", "\uff07", "\u00b4", "`", "\x92"],
    '"': ["\u201c", "\u201d", "\u201e", "\u00ab", "\x93"],
    "...": ["\u2026", "\u2026.", "\x85", "......"],
    "--": ["\u2014", "\u2015", "---", "\x97"],
    "-": ["\u2010", "\u2011", "\u2013", "\u2212"],
    "!": ["\uff01", "!!!", "!\uff01"],
    ",": ["\uff0c"],
}
UNSEEN = ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"]


def load(tokenizer):
    nlp = spacy_lstm_sentiment.load()
    make = registry.tokenizers.get("spacy-lstm-sentiment.CleaningTokenizer.v1")
    nlp.tokenizer = make(registry.tokenizers.get(tokenizer)())(nlp)
    return nlp


FAST = load("spacy-lstm-sentiment.FastTokenizer.v1")
SPACY = load("spacy.Tokenizer.v1")


@st.composite
def variants(draw, signs):
    """A text, and the same in other characters."""
    text = draw(st.sampled_from(TEXTS))
    other, place = [], 0
    while place < len(text):
        sign = next((sign for sign in signs if text.startswith(sign, place)), text[place])
        if sign in signs:
            other.append(draw(st.sampled_from([sign, *signs[sign]])))
        else:
            other.append(sign)
            # Not within "n't" and "'ve"; spaCy knows no word with one when letters are hidden.
            start = text.rfind(" ", 0, place) + 1
            known = "'" in (text[start:].split()[0] if signs is SIGNS else text[start:place])
            if text[place : place + 2].isalpha() and not known and draw(st.integers(0, 5)) == 0:
                other.append(draw(st.sampled_from(UNSEEN)))
        place += len(sign)
    return text, "".join(other)


def assert_same_score(nlp, plain, other):
    expected, found = nlp(plain), nlp(other)
    assert found.text == other
    assert_allclose(sentiment_of(found), sentiment_of(expected), atol=1e-5)


@given(variants(MORE_SIGNS))
def test_other_characters_have_the_same_score(pair):
    assert_same_score(FAST, *pair)


@given(variants(SIGNS))
def test_other_characters_have_the_same_score_with_spacys_tokenizer(pair):
    assert_same_score(SPACY, *pair)


@pytest.mark.parametrize("nlp", [FAST, SPACY], ids=["fast", "spacy"])
@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("It isn't good and doesn't work.", "It isnt good and doesnt work."),
        ("You can't like it, won't you?", "You cant like it, wont you?"),
        ("A love story", "A \u2764 story"),
        ("I am so happy with this film.", "I am soooo ^_^ with this film."),
        ("It was good, user smile", "It was gooood, @anna_b :-)"),
        ("See http for it", "See https://example.org/a?b=c for it"),
        ("caf\u00e9 food", "cafe\u0301 f\u00ado\u00adod"),
        ("\uff37\uff4f\uff4e\uff44\uff45\uff52\uff46\uff55\uff4c film", "Wonderful film"),
    ],
)
def test_the_same_said_otherwise_has_the_same_score(nlp, plain, other):
    assert_same_score(nlp, plain, other)


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("so good smile", "so good \u263a\ufe0f"),
        ("What a film good good", "What a film \U0001f44d\U0001f3fd\U0001f44d"),
        ("lovely day", "#lovely day"),
        ("He is woman strong", "He is \U0001f469\u200d\U0001f4bb \U0001f4aa\U0001f3ff"),
        ("It was dull!", "It was dull!!!!!!"),
        ("Fine smile", "Fine:)))"),
    ],
)
def test_the_same_said_in_signs_that_one_tokenizer_keeps_whole(plain, other):
    assert_same_score(FAST, plain, other)
