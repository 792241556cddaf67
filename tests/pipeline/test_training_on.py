"""The component that ships goes on learning, as a pipeline of its own and within others."""

import pytest
import spacy
from numpy.testing import assert_array_equal
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp
from spacy.cli.init_config import fill_config
from spacy.cli.train import train
from spacy.tokens import DocBin
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

import spacy_lstm_sentiment
from spacy_lstm_sentiment import PRETRAINED

TICKETS = [
    ("Ticket 4711 can be closed, the printer is back.", "POSITIVE"),
    ("The export has been at 99 percent since Tuesday.", "NEGATIVE"),
    ("Which of the two plans has single sign-on?", "NEUTRAL"),
    ("Sorted by restarting the router. Close it.", "POSITIVE"),
    ("We are on the fourth agent and the first answer.", "NEGATIVE"),
    ("Please add Mira to the billing group.", "NEUTRAL"),
]
OTHERS = [
    "I loved this wonderful film!",
    "Boring, dull and dreadful.",
    "",
    "The bus leaves at six.",
]
LABELS = ("POSITIVE", "NEGATIVE", "NEUTRAL")


def in_another_pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("lstm_sentiment_en")
    return nlp


both_ways = pytest.mark.parametrize("make", [spacy_lstm_sentiment.load, in_another_pipeline])


def examples_of(nlp, texts=TICKETS):
    return [
        Example.from_dict(
            nlp.make_doc(text), {"cats": {each: float(each == label) for each in LABELS}}
        )
        for text, label in texts
    ]


def component_of(nlp):
    (component,) = (pipe for name, pipe in nlp.pipeline if name.startswith("lstm_sentiment"))
    return component


def scores(nlp, texts=(*OTHERS, *(text for text, _ in TICKETS))):
    return [doc.cats for doc in nlp.pipe(texts)]


def learn(nlp, optimizer, steps=25, rehearsed=()):
    fix_random_seed(0)
    for _ in range(steps):
        losses = nlp.update(examples_of(nlp), sgd=optimizer, drop=0.2)
        if rehearsed:
            nlp.rehearse([Example(doc, doc) for doc in map(nlp.make_doc, rehearsed)], sgd=optimizer)
    return losses[component_of(nlp).name]


def weights(nlp):
    return component_of(nlp).model.to_bytes()


@both_ways
def test_it_learns_and_is_saved_as_it_has_learnt(make, tmp_path):
    nlp = make()
    before = scores(nlp)
    learn(nlp, nlp.resume_training(sgd=Adam(0.002)))
    assert [nlp(text)._.sentiment_label for text, _ in TICKETS] == [label for _, label in TICKETS]
    after = scores(nlp)
    assert all(b != a for b, a in zip(before, after, strict=True) if b != before[2])
    nlp.to_disk(tmp_path)
    assert scores(spacy.load(tmp_path)) == after
    assert scores(make().from_bytes(nlp.to_bytes())) == after
    again = spacy.load(tmp_path)
    learn(again, again.resume_training(sgd=Adam(0.002)), steps=1)
    assert scores(again) != after


@both_ways
def test_the_optimizer_of_the_pipeline_learns_from_its_first_step(make):
    """A rate that begins at nought would stay there: nothing but `spacy train` steps schedules."""
    nlp = make()
    before = weights(nlp)
    learn(nlp, nlp.resume_training(), steps=1)
    assert weights(nlp) != before


@both_ways
def test_averages_are_used_and_saved(make, tmp_path):
    nlp = make()
    optimizer = nlp.resume_training(sgd=Adam(0.002, use_averages=True))
    learn(nlp, optimizer, steps=12)
    last = scores(nlp)
    with nlp.use_params(optimizer.averages):
        averaged = scores(nlp)
        nlp.to_disk(tmp_path)
    assert averaged != last
    assert scores(nlp) == last
    assert scores(spacy.load(tmp_path)) == averaged


@both_ways
def test_rehearsal_keeps_what_was_known(make):
    """Of the very texts that it is rehearsed on, the scores move less than without."""
    plain, rehearsed = make(), make()
    before = scores(plain, OTHERS)
    # So long that one drifts on, and the other does not.
    learn(plain, plain.resume_training(sgd=Adam(0.002)), steps=40)
    learn(rehearsed, rehearsed.resume_training(sgd=Adam(0.002)), steps=40, rehearsed=OTHERS)

    def drift(nlp):
        pairs = zip(before, scores(nlp, OTHERS), strict=True)
        return sum(abs(a[label] - b[label]) for a, b in pairs for label in LABELS)

    assert drift(rehearsed) < 0.5 * drift(plain)
    found = [rehearsed(text)._.sentiment_label for text, _ in TICKETS]
    assert found == [label for _, label in TICKETS]


def test_what_is_rehearsed_is_a_prediction():
    """So that a component that has learnt nothing yet has nothing to mend, whatever is dropped."""
    nlp = spacy_lstm_sentiment.load()
    nlp.resume_training(sgd=Adam(0.0))
    component = component_of(nlp)
    docs = list(map(nlp.make_doc, OTHERS))
    target = component._rehearsal_model.predict(docs)
    assert_array_equal(target, component._rehearsal_model.predict(docs))
    for node in component.model.walk():
        for rate in ("fixed_dropout_rate", "word_dropout", "embedding_dropout"):
            if rate in node.attrs:
                node.attrs[rate] = 0.0
    losses = nlp.rehearse([Example(doc, doc) for doc in docs], sgd=Adam(0.0))
    assert losses[component.name] < 1e-3


