"""What a token becomes before it is a key of word vectors and n-grams; the Doc keeps its text.

Phones, word processors and web pages write the same word in other characters than those that word
vectors are made of, and people write with signs, links and letters drawn out.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from spacy.strings import StringStore, get_string_id

from spacy_lstm_sentiment.models.emoji import read_emoji, read_emoticon

APOSTROPHES = "'`\u00b4\u02bc\u2018\u2019\u201b\u2032\uff07\x91\x92"
# Nothing that is seen: soft hyphens, marks of width and direction, selectors of an emoji's style.
INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufe0e\ufe0f\ufeff"
HYPHENS, DASHES = "\u2010\u2011\u2012\u2013\u2212\x96", "\u2014\u2015\x97"
QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\x93\x94'

PLAIN = str.maketrans(
    {
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(QUOTES, '"'),
        **dict.fromkeys(HYPHENS, "-"),
        **dict.fromkeys(DASHES, "--"),
        "\x85": "...",  # what Windows-1252 has for an ellipsis, read as Latin-1
    }
)
NOT_SEEN = re.compile(f"[{INVISIBLE}]+")
LINK = re.compile(r"(?:https?://|www\.)\S", re.IGNORECASE)
HANDLE = re.compile(r"@\w+")
DRAWN_OUT = re.compile(r"([^\W\d_])\1\1+", re.IGNORECASE)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What spaCy and FastTokenizer leave of "didnt", and the word as a whole.
NEGATED = _words_of(
    "nt aint arent cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt "
    "neednt shant shouldnt wasnt werent wont wouldnt"
)
OTHER_SPELLINGS = {
    "n't": "not",
    "'m": "am",
    "'ve": "have",
    "'re": "are",
    "'ll": "will",
    "'d": "would",
    "...": "\u2026",
    "--": "-",
}
RUNS = {"!!": "!", "??": "?", "..": "...", "--": "--", "**": "*", "__": "_", "''": '"'}
MOST_KEYS = 2**16
ROMAN = frozenset("ivxlcm")
MOST_RUNS = 3  # in a word, of which both lengths are tried
# Common words with two of the same letters, to tell "goooood" from "soooo".
DOUBLED = _words_of(
    """
    all allow annoy annoyed annoying appalling apparently appreciate ass asshole awesomeness aww
    ball been beer beginning bell better biggest bitter bizarre bloody boo book boom boss bottom
    brilliant brilliantly buddy bull bullshit butt call called cannot career carry cheers cheese
    cheesy class classic coffee comment common confess cool crappy creepy cross daddy deep
    deeply degree difficult difficulty dinner disappointed disappointing disappointment doom
    door dress drool dull eek effect effective embarrassed embarrassing especially essential eww
    exceedingly excellent fall feel feeling feels feet fell fill finally floor food fool foolish
    foot forgettable free freedom full fully funnier funniest funny generally getting giggle
    glass glee good goodbye goodness goof goofy greedy green greet gross guess hall happen
    happened happens happiest happily happiness happy hell hello hill hmm hood hooray horrible
    horrific horror hurry ill impossible impress impressed impressive indeed issue issues jeez
    keep keeps kill killed killer killing kiss less literally little look looked looking looks
    looser loss mall mass matter meet mess messy middle million miss missed missing mommy mood
    moon need needed needless needs nonetheless occasionally off offend offensive office ooh ool
    oops opposite pass passion peel personally phooey pissed pool poor poorly possible possibly
    practically pretty professional proof quarrel really recommend room root rubbish school
    screen seed seeing seem seemed seems seen sheer sheesh shoot silliness silly sleep sloppy
    small smell soon sorry spell spooky staff stall still stuff stunning succeed success
    successful sudden suddenly suffer suggest suppose supposed sweet sweetheart sweetie tall tee
    teen tell terrible terribly terrific terrifying three thrill thrilled thrilling till too
    took tool totally tree unfunny unless unnecessary usually utter utterly wall weed week
    weekend well will winner woo wood wooden woohoo worried worry worthless wrapped yell yellow
    yummy zoom
    """
)


def normalize(word: str) -> str:
    """A word as it is known: in plain characters, signs as words, letters not drawn out.

    "n\u2019t" and "isnt" become "n't", "\u2026" "...", ":-)" "smile", "goooood" "good", "!!!!" "!",
    "#great" "great", a link "http" and a handle "user". Other words stay as they are, in their
    case. Of what cannot be seen, "" is left.
    """
    plain = word if word.isascii() and "`" not in word else _plain(word)
    if plain.isalpha():
        return _read_letters(plain)
    return plain if not plain or plain.isspace() else _read_signs(plain.strip())


def spellings(word: str) -> tuple[str, ...]:
    """How a word may be written in a table of vectors, the likeliest first."""
    normal = normalize(word)
    lower = normal.lower()
    other = OTHER_SPELLINGS.get(lower)
    return (normal, lower) if other is None else (normal, lower, other)


_keys: dict[int, tuple[int, ...]] = {}


def spelling_keys(key: int, strings: StringStore) -> tuple[int, ...]:
    """The keys of a word's spellings, by its own; of so many words at a time they are kept.

    A word's key is the same in every StringStore.
    """
    found = _keys.get(key)
    if found is None:
        if len(_keys) >= MOST_KEYS:
            _keys.clear()
        _keys[key] = found = keys_of(strings[key])
    return found


def keys_of(word: str) -> tuple[int, ...]:
    """The keys of a word's spellings."""
    return tuple(map(get_string_id, spellings(word)))


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", NOT_SEEN.sub("", word).translate(PLAIN))


def _read_letters(word: str) -> str:
    if DRAWN_OUT.search(word):
        word = _shorten(word)
    lower = word.lower()
    if lower in NEGATED:
        return "n't"
    return read_emoticon(word) or word if lower == "xd" else word


def _shorten(word: str) -> str:
    """A word with a letter three times or more: as a common word has it, or with one letter."""
    lower = word.lower()
    if ROMAN.issuperset(lower):
        return word
    if len(set(lower)) == 1:  # www, zzz
        return word[:3]
    n_runs = len(DRAWN_OUT.findall(word))
    choices = product((2, 1), repeat=n_runs) if n_runs <= MOST_RUNS else [(1,) * n_runs]
    for lengths in choices:
        shortened = _with_runs(word, iter(lengths))
        if shortened.lower() in DOUBLED:
            break
    return shortened


def _with_runs(word: str, lengths: Iterator[int]) -> str:
    return DRAWN_OUT.sub(lambda run: run[1] * next(lengths), word)


def _read_signs(word: str) -> str:
    if word[0] > "\u00ff":
        return read_emoji(word) or word
    if LINK.match(word):
        return "http"
    if HANDLE.fullmatch(word):
        return "user"
    if word[0] == "#" and word[1:2].isalpha():
        return normalize(word[1:])
    emoticon = read_emoticon(word)
    if emoticon is None and len(set(word)) == 1:
        return RUNS.get(word[:2], word)
    return emoticon or word
