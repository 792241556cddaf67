import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.models.emoji import WORD_OF_EMOJI, WORD_OF_EMOTICON
from spacy_lstm_sentiment.models.normalizing import normalize, spellings

CHARACTERS = {
    "curly": (
        "n\u2019t \u2018s \u201c \u201d \u02bcll N\u2019T o`clock",
        "n't 's \" \" 'll N'T o'clock",
    ),
    "dashes": ("\u2013 \u2014 \u2010 --- a\u2011b", "- -- - -- a-b"),
    "ellipsis": ("\u2026 .. ..... \u2026.", "... ... ... ..."),
    "width": (
        "\uff47\uff4f\uff4f\uff44 \uff01 \uff1f\uff1f \ufb01lm \uff17.\uff15",
        "good ! ? film 7.5",
    ),
    "unseen": ("won\u00adder \u200bgood bad\u200d\ufeff be\u2060st", "wonder good bad best"),
    "accents": ("cafe\u0301 nai\u0308ve", "caf\u00e9 na\u00efve"),
    "Windows": ("didn\x92t \x93 \x97", "didn't \" --"),
}


@pytest.mark.parametrize(("words", "plain"), CHARACTERS.values(), ids=CHARACTERS)
def test_characters_become_plain(words, plain):
    assert [normalize(word) for word in words.split(" ")] == plain.split(" ")


def test_an_ellipsis_of_windows_is_white_space_to_python():
    assert [normalize("\x85"), normalize("\x85 "), normalize(" \n"), normalize("\xa0")] == [
        "...",
        "...",
        " \n",
        " ",
    ]


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("https://t.co/x HTTP://A.B www.imdb.com/title", "http http http"),
        ("@jo_1 @Jo @", "user user @"),
        ("#lovely #Sooo #1 #", "lovely So #1 #"),
        ("isnt Didnt CANT nt wouldnt", "n't n't n't n't n't"),
        ("!!!!! ??? *** ___ !?", "! ? * _ !?"),
        ("its were well ill id cannot don't", "its were well ill id cannot don't"),
        ("great U.S.A. 1,000,000 R2D2 C-3PO", "great U.S.A. 1,000,000 R2D2 C-3PO"),
    ],
)
def test_links_handles_tags_and_runs(words, known):
    assert [normalize(word) for word in words.split()] == known.split()


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("goooood GOOOOD Coooolll sweeeet hellloooo happppy", "good GOOD Cool sweet hello happy"),
        ("soooo looove yesss baaaad niiiice amazinggg", "so love yes bad nice amazing"),
        ("www zzzzzz aaaaah III xxxviii", "www zzz ah III xxxviii"),
        ("aaabbbcccddd good committee", "abcd good committee"),
    ],
)
def test_drawn_out_letters(words, known):
    assert [normalize(word) for word in words.split()] == known.split()


@pytest.mark.parametrize(
    ("signs", "word"),
    [
        (":) :-) :))) =) ;-) (: \u263a \u263a\ufe0f \U0001f60a", "smile"),
        (":( :-(( =( ):", "sad"),
        (":'( :\u2019( T_T T__T", "crying"),
        ("XD xD xDDDD", "hilarious"),
        ("<3 \u2764 \u2764\ufe0f \u2764\ufe0f\u200d\U0001f525 \U0001f60d\U0001f60d", "love"),
        ("\U0001f44d \U0001f44d\U0001f3fd", "good"),
        (":/ :-\\ :|", "meh"),
        ("^_^ ^^ ^__^", "happy"),
        ("\U0001f355", "pizza"),  # slice of pizza
        ("\U0001f422", "turtle"),
        ("\U0001f1eb\U0001f1f7", "flag"),
    ],
)
def test_emoticons_and_emoji(signs, word):
    assert {normalize(sign) for sign in signs.split()} == {word}


def test_signs_that_are_no_emoticons_stay():
    signs = ": ; = :: == ( ) () /: 8) 10:30 \u00a9 \u4f60 \u2192 ~"
    assert [normalize(sign) for sign in signs.split()][:11] == signs.split()[:11]
    assert normalize("\u4f60") == "\u4f60"


def test_the_words_of_signs_are_known_as_they_are():
    for word in {*WORD_OF_EMOJI.values(), *WORD_OF_EMOTICON.values(), "http", "user"}:
        assert spellings(word) == (word, word)


def test_spellings_from_the_likeliest_to_the_last():
    assert spellings("Great") == ("Great", "great")
    assert spellings("N\u2019T") == ("N'T", "n't", "not")
    assert spellings("\u2019ve") == ("'ve", "'ve", "have")
    assert spellings("\u2026") == ("...", "...", "\u2026")


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_ordinary_words_stay(word):
    if not any(3 * letter in word for letter in word) and normalize(word) != "n't":
        assert normalize(word) == word or word == "xd"


@given(st.text())
def test_normal_words_are_normal_and_case_does_not_matter(text):
    normal = normalize(text)
    assert normalize(normal) == normal
    if text.isascii():
        assert normalize(text.lower()).lower() == normal.lower()
