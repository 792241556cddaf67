import numpy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Model

from spacy_lstm_sentiment.models.padded_batches import pack_by_length, with_padded_batches

lengths_strategy = st.lists(st.integers(0, 60), max_size=40)


@given(lengths_strategy, st.integers(1, 100))
def test_every_index_once_within_the_bound(lengths, bound):
    batches = pack_by_length(lengths, bound)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= bound


def record_batches(seen, gradients):
    def forward(model, docs, is_train):
        seen.append([len(doc) for doc in docs])
        backprop = lambda dY: gradients.append(dY.copy())  # noqa: E731
        return numpy.array([[len(doc), -len(doc)] for doc in docs], dtype="float32"), backprop

    return Model("record", forward, dims={"nO": 2})


def test_order_is_restored_and_gradients_reach_their_documents():
    seen, gradients = [], []
    model = with_padded_batches(record_batches(seen, gradients), max_padded_tokens=10)
    lengths = [7, 1, 0, 12, 3, 3]
    docs = [Doc(Vocab(), words=["w"] * n) for n in lengths]
    Y, backprop = model(docs, is_train=True)
    assert Y.tolist() == [[n, -n] for n in lengths]
    assert seen == [[0, 1, 3], [3], [7], [12]]
    backprop(Y)
    assert [dY[:, 0].tolist() for dY in gradients] == seen


def test_no_documents():
    model = with_padded_batches(record_batches([], []))
    assert model.predict([]).shape == (0, 2)
