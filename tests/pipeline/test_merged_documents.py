"""What was said of a document is said of that document: not of one it is part of, nor of a part."""

import pytest
import spacy
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.tokens import Doc, DocBin

PRAISE, BLAME = "I loved this wonderful film!", "Boring, dull and dreadful."


@pytest.fixture(scope="module")
def nlp():
    """Two components, each with an attribute of its own."""
    nlp = make_vectors_nlp()
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    nlp.add_pipe(
        "lstm_sentiment", name="second", config={"model": SMALL_MODEL, "attribute": "second"}
    )
    train_small(nlp, make_examples(nlp))
    return nlp


def said(doc):
    return doc._.sentiment_label, doc._.second_label, doc._.sentiment, doc._.second


NOTHING = ("", "", 0.0, 0.0)


def test_merged(nlp):
    """Without a warning, as spaCy has for what is unknown to it."""
    docs = [*nlp.pipe([PRAISE, "", BLAME])]
    before = [said(doc) for doc in docs]
    merged = Doc.from_docs(docs)
    assert said(merged) == NOTHING
    assert [said(doc) for doc in docs] == before
    nlp.get_pipe("lstm_sentiment")(merged)
    assert merged._.sentiment != 0.0
    alone = Doc.from_docs(docs[:1])
    assert said(alone) == before[0]


def test_a_part(nlp):
    doc = nlp(f"{PRAISE} {BLAME}")
    for part in (doc[:6], doc[6:]):
        assert said(part.as_doc(copy_user_data=True)) == NOTHING
    assert said(doc[:].as_doc(copy_user_data=True)) == said(doc)


def test_tokens_that_are_merged_or_split_change_nothing(nlp):
    doc = nlp(PRAISE)
    before = said(doc)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[-2:])
        retokenizer.split(doc[1], ["lo", "ved"], [(doc[1], 1), doc[0]])
    assert said(doc) == before
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab)
    assert said(read) == before


def test_an_attribute_is_not_read_from_what_the_other_component_has_said(nlp):
    with nlp.select_pipes(disable="second"):
        doc = nlp(PRAISE)
    assert said(doc) == ("POSITIVE", "", doc.cats["POSITIVE"] - doc.cats["NEGATIVE"], 0.0)
    (read,) = DocBin(docs=[doc]).get_docs(nlp.vocab)  # which keeps doc.cats, and nothing of ours
    assert read._.sentiment == read._.second == doc._.sentiment


def test_other_keys_of_user_data_are_left_alone(nlp):
    doc = nlp(PRAISE)
    theirs = {"a": 1, 2: "b", ("._.", "x", None, None): 3, (): 4, ("._.",): 5, (1, 2, 3, 4): 6}
    doc.user_data.update(theirs)
    assert doc.user_data.items() >= theirs.items()
    assert doc[:2]._.sentiment != doc._.sentiment
    component = nlp.get_pipe("second")
    with nlp.select_pipes(disable="second"):
        unscored = nlp.make_doc(PRAISE)
    unscored.user_data.update(theirs)
    assert said(unscored) == NOTHING
    assert said(component(unscored))[1] == "POSITIVE"