def test_rehearsal_wants_no_labels_and_no_words():
    nlp = spacy_lstm_sentiment.load()
    optimizer = nlp.resume_training(sgd=Adam(0.001))
    before = weights(nlp)
    assert nlp.rehearse([Example(nlp.make_doc(""), nlp.make_doc(""))], sgd=optimizer) == {
        "lstm_sentiment": 0.0
    }
    assert weights(nlp) == before
    assert nlp.rehearse([], sgd=optimizer) == {}


# spacy train

CONFIG = """
[paths]
data = null
[nlp]
lang = "en"
pipeline = {pipeline}
[components]
[components.sentiment]
{component}
[components.topic]
factory = "textcat"
[components.topic.model]
@architectures = "spacy.TextCatBOW.v3"
exclusive_classes = true
ngram_size = 1
no_output_layer = false
[corpora]
[corpora.train]
@readers = "spacy.Corpus.v1"
path = ${{paths.data}}
[corpora.dev]
@readers = "spacy.Corpus.v1"
path = ${{paths.data}}
[training]
train_corpus = "corpora.train"
dev_corpus = "corpora.dev"
max_steps = 4
eval_frequency = 2
frozen_components = {frozen}
annotating_components = {annotating}
[training.optimizer]
@optimizers = "Adam.v1"
use_averages = true
learn_rate = 0.001
"""
COMPONENTS = {
    "sourced": f'source = "{PRETRAINED.as_posix()}"\ncomponent = "lstm_sentiment"',
    "factory": 'factory = "lstm_sentiment_en"',
}


def train_by_config(folder, component, pipeline=("sentiment",), frozen=(), annotating=()):
    nlp = spacy.blank("en")
    docs = [example.reference for example in examples_of(nlp)]
    DocBin(docs=docs).to_disk(folder / "data.spacy")
    lists = {"pipeline": pipeline, "frozen": frozen, "annotating": annotating}
    names = {key: str(list(value)).replace("'", '"') for key, value in lists.items()}
    (folder / "train.cfg").write_text(CONFIG.format(component=COMPONENTS[component], **names))
    fill_config(folder / "train.cfg", folder / "train.cfg")
    overrides = {"paths.data": str(folder / "data.spacy")}
    train(folder / "train.cfg", folder / "output", overrides=overrides)
    return spacy.load(folder / "output" / "model-last")


@pytest.mark.parametrize("component", COMPONENTS)
def test_spacy_train_goes_on(component, tmp_path):
    trained = train_by_config(tmp_path, component)
    assert trained.get_pipe("sentiment").labels == LABELS
    shipped = in_another_pipeline()
    assert scores(trained) != scores(shipped)
    # A few small steps from where it was, and nowhere near a beginning.
    assert trained(OTHERS[0]).cats["POSITIVE"] == pytest.approx(
        shipped(OTHERS[0]).cats["POSITIVE"], abs=0.2
    )


@pytest.mark.parametrize(
    ("component", "annotating"), [("sourced", ()), ("factory", ("sentiment",))]
)
def test_spacy_train_leaves_a_frozen_component_alone(component, annotating, tmp_path):
    pipeline = ("sentiment", "topic")
    trained = train_by_config(tmp_path, component, pipeline, ("sentiment",), annotating)
    assert trained.get_pipe("sentiment").model.to_bytes() == weights(in_another_pipeline())
    assert trained.get_pipe("topic").labels == LABELS


def test_a_frozen_component_beside_one_that_learns():
    nlp = make_vectors_nlp()
    nlp.add_pipe("lstm_sentiment_en")
    nlp.add_pipe("lstm_sentiment", name="other", config={"model": SMALL_MODEL})
    frozen = nlp.get_pipe("lstm_sentiment_en").model.to_bytes()
    with nlp.select_pipes(enable="other"):
        optimizer = nlp.initialize(lambda: make_examples(nlp))
    annotates = ["lstm_sentiment_en"]
    before = nlp.get_pipe("other").model.to_bytes()
    nlp.update(make_examples(nlp), sgd=optimizer, exclude=annotates, annotates=annotates)
    assert nlp.get_pipe("lstm_sentiment_en").model.to_bytes() == frozen
    assert nlp.get_pipe("other").model.to_bytes() != before


@both_ways
@pytest.mark.parametrize("cats", [{}, {"SPORT": 1.0, "ART": 0.0}, {"POSITIVE": 0.0}])
def test_examples_of_others_leave_it_alone(make, cats):
    """Which an optimizer that lets weights decay would not, step by step."""
    nlp = make()
    optimizer = nlp.resume_training(sgd=Adam(0.01, L2=0.1))
    before = weights(nlp)
    examples = [Example.from_dict(nlp.make_doc("A goal!"), {"cats": cats})] * 3
    assert nlp.update(examples, sgd=optimizer)[component_of(nlp).name] == 0.0
    assert weights(nlp) == before
    nlp.update([*examples, *examples_of(nlp)], sgd=optimizer)
    assert weights(nlp) != before
