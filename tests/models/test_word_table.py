import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from small_pipeline import SMALL_MODEL, make_examples, make_vectors_nlp, train_small
from spacy.vectors import Vectors
from word_tables import TEXT, WORD_TABLE, both, halved, make_table

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.leaves import STATIC_VECTORS, leaves
from spacy_lstm_sentiment.models.table_shim import TableShim
from spacy_lstm_sentiment.models.word_table import WordTable


@pytest.mark.parametrize("attr", ["ORTH", "LOWER"])
def test_words_have_the_vectors_that_static_vectors_give_them(attr):
    nlp = spacy.blank("en")
    words = ["great", "film", "FILM", "US", "us", ",", "not", "smile"]
    table = numpy.random.default_rng(0).normal(size=(len(words), 5)).astype("float16")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=table, keys=words, attr=attr)
    for expected, found in zip(*both(nlp, TEXT, "", "US us Us uS", "unknown"), strict=True):
        assert_array_equal(found, expected)
        assert found.dtype == numpy.float32


def test_words_may_share_a_row():
    nlp = spacy.blank("en")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, shape=(2, 3))
    nlp.vocab.vectors.data[:] = [[1, 2, 3], [4, 5, 6]]
    for word, row in (("good", 0), ("great", 0), ("bad", 1)):
        nlp.vocab.vectors.add(word, row=row)
    (found,) = make_table(nlp).predict([nlp.make_doc("bad great good nothing")])
    assert_array_equal(found, [[4, 5, 6], [1, 2, 3], [1, 2, 3], [0, 0, 0]])


def test_the_table_needs_no_vectors_of_the_pipeline():
    nlp = make_vectors_nlp()
    model = make_table(nlp)
    docs = [spacy.blank("en").make_doc(TEXT), spacy.blank("fr").make_doc(TEXT)]
    (expected,) = model.predict([nlp.make_doc(TEXT)])
    assert expected.any()
    for doc in docs:
        assert_array_equal(model.predict([doc])[0][0], expected[0])


def test_bytes_are_the_table_and_always_the_same():
    nlp = make_vectors_nlp()
    data = make_table(nlp).to_bytes()
    assert data == make_table(make_vectors_nlp()).to_bytes()
    loaded = WordTable().from_bytes(data)
    assert loaded.to_bytes() == data
    docs = [spacy.blank("en").make_doc(TEXT)]
    assert_array_equal(loaded.predict(docs)[0], make_table(nlp).predict(docs)[0])
    assert_array_equal(loaded.copy().predict(docs)[0], loaded.predict(docs)[0])


def test_damaged_bytes_are_an_error():
    data = make_table(make_vectors_nlp()).shims[0].to_bytes()
    for damaged in (b"", data[:-1], data[: len(data) // 2], b"x" * 64):
        with pytest.raises(ValueError, match="damaged"):
            TableShim().from_bytes(damaged)


def test_no_vectors_is_an_error_that_says_how_to_make_some():
    with pytest.raises(InputError, match="spacy-lstm-sentiment vectors"):
        make_table(spacy.blank("en"))


def test_a_table_stays_where_nothing_replaces_it():
    model = make_table(make_vectors_nlp())
    before = model.to_bytes()
    model.initialize(X=[spacy.blank("en").make_doc("film")])
    assert model.to_bytes() == before


def test_numbers_too_large_for_half_precision_are_an_error():
    nlp = make_vectors_nlp()
    nlp.vocab.vectors.data[0, 0] = 1e6
    with pytest.raises(InputError, match="half precision"):
        make_table(nlp)


def test_floret_vectors_are_left_to_static_vectors():
    nlp = spacy.blank("en")
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings,
        mode="floret",
        data=numpy.ones((50, 4), "f"),
        minn=2,
        maxn=3,
        hash_count=2,
    )
    with pytest.raises(InputError, match="StaticVectors"):
        make_table(nlp)


def train_with_table(nlp):
    tok2vec = {**SMALL_MODEL["tok2vec"], "embed": WORD_TABLE}
    nlp.add_pipe("lstm_sentiment", config={"model": {"tok2vec": tok2vec}})
    train_small(nlp, make_examples(nlp))
    return nlp


def table_of(nlp):
    return leaves(nlp.get_pipe("lstm_sentiment").model)[STATIC_VECTORS].shims[0]


def test_a_trained_pipeline_takes_its_table_along(tmp_path):
    nlp = train_with_table(make_vectors_nlp())
    texts = ["A great film!", "a dull book", "", "zyxwv"]
    expected = [doc.cats for doc in nlp.pipe(texts)]
    assert expected[0]["POSITIVE"] > 0.9
    nlp.vocab.vectors = Vectors()
    nlp.to_disk(tmp_path)
    loaded = spacy.load(tmp_path)
    assert [doc.cats for doc in loaded.pipe(texts)] == expected
    assert loaded.to_bytes() == spacy.load(tmp_path).to_bytes()


def test_vectors_may_come_from_the_table_of_another_component(tmp_path):
    nlp = train_with_table(make_vectors_nlp())
    nlp.vocab.vectors = Vectors()
    nlp.to_disk(tmp_path / "trained")
    model = make_table(spacy.blank("en"), vectors=str(tmp_path / "trained"))
    assert model.shims[0].to_bytes() == table_of(nlp).to_bytes()


def test_the_vectors_of_a_pipeline_may_change_below_a_component_with_a_table(tmp_path):
    nlp = train_with_table(make_vectors_nlp())
    expected = nlp("A great film!").cats
    nlp.to_disk(tmp_path)
    nlp.vocab.vectors = Vectors()
    nlp.vocab.to_disk(tmp_path / "vocab")
    assert spacy.load(tmp_path)("A great film!").cats == expected


def test_the_fused_pass_reads_the_table():
    nlp = train_with_table(halved(make_vectors_nlp()))
    component = nlp.get_pipe("lstm_sentiment")
    static = make_vectors_nlp()
    static.vocab.vectors = nlp.vocab.vectors
    static.add_pipe("lstm_sentiment", config={"model": SMALL_MODEL})
    static.initialize(lambda: make_examples(static))
    copy_weights(component.model, static.get_pipe("lstm_sentiment").model)
    texts = ["I loved this wonderful film!", "Boring, dull", "", "zyxwv FUN"]
    assert [d.cats for d in nlp.pipe(texts)] == [d.cats for d in static.pipe(texts)]


def copy_weights(source, target):
    """All weights but those of the embedding."""
    for a, b in zip(source.walk(), target.walk(), strict=True):
        assert a.name == b.name
        for name in a.param_names:
            b.set_param(name, a.get_param(name))
        if "softmax_temperature" in a.attrs:
            b.attrs["softmax_temperature"] = a.attrs["softmax_temperature"]
        if a.name != "static_vectors":
            for one, other in zip(a.shims, b.shims, strict=True):
                other.from_bytes(one.to_bytes())
