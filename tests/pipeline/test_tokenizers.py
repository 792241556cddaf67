import pytest
import spacy
from small_pipeline import SMALL_MODEL, make_vectors_nlp, train_small
from spacy.tokens import DocBin
from spacy.training import Corpus

from spacy_lstm_sentiment.errors import InputError

TOKENIZER = {
    "@tokenizers": "spacy-lstm-sentiment.CleaningTokenizer.v1",
    "tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"},
    "cleaning": "html",
}
TUTORIAL = {
    "@tokenizers": "spacy-lstm-sentiment.CleaningTokenizer.v1",
    "tokenizer": {"@tokenizers": "spacy-lstm-sentiment.WhitespaceTokenizer.v1"},
    "cleaning": "alphanumeric",
}


def blank(tokenizer):
    return spacy.blank("en", config={"nlp": {"tokenizer": tokenizer}})


def test_pipeline_cleans_what_it_reads():
    doc = blank(TOKENIZER)("Loved it.<br /><br />Tom &amp; Ann")
    assert [token.text for token in doc] == ["Loved", "it", ".", "\n", "Tom", "&", "Ann"]


def test_tutorial_tokens_are_the_words_between_spaces():
    doc = blank(TUTORIAL)("I can't.<br />Gonna   see it, U.S.A.!")
    assert [token.text for token in doc] == ["i", "cant", "gonna", "see", "it", "usa"]


@pytest.mark.parametrize("tokenizer", [TOKENIZER, TUTORIAL], ids=["html", "alphanumeric"])
def test_survives_serialisation_and_processes(tmp_path, tokenizer):
    nlp = blank(tokenizer)
    if tokenizer is TOKENIZER:
        nlp.tokenizer.tokenizer.add_special_case("gr8", [{"ORTH": "gr"}, {"ORTH": "8"}])
    texts = ["gr8 film<br />really", "", "a &amp; b"] * 3
    expected = [[token.text for token in nlp(text)] for text in texts]
    nlp.to_disk(tmp_path)
    restored = blank(tokenizer).from_bytes(nlp.to_bytes())
    for other in (spacy.load(tmp_path), restored):
        assert [[token.text for token in doc] for doc in other.pipe(texts)] == expected
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [[token.text for token in doc] for doc in docs] == expected


def test_unknown_cleaning_is_an_error():
    with pytest.raises(InputError, match="html, alphanumeric"):
        blank({**TOKENIZER, "cleaning": "soap"})


def test_training_and_evaluation_on_texts_that_cleaning_changes(tmp_path):
    nlp = blank(TOKENIZER)
    nlp.vocab.vectors = make_vectors_nlp().vocab.vectors
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    raw_docs = []
    for text, label in [("I loved it.<br />Great!", "POSITIVE"), ("Dull &amp; bad", "NEGATIVE")]:
        doc = nlp.tokenizer.tokenizer(text)  # as `convert` stores it: not cleaned
        doc.cats = {name: float(name == label) for name in ("POSITIVE", "NEGATIVE")}
        raw_docs.append(doc)
    DocBin(docs=raw_docs).to_disk(tmp_path / "raw.spacy")
    examples = list(Corpus(tmp_path / "raw.spacy")(nlp))
    assert examples[0].predicted.text == "I loved it.\nGreat!"
    train_small(nlp, examples)
    assert nlp.evaluate(examples)["sentiment_acc"] == 1.0
