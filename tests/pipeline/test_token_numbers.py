"""The compiled pass finds the very tokens of the regular expression."""

import sys
import unicodedata
from pathlib import Path

import numpy
import pytest
import srsly
from hypothesis import example, given
from hypothesis import strategies as st

from spacy_lstm_sentiment.pipeline.fast_tokenizer import BEFORE_NT, TOKEN
from spacy_lstm_sentiment.pipeline.token_numbers import number_in_python, number_tokens

CORPUS = Path(__file__).parents[2] / "corpus"
# What tokens begin and end with, and what decides between them.
TELLING = r"""
    o O T _ __ n t ' ` n't N'T nt NT Nt www. http:// https:// HTTP:// . .. , : ; = - -- ^ ( ) ((
    D DD p P 3 / \ | * < > </3 <3 @ # 1 7 7.5 1,000 a b word s ll re ve d m LL \o/ ^_^ ;_; -_-
    >_< o_O T_T ! ? & " [ ] { } ~ $ % +
"""
SIGNS = TELLING.split()
WIDE = ["\xe9", "\u2019", "\u0301", "\u200b", "\ufeff", "\U0001f600", "\u2026", "\x85", "\u2028"]
SPACES = ["", "", " ", "  ", "\n", "\t", "\x1c", "\xa0"]


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    pytest.importorskip("spacy_lstm_sentiment.pipeline._split", reason="not compiled")


def tokens_of(texts, number):
    """The tokens of each text, as numbers tell them."""
    tokens, lengths, distinct = number(texts)
    words = numpy.array([*distinct, ""], dtype=object)[tokens]
    ends = lengths.cumsum()
    return [words[end - length : end].tolist() for end, length in zip(ends, lengths, strict=True)]


def assert_same(texts):
    expected = [TOKEN.findall(text) for text in texts]
    assert tokens_of(texts, number_tokens) == expected
    assert tokens_of(texts, number_in_python) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=4))
def test_any_text(texts):
    assert_same(texts)


@given(st.lists(st.text(st.characters(max_codepoint=127), max_size=60), max_size=4))
def test_any_text_of_ascii(texts):
    assert_same(texts)


ATOMS = st.sampled_from(
    ["\0", "\x7f", *SIGNS, *SPACES, *BEFORE_NT.split("|"), *map(str.upper, SIGNS)]
)


@given(st.lists(ATOMS, max_size=20).map("".join))
@example(":))a :)) :-)) :^^) ;-;;_; =''( =---(")
@example("didnt' wontx wont_ cant CAN'T o'n't n't nn't it's it'sx 's' www. www.) https://a.)")
def test_what_decides_between_tokens(text):
    assert_same([text])


@given(st.lists(ATOMS | st.sampled_from(WIDE), max_size=20).map("".join))
def test_it_in_company_of_other_characters(text):
    assert_same([text])


def test_every_character():
    """Alone, in a word, and where white space is before it; a few of those that mean nothing."""
    characters = [
        chr(c)
        for c in range(sys.maxunicode + 1)
        if unicodedata.category(chr(c)) not in {"Cs", "Cn", "Co"} or c % 101 == 0
        if not 0xD800 <= c < 0xE000
    ]
    assert len(characters) > 140_000
    for start in range(0, len(characters), 50_000):
        assert_same([f"a{c}b  {c} {c}:)\n{c}d" for c in characters[start : start + 50_000]])


def test_the_corpus():
    files = [*CORPUS.glob("*.jsonl")]
    texts = [record["text"] for path in files for record in srsly.read_jsonl(path)]
    assert len(texts) > 1000
    assert_same(texts)


def test_so_many_tokens_that_the_table_grows():
    assert_same([" ".join(f"w{n}" for n in range(20_000)), "w7 w19999 w20000"])
