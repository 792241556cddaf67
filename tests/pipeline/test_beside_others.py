"""Beside other packages of sentiment, where they are installed: nobody's attributes are taken."""

import subprocess
import sys

import pytest

# By package: the module that registers its factory, the factory, its attribute, and what that says.
OTHERS = {
    "spacytextblob": (
        "spacytextblob.spacytextblob",
        "spacytextblob",
        "blob",
        "doc._.blob.polarity",
    ),
    "asent": ("asent", "asent_en_v1", "polarity", "doc._.polarity.compound"),
}
SCRIPT = """
import sys, warnings
import spacy
import {module}

TEXT = "I loved this wonderful film. The book, sadly, was dreadful and too long."

def pipeline(*factories, **config):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for factory in factories:
            nlp.add_pipe(factory, config=config if factory == "lstm_sentiment_en" else {{}})
    return nlp, [str(warning.message) for warning in warned]

def said(doc):
    return {theirs}

def ours(doc):
    return [score for _, score in doc._.sentiment_by_sentence], doc._.sentiment_label

theirs_alone = said(pipeline("{factory}")[0](TEXT))
assert theirs_alone
alone, _ = pipeline("lstm_sentiment_en")
ours_alone = ours(alone(TEXT))
for factories in (("{factory}", "lstm_sentiment_en"), ("lstm_sentiment_en", "{factory}")):
    nlp, warned = pipeline(*factories)
    doc = nlp(TEXT)
    assert not warned, warned
    assert (said(doc), ours(doc)) == (theirs_alone, ours_alone)

nlp, (warned,) = pipeline("{factory}", "lstm_sentiment_en", attribute="{attribute}")
assert warned.startswith("doc._.{attribute}, span._.{attribute}: set by another package"), warned
assert 'config={{"attribute": "mood"}}' in warned, warned
doc = nlp(TEXT)
assert said(doc) == theirs_alone
assert doc._.{attribute}_label == ours_alone[1]
assert [score for _, score in doc._.{attribute}_by_sentence] == ours_alone[0]
print("each its own")
"""


@pytest.mark.parametrize("package", OTHERS)
def test_either_says_what_it_says_alone(package):
    pytest.importorskip(package, reason=f"pip install {package}, as make test-pipelines does")
    names = dict(zip(("module", "factory", "attribute", "theirs"), OTHERS[package], strict=True))
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(**names)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "each its own\n", result.stderr
