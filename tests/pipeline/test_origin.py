"""What a component says of a document is its own, wherever the document goes."""

import copy
import multiprocessing
import pickle
import subprocess
import sys

import pytest
import spacy
from small_pipeline import SMALL_MODEL, make_vectors_nlp, train_small
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

from spacy_lstm_sentiment.bulk.scorer import Scorer, ScoringOptions
from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.explain import explain
from spacy_lstm_sentiment.pipeline.origin import component_of
from spacy_lstm_sentiment.reports.evaluation import predict
from spacy_lstm_sentiment.reports.texts import Text
from spacy_lstm_sentiment.training.distillation import pipeline_teacher

PRAISE, BLAME = "I loved this wonderful film!", "Boring, dull and dreadful."


@pytest.fixture
def saved(trained_nlp, tmp_path):
    trained_nlp.to_disk(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def nlp(saved):
    """A pipeline of its own with sentences."""
    nlp = spacy.load(saved)
    nlp.add_pipe("sentencizer", first=True)
    return nlp


def add_topics(nlp, factory, **where):
    """A trained text categorizer whose labels are topics, and very sure of them."""
    topics = nlp.add_pipe(factory, name="topics", **where)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {"SPORT": 1.0, "ART": 0.0}})
        for text in (PRAISE, BLAME)
    ]
    topics.initialize(lambda: examples, nlp=nlp)
    optimizer = nlp.create_optimizer()
    optimizer.learn_rate = 0.1
    for _ in range(40):
        topics.update(examples, sgd=optimizer)
    return nlp


@pytest.mark.parametrize("factory", ["textcat", "textcat_multilabel"])
@pytest.mark.parametrize("where", [{}, {"first": True}])
def test_labels_are_never_those_of_another_text_categorizer(nlp, factory, where):
    expected = nlp(PRAISE)._.sentiment
    doc = add_topics(nlp, factory, **where)(PRAISE)
    assert doc.cats["SPORT"] > doc.cats["POSITIVE"]
    assert (doc._.sentiment_label, doc._.sentiment) == ("POSITIVE", expected)
    scored = Scorer(nlp, ScoringOptions())([PRAISE, BLAME])
    assert [one.results[0][0] for one in scored] == ["POSITIVE", "NEGATIVE"]
    assert predict(nlp, [Text(PRAISE, "POSITIVE")]).labels == ("POSITIVE", "NEGATIVE")
    assert pipeline_teacher(nlp)([doc]).shape == (1, 3)


def test_topics_alone_are_no_sentiment():
    nlp = add_topics(spacy.blank("en"), "textcat")
    nlp.add_pipe("lstm_sentiment")  # so that there are attributes
    with nlp.select_pipes(disable="lstm_sentiment"):
        doc = nlp(PRAISE)
    assert doc.cats
    assert (doc._.sentiment_label, doc._.sentiment) == ("", 0.0)


def copies(nlp):
    yield "deepcopy", copy.deepcopy(nlp)
    yield "pickle", pickle.loads(pickle.dumps(nlp))


def test_copies_of_a_pipeline_are_found_by_their_own_documents(nlp):
    for how, copied in copies(nlp):
        for one in (copied, nlp):
            doc = one(PRAISE)
            assert component_of(doc) is one.get_pipe("lstm_sentiment"), how
            assert len(doc._.sentiment_by_sentence) == 1


def documents_elsewhere(nlp, doc):
    yield "pickle", pickle.loads(pickle.dumps(doc))
    yield "bytes", Doc(nlp.vocab).from_bytes(doc.to_bytes())
    yield "bytes in another vocab", Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes())
    yield "copy", doc.copy()
    bin_ = DocBin(docs=[doc], store_user_data=True)
    yield "DocBin", next(bin_.get_docs(spacy.blank("en").vocab))


