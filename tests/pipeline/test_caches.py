"""Nothing that is kept by words grows with the texts that are read."""

import pytest
import spacy
from small_pipeline import make_vectors_nlp

import spacy_lstm_sentiment
from spacy_lstm_sentiment.models import normalizing, table_shim
from spacy_lstm_sentiment.models.word_table import table_in
from spacy_lstm_sentiment.pipeline import fast_tokenizer

MOST = 100


def new_words(count, start=0):
    """Words that nobody has read before."""
    return [f"brillig{number}toves" for number in range(start, start + count)]


@pytest.fixture
def shipped():
    return spacy_lstm_sentiment.load()


def test_hashes_of_tokens(monkeypatch):
    monkeypatch.setattr(fast_tokenizer, "MOST_WORDS", MOST)
    tokenizer = fast_tokenizer.RegexTokenizer(spacy.blank("en").vocab)
    for word in new_words(10 * MOST):
        assert [token.text for token in tokenizer(f"so {word}!")] == ["so", word, "!"]
        assert len(tokenizer._words) <= MOST


def test_keys_of_spellings(monkeypatch):
    monkeypatch.setattr(normalizing, "MOST_KEYS", MOST)
    monkeypatch.setattr(normalizing, "_keys", {})
    strings = make_vectors_nlp().vocab.strings
    for word in new_words(10 * MOST):
        expected = tuple(map(strings.as_int, normalizing.spellings(word)))
        assert normalizing.spelling_keys(strings.add(word), strings) == expected
        assert len(normalizing._keys) <= MOST


def test_rows_of_words(monkeypatch, shipped):
    monkeypatch.setattr(table_shim, "MOST_ROWS", MOST)
    table, strings = table_in(shipped), shipped.vocab.strings
    known = [strings.add(word) for word in ("lovely", "dreadful")]
    expected = table.find(known, strings).tolist()
    assert -1 not in expected
    for start in range(0, 10 * MOST, 30):
        words = [strings.add(word) for word in new_words(30, start)]
        assert table.find([*known, *words], strings).tolist() == [*expected, *[-1] * 30]
        assert len(table._found) <= MOST


def test_a_memory_zone_leaves_the_vocab_as_it_was(shipped):
    def sizes():
        return len(shipped.vocab.strings), len(list(shipped.vocab))

    cats, before = shipped("What a wonderful film.").cats, sizes()
    for start in range(0, 5000, 1000):
        with shipped.memory_zone():
            for doc in shipped.pipe(new_words(1000, start)):
                assert doc.cats
        assert sizes() == before
    assert len(shipped.tokenizer.tokenizer._words) < MOST
    assert shipped("What a wonderful film.").cats == cats
