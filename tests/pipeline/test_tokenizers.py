import copy
import pickle
import subprocess
import sys

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
        nlp.tokenizer.add_special_case("gr8", [{"ORTH": "gr"}, {"ORTH": "8"}])
    texts = ["gr8 film<br />really", "", "a &amp; b"] * 3
    expected = [[token.text for token in nlp(text)] for text in texts]
    nlp.to_disk(tmp_path)
    restored = blank(tokenizer).from_bytes(nlp.to_bytes())
    for other in (spacy.load(tmp_path), restored):
        assert [[token.text for token in doc] for doc in other.pipe(texts)] == expected
    docs = list(nlp.pipe(texts, n_process=2, batch_size=2))
    assert [[token.text for token in doc] for doc in docs] == expected


def words(nlp, text):
    return [token.text for token in nlp(text)]


def test_the_tokenizer_inside_is_changed_through_the_wrapper(tmp_path):
    nlp = blank(TOKENIZER)
    theirs = spacy.blank("en").tokenizer
    assert nlp.tokenizer.rules.keys() == theirs.rules.keys()
    for name in ("infix_finditer", "prefix_search", "suffix_search", "token_match", "url_match"):
        before = getattr(nlp.tokenizer, name)
        assert repr(before) == repr(getattr(theirs, name)), name
        setattr(nlp.tokenizer, name, None)
        assert getattr(nlp.tokenizer.tokenizer, name) is None, name
        setattr(nlp.tokenizer, name, before)
    assert nlp.tokenizer.vocab is nlp.vocab
    assert nlp.tokenizer.find_infix("a-b")
    assert nlp.tokenizer.find_prefix("(a") == 1
    assert words(nlp, "so gr8<br />a§b") == ["so", "gr8", "\n", "a§b"]
    nlp.tokenizer.add_special_case("gr8", [{"ORTH": "gr"}, {"ORTH": "8"}])
    infixes = [*nlp.Defaults.infixes, "§"]
    nlp.tokenizer.infix_finditer = spacy.util.compile_infix_regex(infixes).finditer
    expected = ["so", "gr", "8", "\n", "a", "§", "b"]
    nlp.to_disk(tmp_path)
    copies = [nlp, spacy.load(tmp_path), blank(TOKENIZER).from_bytes(nlp.to_bytes())]
    copies += [copy.deepcopy(nlp), pickle.loads(pickle.dumps(nlp))]
    for number, other in enumerate(copies):
        assert words(other, "so gr8<br />a§b") == expected, number
        explained = [token for _, token in other.tokenizer.explain("gr8&amp;")]
        assert explained == words(other, "gr8&amp;") == ["gr", "8", "&"]
    nlp.tokenizer.rules = {}
    assert words(nlp, "so gr8") == ["so", "gr8"]


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_what_was_changed_holds_in_other_processes(tmp_path, start_method):
    script = """
import multiprocessing, sys
import spacy
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    nlp = spacy.load(sys.argv[2])
    nlp.tokenizer.add_special_case("gr8", [{"ORTH": "gr"}, {"ORTH": "8"}])
    for doc in nlp.pipe(["gr8<br />film"] * 2, n_process=2, batch_size=1):
        print([token.text for token in doc])
"""
    (tmp_path / "script.py").write_text(script)
    blank(TOKENIZER).to_disk(tmp_path / "nlp")
    command = [sys.executable, "script.py", start_method, "nlp"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.splitlines() == [str(["gr", "8", "\n", "film"])] * 2, result.stderr


def test_what_no_tokenizer_has_is_an_error_that_names_both():
    fast = {**TOKENIZER, "tokenizer": {"@tokenizers": "spacy-lstm-sentiment.FastTokenizer.v1"}}
    tokenizer = blank(fast).tokenizer
    for use in (
        lambda: tokenizer.add_special_case("gr8", []),
        lambda: tokenizer.explain("gr8"),
        lambda: tokenizer.rules,
        lambda: setattr(tokenizer, "rules", {}),
    ):
        with pytest.raises(AttributeError, match="CleanedTextTokenizer around RegexTokenizer"):
            use()
    with pytest.raises(AttributeError, match=r"around Tokenizer: .*'ruels'"):
        blank(TOKENIZER).tokenizer.ruels = {}


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