def test_documents_are_still_read_by_their_component_when_they_come_back(saved):
    config = {"components": {"lstm_sentiment": {"neutral_band": 0.999}}}
    nlp, other = spacy.load(saved, config=config), spacy.load(saved)
    nlp.add_pipe("sentencizer", first=True)
    doc = nlp(PRAISE)
    expected = doc._.sentiment_by_sentence[0][1]
    for how, found in documents_elsewhere(nlp, doc):
        assert component_of(found) is nlp.get_pipe("lstm_sentiment"), how
        assert found._.sentiment_label == "NEUTRAL", how
        assert found._.sentiment == doc._.sentiment, how
        assert found._.sentiment_by_sentence[0][1] == pytest.approx(expected, abs=1e-6), how
        assert explain(found).contributions == pytest.approx(explain(doc).contributions), how
    assert other(PRAISE)._.sentiment_label == "POSITIVE"


def test_a_component_that_is_gone_is_not_replaced_by_another(saved):
    nlp, other = spacy.load(saved), spacy.load(saved)
    data = nlp(PRAISE).to_bytes()
    del nlp
    doc = Doc(other.vocab).from_bytes(data)
    assert doc._.sentiment_label == "POSITIVE"
    with pytest.raises(InputError, match="keep that pipeline"):
        explain(doc)


def test_a_sourced_component_reads_the_documents_of_either_pipeline(saved):
    nlp = spacy.load(saved)
    other = make_vectors_nlp()
    other.add_pipe("lstm_sentiment", source=nlp, name="mood")
    for one, name in ((nlp, "lstm_sentiment"), (other, "mood")):
        doc = one(PRAISE)
        assert component_of(doc) is one.get_pipe(name)
        assert doc[0:3]._.sentiment > 0


def test_spacys_own_sentiment_of_spans_and_tokens_is_left_alone(nlp):
    doc = nlp(PRAISE)
    assert doc.sentiment == pytest.approx(doc._.sentiment)
    assert doc.sentiment > 0.9
    for found in (doc, *(found for _, found in documents_elsewhere(nlp, doc))):
        assert found[0:3]._.sentiment > 0.1
        assert (found[0:3].sentiment, found[0].sentiment) == (0.0, 0.0)
        assert (found.user_span_hooks, found.user_token_hooks) == ({}, {})


def set_hooks(doc):
    doc.user_span_hooks["sentiment"] = doc.user_token_hooks["sentiment"] = len
    return doc


def test_hooks_of_others_stay(nlp):
    Language.component("set_hooks", func=set_hooks)
    nlp.add_pipe("set_hooks", first=True)
    doc = nlp(PRAISE)
    assert (doc[0:3].sentiment, doc[0].sentiment) == (3, 1)
    assert doc[0:3]._.sentiment > 0.1


def with_two_components():
    """One component of two labels, and one of three under an attribute of its own."""
    nlp = make_vectors_nlp()
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {"POSITIVE": p, "NEGATIVE": n}})
        for text, p, n in ((PRAISE, 1.0, 0.0), (BLAME, 0.0, 1.0))
    ]
    nlp.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    three = nlp.add_pipe(
        "lstm_sentiment",
        name="mood",
        config={"model": SMALL_MODEL, "attribute": "mood", "neutral_band": 1.0},
    )
    three.add_label("NEUTRAL")
    train_small(nlp, examples)
    return nlp


def test_two_components_with_labels_and_attributes_of_their_own(tmp_path):
    made = with_two_components()
    made.to_disk(tmp_path)
    for nlp in (made, spacy.load(tmp_path)):
        doc = nlp(PRAISE)
        assert doc._.sentiment_label == "POSITIVE"
        assert doc._.mood_label == "NEUTRAL"  # by its band
        assert doc.cats["POSITIVE"] - doc.cats["NEGATIVE"] == doc._.mood
        two, three = nlp.get_pipe("lstm_sentiment"), nlp.get_pipe("mood")
        assert component_of(doc, "sentiment") is two
        assert component_of(doc, "mood") is component_of(doc) is three
        with nlp.select_pipes(disable="mood"):
            assert doc._.sentiment == nlp(PRAISE)._.sentiment
        alone = doc[:].as_doc()
        two.set_annotations([alone], two.predict([alone]))
        assert doc[:]._.sentiment == pytest.approx(alone.cats["POSITIVE"] - alone.cats["NEGATIVE"])


