import numpy
import pytest
import spacy
from numpy.testing import assert_array_equal
from small_pipeline import PRAISE, WIDTH, make_vectors_nlp
from spacy.vectors import Vectors

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.models.static_vectors import StaticVectors


def embed(nlp, *texts, is_train=False, **settings):
    model = StaticVectors(**settings)
    docs = [nlp.make_doc(text) for text in texts]
    model.initialize(X=docs)
    return model(docs, is_train)[0]


def test_words_get_their_vectors_and_unknown_words_zeros(vectors_nlp):
    (matrix,) = embed(vectors_nlp, "great zyxwv film")
    assert matrix.shape == (3, WIDTH)
    assert matrix.dtype == numpy.float32
    assert_array_equal(matrix[0], vectors_nlp.vocab["great"].vector)
    assert_array_equal(matrix[1], numpy.zeros(WIDTH))
    assert matrix[2].any()


def test_shapes_follow_the_documents(vectors_nlp):
    matrices = embed(vectors_nlp, "a good film", "", "dull")
    assert [matrix.shape for matrix in matrices] == [(3, WIDTH), (0, WIDTH), (1, WIDTH)]
    assert [m.shape for m in embed(vectors_nlp, "", "")] == [(0, WIDTH), (0, WIDTH)]


def test_looks_words_up_by_the_attribute_of_the_vectors(vectors_nlp):
    upper, lower = embed(vectors_nlp, "GREAT", "great")
    assert_array_equal(upper, lower)


def test_words_without_a_vector_fall_back_to_lower_case():
    nlp = spacy.blank("en")
    table = numpy.array([[1.0, 2.0], [3.0, 4.0]], dtype="float32")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=table, keys=["us", "US"])
    (matrix,) = embed(nlp, "US us Us uS")
    assert_array_equal(matrix, table[[1, 0, 0, 0]])


def test_floret_vectors_know_every_word():
    nlp = spacy.blank("en")
    rng = numpy.random.default_rng(0)
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings,
        mode="floret",
        data=rng.normal(size=(50, 4)).astype("float32"),
        minn=2,
        maxn=3,
        hash_count=2,
    )
    (matrix,) = embed(nlp, "zyxwv")
    assert_array_equal(matrix[0], nlp.vocab["zyxwv"].vector)
    assert matrix.any()


def test_half_precision_tables_give_single_precision(vectors_nlp):
    vectors_nlp.vocab.vectors.data = vectors_nlp.vocab.vectors.data.astype("float16")
    (matrix,) = embed(vectors_nlp, "great")
    assert matrix.dtype == numpy.float32


def test_embedding_leaves_the_table_alone(vectors_nlp):
    before = vectors_nlp.vocab.vectors.data.copy()
    embed(vectors_nlp, "good film", is_train=True, word_dropout=0.5, embedding_dropout=0.5)
    assert_array_equal(vectors_nlp.vocab.vectors.data, before)


def test_word_dropout_makes_words_unknown_in_training_only(vectors_nlp):
    text = " ".join(PRAISE * 100)
    (trained,) = embed(vectors_nlp, text, is_train=True, word_dropout=0.3)
    dropped = (trained == 0).all(axis=1).mean()
    assert 0.2 < dropped < 0.4
    (predicted,) = embed(vectors_nlp, text, word_dropout=0.3)
    assert (predicted != 0).any(axis=1).all()


def test_embedding_dropout_drops_whole_dimensions_of_a_document(vectors_nlp):
    (matrix,) = embed(vectors_nlp, " ".join(PRAISE), is_train=True, embedding_dropout=0.5)
    (plain,) = embed(vectors_nlp, " ".join(PRAISE))
    dropped = (matrix == 0).all(axis=0)
    assert 0 < dropped.sum() < WIDTH
    numpy.testing.assert_allclose(matrix[:, ~dropped], 2 * plain[:, ~dropped], rtol=1e-6)


def test_no_vectors_is_an_error_that_says_how_to_make_some():
    nlp = spacy.blank("en")
    with pytest.raises(InputError, match="spacy-lstm-sentiment vectors"):
        embed(nlp, "good")


def test_other_vectors_than_in_training_are_an_error(vectors_nlp):
    model = StaticVectors()
    model.initialize(X=[vectors_nlp.make_doc("good")])
    with pytest.raises(InputError, match="width 0, the model was trained on width 12"):
        model.predict([spacy.blank("en").make_doc("good")])


def test_vectors_fixture_is_not_shared():
    assert make_vectors_nlp().vocab is not make_vectors_nlp().vocab
