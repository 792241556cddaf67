"""Short texts that a teacher labels, so that its student meets more words than the labelled ones.

Words of lexicons stand in frames, and in labelled sentences words give way to their neighbours
among the vectors: "good" to "great", but also to "bad". What that does to a text, its teacher says.
"""

import re
from collections.abc import Iterable, Sequence
from random import Random

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

FRAMES = (
    *("{}!", "so {}", "very {}", "really {}", "a bit {}", "quite {}", "{} as always", "{} lol"),
    *("not {}", "not {} at all", "it wasn't {}", "never {}", "no {}", "isn't {}", "hardly {}"),
    *("it was {}", "I find it {}", "less {}", "too {}", "I feel {} today", "they are {}"),
    *("the update is {}", "customer service was {}", "my manager is {}", "pay is {}"),
    *("the results were {}", "{} quarter for the company", "{} news from the market"),
    *("@user {}", "{} day", "the food was {}", "the plot was {}", "is it {}?", "{}, but {}"),
    *("{} and {}", "not {}, just {}", "no {}, no {}", "used to be {}, now {}"),
)
FRAMES_OF_A_WORD = 5
N_NEIGHBOURS = 12
SHARE_SWAPPED = 0.3  # of the content words of a sentence


def phrases(words: Sequence[str], random: Random) -> list[str]:
    """Each word in a few frames; where a frame takes two words, the second is any."""
    return [
        frame.format(word, random.choice(words)) if frame.count("{}") == 2 else frame.format(word)
        for word in words
        if re.fullmatch(r"[\w' -]+", word)
        for frame in random.sample(FRAMES, FRAMES_OF_A_WORD)
    ]


def variants(docs: Iterable[Doc], neighbours: dict[str, list[str]], random: Random) -> list[str]:
    """Each text with some of its content words swapped for neighbours.

    Those without a word that has neighbours are left out.
    """
    found = []
    for doc in docs:
        content = (token for token in doc if not token.is_stop)
        places = [token.i for token in content if token.lower_ in neighbours]
        n_swapped = max(1, round(SHARE_SWAPPED * len(places)))
        swapped = set(random.sample(places, min(n_swapped, len(places))))
        if swapped:
            words = [
                random.choice(neighbours[token.lower_]) if token.i in swapped else token.text
                for token in doc
            ]
            pairs = zip(words, doc, strict=True)
            found.append("".join(word + token.whitespace_ for word, token in pairs))
    return found


def nearest(
    words: Iterable[str], keys: Sequence[str], vectors: npt.NDArray[np.float32]
) -> dict[str, list[str]]:
    """The words of `keys` whose vectors are nearest by their cosine, of each of `words` there.

    vectors: A row for each key. *Shape:* (keys, width)
    """
    row_of = {key: row for row, key in enumerate(keys)}
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    rows = sorted({row_of[word] for word in words if word in row_of and word.isalpha()})
    found = {}
    for start in range(0, len(rows), 512):
        chunk = rows[start : start + 512]
        similar = units[chunk] @ units.T
        similar[np.arange(len(chunk)), chunk] = -1.0
        best = np.argpartition(similar, -N_NEIGHBOURS, axis=1)[:, -N_NEIGHBOURS:]
        for row, near in zip(chunk, best, strict=True):
            found[keys[row]] = [keys[place] for place in near if keys[place].isalpha()]
    return {word: near for word, near in found.items() if near}
