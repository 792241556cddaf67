"""A review, and the split of reviews into training and development sets."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from spacy_lstm_sentiment.errors import InputError


@dataclass(frozen=True, slots=True)
class Review:
    """One text to train or evaluate on.

    `label` is None where the data is unlabelled; `group` names what the review is about (the film,
    in IMDB) where that is known; `rating` is the number of stars, 1 to 10, where there is one.
    """

    text: str
    label: str | None
    group: str | None = None
    rating: int | None = None


def stable_rank(seed: int, name: str) -> bytes:
    """A sort key that shuffles names alike on every machine and in every version of Python."""
    return hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=16).digest()


def sample_by_label(reviews: Sequence[Review], limit: int, seed: int = 0) -> list[Review]:
    """At most so many reviews of each label, chosen by the seed, in the order that they have."""
    ranked = sorted(
        range(len(reviews)), key=lambda place: stable_rank(seed, f"{place}:{reviews[place].text}")
    )
    counts: Counter[str | None] = Counter()
    kept = []
    for place in ranked:
        label = reviews[place].label
        counts[label] += 1
        if counts[label] <= limit:
            kept.append(place)
    return [reviews[place] for place in sorted(kept)]


def split_by_group(
    reviews: Sequence[Review], dev_size: int, seed: int = 0
) -> tuple[list[Review], list[Review]]:
    """Split reviews into (train, dev), each in the given order, with no group on both sides.

    Whole groups, in an order shuffled by `seed`, go to dev until it holds at least `dev_size`
    reviews. A review without a group stays with those of the same text. Raises InputError where
    nothing would be left to train on.
    """
    sizes = Counter(_group(review) for review in reviews)
    dev_groups: set[str] = set()
    missing = dev_size
    for group in sorted(sizes, key=lambda group: stable_rank(seed, group)):
        if missing <= 0:
            break
        dev_groups.add(group)
        missing -= sizes[group]
    train = [review for review in reviews if _group(review) not in dev_groups]
    if dev_groups and not train:
        raise InputError(
            f"a dev set of {dev_size} leaves none of the {len(reviews)} reviews to train on:"
            " ask for a smaller one"
        )
    return train, [review for review in reviews if _group(review) in dev_groups]


def _group(review: Review) -> str:
    return review.text if review.group is None else review.group
