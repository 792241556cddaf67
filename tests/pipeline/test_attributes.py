"""Attributes that are there already stay, with a warning that says how to name ours."""

import pytest
import spacy
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.tokens import Doc, Span

PRAISE = "I loved this wonderful film!"
SUFFIXES = {Doc: ["", "_label", "_by_sentence"], Span: [""]}


def all_names(attribute):
    return [(owner, attribute + end) for owner, ends in SUFFIXES.items() for end in ends]


@pytest.fixture
def attribute(request):
    """A name of the test's own, whose attributes go when it ends."""
    name = f"verdict_{abs(hash(request.node.nodeid))}"
    yield name
    for owner, each in [*all_names(name), *all_names(f"{name}_too")]:
        if owner.has_extension(each):
            owner.remove_extension(each)


def add(nlp, attribute, name="lstm_sentiment"):
    config = {"model": SMALL_MODEL, "attribute": attribute}
    nlp.add_pipe("lstm_sentiment", name=name, config=config)


@pytest.mark.parametrize(("owner", "suffix"), all_names(""))
def test_another_ones_attribute_stays_whatever_it_is_of(tmp_path, attribute, owner, suffix):
    taken = attribute + suffix
    owner.set_extension(taken, getter=lambda owner: "theirs")
    said = rf"^{owner.__name__.lower()}\._\.{taken}: .*setting attribute"
    nlp = make_vectors_nlp()
    with pytest.warns(UserWarning, match=said):
        add(nlp, attribute)
    train_small(nlp, make_examples(nlp))
    nlp.add_pipe("sentencizer", first=True)
    nlp.to_disk(tmp_path)
    with pytest.warns(UserWarning, match=said):
        loaded = spacy.load(tmp_path)
    for one in (nlp, loaded):
        doc = one(PRAISE)
        assert getattr((doc if owner is Doc else doc[:])._, taken) == "theirs"
        ours = set(all_names(attribute)) - {(owner, taken)}
        for other, name in ours:
            assert getattr((doc if other is Doc else doc[:])._, name) not in ("theirs", "", 0.0)
        assert doc.sentiment > 0.5


def test_of_two_components_the_one_whose_name_is_free_has_its_own(tmp_path, attribute):
    Doc.set_extension(attribute, default="theirs")
    nlp = make_vectors_nlp()
    with pytest.warns(UserWarning, match=rf"^doc\._\.{attribute}: "):
        add(nlp, attribute)
    add(nlp, f"{attribute}_too", name="second")  # without a warning
    train_small(nlp, make_examples(nlp))
    nlp.to_disk(tmp_path)
    with pytest.warns(UserWarning, match="setting attribute") as warned:
        loaded = spacy.load(tmp_path)
    assert len(warned) == 1
    for one in (nlp, loaded):
        doc = one(PRAISE)
        assert getattr(doc._, attribute) == "theirs"
        assert getattr(doc._, f"{attribute}_label") == "POSITIVE"
        assert getattr(doc._, f"{attribute}_too") > 0.5
        assert getattr(doc[:]._, attribute) > 0.5