SCRIPT = """
import multiprocessing
import sys

import spacy

from spacy_lstm_sentiment import explain
from spacy_lstm_sentiment.bulk import score

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    config = {"components": {"lstm_sentiment": {"neutral_band": 1.0}}}
    nlp = spacy.load(sys.argv[2], config=config)
    nlp.add_pipe("sentencizer", first=True)
    texts = ["I loved it. A great film!", "bad film", "", "zyxwv"]
    docs = list(nlp.pipe(texts, n_process=2, batch_size=1))
    assert [doc._.sentiment_label for doc in docs] == ["NEUTRAL"] * 4
    assert [len(doc._.sentiment_by_sentence) for doc in docs] == [2, 1, 0, 1]
    for doc, alone in zip(docs, nlp.pipe(texts)):
        assert abs(doc[:]._.sentiment - alone[:]._.sentiment) < 1e-5
        assert len(doc) == 0 or abs(explain(doc).logit - explain(alone).logit) < 1e-4
    nlp.to_disk(sys.argv[3] + "/model")
    with open(sys.argv[3] + "/texts.txt", "w") as file:
        file.write("I loved it. A great film!\\nbad film\\n")
    summary = score(
        [sys.argv[3] + "/texts.txt"], sys.argv[3] + "/out.jsonl", nlp,
        per_sentence=True, explain=2, n_process=2,
    )
    assert (summary.n_scored, summary.n_rejected) == (3, 0), summary
    with open(sys.argv[3] + "/out.jsonl") as file:
        lines = list(file)
    assert len(lines) == 3
    assert all('"NEUTRAL"' in line and '"words"' in line for line in lines), lines
    print("same")
"""


@pytest.mark.parametrize("start_method", multiprocessing.get_all_start_methods())
def test_other_processes(saved, tmp_path, start_method):
    (tmp_path / "script.py").write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, "script.py", start_method, saved, tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert result.stdout.splitlines()[-1:] == ["same"], result.stderr


FREE = """
import spacy
from spacy.tokens import Doc, Span
import spacy_lstm_sentiment
import spacy_lstm_sentiment.pipeline.explain

spacy.blank("en").add_pipe("sentencizer")
Doc.set_extension("sentiment", default=None)
Span.set_extension("sentiment", default=None)
print("free")
"""


def test_no_attribute_is_taken_before_there_is_a_component():
    result = subprocess.run(
        [sys.executable, "-c", FREE], capture_output=True, text=True, check=True
    )
    assert result.stdout == "free\n"


def test_an_attribute_of_another_package_is_left_alone(saved):
    Doc.set_extension("verdict_label", default="theirs")
    try:
        config = {"components": {"lstm_sentiment": {"attribute": "verdict"}}}
        with pytest.warns(UserWarning, match=r"^doc._.verdict_label: .*attribute"):
            nlp = spacy.load(saved, config=config)
        doc = nlp(PRAISE)
        assert doc._.verdict_label == "theirs"
        assert doc._.verdict > 0.9
    finally:
        for owner, name in ((Doc, "verdict_label"), (Doc, "verdict"), (Span, "verdict")):
            owner.remove_extension(name)
        Doc.remove_extension("verdict_by_sentence")


def test_the_same_attributes_again_are_no_warning(saved):
    spacy.load(saved)
    spacy.load(saved)


@pytest.mark.parametrize("attribute", ["", "my mood", "1st"])
def test_an_attribute_that_is_no_name_is_an_error(attribute):
    with pytest.raises(InputError, match="has to be a name"):
        spacy.blank("en").add_pipe("lstm_sentiment", config={"attribute": attribute})


def test_a_band_is_not_set_where_it_would_not_be_saved(nlp):
    component = nlp.get_pipe("lstm_sentiment")
    with pytest.raises(InputError, match=r'config=\{"neutral_band": 0.2\}'):
        component.neutral_band = 0.2
    assert component.neutral_band == 0.0
