"""Batches that are scored in a second thread, while the next documents are made."""

import threading

import pytest
import torch
from small_pipeline import REVIEWS
from spacy.util import raise_error

TEXTS = [f"{text} {n}" for n in range(20) for text, _ in REVIEWS]


@pytest.fixture(params=[1, 2])
def n_threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.fixture
def pipe(trained_nlp):
    pipe = trained_nlp.get_pipe("lstm_sentiment")
    yield pipe
    pipe.set_error_handler(raise_error)


def test_documents_come_out_scored_and_in_order(trained_nlp, n_threads):
    docs = list(trained_nlp.pipe(TEXTS, batch_size=7))
    assert [doc.text for doc in docs] == TEXTS
    for doc in docs[::13]:
        assert doc.cats == pytest.approx(trained_nlp(doc.text).cats, abs=1e-5)


def test_prediction_runs_in_another_thread_where_torch_has_several(
    trained_nlp, n_threads, pipe, monkeypatch
):
    threads = []
    predict = pipe.predict
    monkeypatch.setattr(
        pipe, "predict", lambda docs: threads.append(threading.current_thread()) or predict(docs)
    )
    list(trained_nlp.pipe(TEXTS, batch_size=10))
    assert len(threads) == len(TEXTS) / 10
    assert all((thread is threading.main_thread()) == (n_threads == 1) for thread in threads)
    assert torch.get_num_threads() == n_threads
    assert not any(thread.is_alive() for thread in threads if thread is not threading.main_thread())


def test_no_more_than_two_batches_are_read_ahead(trained_nlp, n_threads):
    made = 0

    def texts():
        nonlocal made
        for text in TEXTS:
            made += 1
            yield text

    for n, _ in enumerate(trained_nlp.pipe(texts(), batch_size=5)):
        assert made <= n + 15


def test_a_batch_that_fails_goes_to_the_error_handler(trained_nlp, n_threads, pipe, monkeypatch):
    failed = []
    pipe.set_error_handler(lambda name, proc, docs, error: failed.append((len(docs), str(error))))
    predict = pipe.predict

    def predict_or_fail(docs):
        if any(doc.text == TEXTS[12] for doc in docs):
            raise RuntimeError("broken")
        return predict(docs)

    monkeypatch.setattr(pipe, "predict", predict_or_fail)
    docs = list(pipe.pipe(map(trained_nlp.make_doc, TEXTS), batch_size=5))
    assert [doc.text for doc in docs] == TEXTS[:10] + TEXTS[15:]
    assert failed == [(5, "broken")]


def test_a_reader_that_leaves_early_ends_the_thread(trained_nlp, n_threads):
    before = threading.active_count()
    stream = trained_nlp.pipe(TEXTS, batch_size=5)
    next(stream)
    stream.close()
    assert threading.active_count() == before
