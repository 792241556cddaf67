import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.reviews import Review, split_by_group

REVIEWS = [Review(f"Take {n} of film {n % 10}.", "POSITIVE", f"tt{n % 10}") for n in range(60)]


def groups(reviews):
    return {review.group for review in reviews}


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=40).filter(lambda ns: len(set(ns)) > 1),
    st.integers(0, 5),
)
def test_no_group_is_on_both_sides_and_no_review_is_lost(numbers, seed):
    reviews = [Review(f"text {i}", "POSITIVE", f"tt{n}") for i, n in enumerate(numbers)]
    train, dev = split_by_group(reviews, 1, seed)
    assert dev
    assert not groups(train) & groups(dev)
    assert sorted(train + dev, key=reviews.index) == reviews
    assert train == sorted(train, key=reviews.index)


def test_dev_holds_whole_films_until_it_is_large_enough():
    train, dev = split_by_group(REVIEWS, 13)
    assert len(dev) == 18  # three films of six
    assert len(train) == 42


def test_the_split_never_changes():
    # Written out, so that a change of machine, of Python or of the hash would show.
    assert groups(split_by_group(REVIEWS, 13)[1]) == {"tt1", "tt3", "tt5"}


def test_the_seed_chooses_the_films_and_the_order_of_reviews_does_not():
    assert groups(split_by_group(REVIEWS, 13)[1]) == groups(split_by_group(REVIEWS[::-1], 13)[1])
    assert len({frozenset(groups(split_by_group(REVIEWS, 13, s)[1])) for s in range(5)}) > 1


def test_copies_of_a_text_stay_on_one_side():
    reviews = [Review(f"text {n % 10}", "POSITIVE") for n in range(30)]
    train, dev = split_by_group(reviews, 10)
    assert len(dev) == 12
    assert not {review.text for review in train} & {review.text for review in dev}


def test_a_dev_size_of_zero_keeps_everything_for_training():
    assert split_by_group(REVIEWS, 0) == (REVIEWS, [])


def test_a_dev_set_that_takes_everything_is_refused():
    with pytest.raises(InputError, match="a dev set of 55 leaves none of the 60 reviews"):
        split_by_group(REVIEWS, 55)
