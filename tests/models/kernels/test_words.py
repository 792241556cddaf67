"""Words that are projected once give what they would give each time."""

import threading

import numpy
import pytest
from numpy.testing import assert_allclose

from spacy_lstm_sentiment.models.kernels import words as module
from spacy_lstm_sentiment.models.kernels.words import UNKNOWN, ProjectedWords, Words

WIDTH, COLUMNS = 6, 16


def make_projected():
    rng = numpy.random.default_rng(1)
    projection, bias = (rng.normal(size=size).astype("f") for size in ((WIDTH, COLUMNS), COLUMNS))
    return ProjectedWords(lambda vectors: vectors @ projection + bias, COLUMNS)


def make_table(n_rows=40, dtype="float16", seed=0):
    return numpy.random.default_rng(seed).normal(size=(n_rows, WIDTH)).astype(dtype)


def words_of(table, rows, lasts=True):
    rows = numpy.array(rows, dtype="int64")
    return Words(table, rows, lasts, numpy.arange(len(rows)))


def assert_right(projected, table, rows):
    """The same as of a table that does not last, of which nothing is kept."""
    found, places = projected.find(words_of(table, rows))
    vectors = numpy.append(table, numpy.zeros_like(table[:1]), axis=0)[rows].astype("float32")
    plain, every = make_projected().find(words_of(vectors, range(len(rows)), lasts=False))
    assert_allclose(found[places], plain[every], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_batches_that_share_words(dtype):
    projected, table = make_projected(), make_table(dtype=dtype)
    for rows in ([3, 1, UNKNOWN], [1, 2], [], [UNKNOWN, 39, 39, 1, 0], [3, 1, UNKNOWN]):
        assert_right(projected, table, rows)


def test_a_word_is_projected_once():
    projected, table = make_projected(), make_table()
    first, places = projected.find(words_of(table, [5, 7]))
    again, same = projected.find(words_of(table, [7, 9, 5]))
    assert again is first
    assert same[[2, 0]].tolist() == places.tolist()
    assert len(set(same.tolist())) == 3


def test_another_table_has_other_words():
    projected = make_projected()
    for seed in (0, 1, 0):
        assert_right(projected, make_table(seed=seed), [1, 2, UNKNOWN])
    assert_right(projected, make_table(3), [2, UNKNOWN])


def test_a_table_that_does_not_last_may_change():
    projected, table = make_projected(), make_table(dtype="float32")
    before, places = projected.find(words_of(table, [1], lasts=False))
    table[1] += 1
    after, _ = projected.find(words_of(table, [1], lasts=False))
    assert abs(before[places] - after[places]).max() > 0.1


def test_a_table_without_rows():
    assert_right(make_projected(), make_table(0), [])


def test_when_there_is_no_more_room(monkeypatch):
    monkeypatch.setattr(module, "KEPT_BYTES", 10 * 4 * COLUMNS)
    projected, table = make_projected(), make_table()
    for start in range(0, 36, 3):
        assert_right(projected, table, [*range(start, start + 4), UNKNOWN, 0])
    assert_right(projected, table, list(range(40)))  # more than there is room for
    assert_right(projected, table, [1, 2])


def test_threads_do_not_disturb_each_other(monkeypatch):
    monkeypatch.setattr(module, "KEPT_BYTES", 30 * 4 * COLUMNS)
    projected, table = make_projected(), make_table()
    failures = []

    def read(seed):
        rng = numpy.random.default_rng(seed)
        for _ in range(200):
            try:
                assert_right(projected, table, rng.integers(-1, 40, size=12))
            except AssertionError as error:
                failures.append(error)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
