import random

from spacy_lstm_sentiment.training.batching import batch_by_length


def test_batches_are_bounded_in_tokens_and_documents_and_lose_nothing():
    rng = random.Random(0)
    docs = [[i] * rng.choice([1, 3, 20, 50]) for i in range(500)]
    batches = list(batch_by_length(size=200, max_documents=16, buffer=100)(docs))
    assert sorted(doc[0] for batch in batches for doc in batch) == list(range(500))
    for batch in batches:
        assert len(batch) <= 16
        assert max(map(len, batch)) * len(batch) <= 200


def test_documents_of_a_batch_have_similar_lengths():
    docs = [[0] * length for length in [1, 100] * 50]
    for batch in batch_by_length(size=1000, max_documents=10)(docs):
        assert len({len(doc) for doc in batch}) == 1
