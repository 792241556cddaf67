import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.labels import (
    LabelCoding,
    label_set,
    make_cats,
    make_coding,
    parse_meanings,
    parse_stars,
)


def read(column, labels=None, stars=None):
    parse = make_coding(labels, stars).parser(column, "a.csv")
    return [{"POSITIVE": 1, "NEGATIVE": -1, "NEUTRAL": 0, None: None}[parse(v)] for v in column]


@pytest.mark.parametrize(
    ("column", "meanings"),
    [
        (["positive", "NEG", " Neutral ", "Pos", "negative"], [1, -1, 0, 1, -1]),
        (["0", "1", 1, 0.0, "1.0"], [-1, 1, 1, -1, 1]),
        ([1, 1], [1, 1]),
        ([0], [-1]),
        ([-1, 0, 1, "-1.0", 0.0], [-1, 0, 1, -1, 0]),
        ([1, "-1"], [1, -1]),
    ],
)
def test_known_codings(column, meanings):
    assert read(column) == meanings


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ([1, 2, 1], "1, 2"),  # Yelp: 1 is NEGATIVE
        ([0, 1, 2], "0, 1, 2"),  # 1 is NEUTRAL, or 0 is
        ([0, 4], "0, 4"),  # Sentiment140
        ([-1, -1], "-1"),  # no label, on Hugging Face's hub
        ([-1, 0], "-1, 0"),
        ([1, 2, 3, 4, 5, "4.5"], "1, 2, 3, 4, 4.5, 5"),
        (["pos", 1, 0], "0, 1, pos"),
        (list(range(30)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 20 more"),
    ],
)
def test_numbers_of_no_known_coding_are_refused_with_what_was_found(column, shown):
    with pytest.raises(InputError) as refused:
        LabelCoding().parser(column, "a.csv")
    assert str(refused.value).startswith(f"a.csv: the labels are {shown}, which may")
    assert "--labels 1=NEGATIVE,2=POSITIVE" in str(refused.value)


def test_a_word_that_is_none_is_a_matter_of_its_row():
    parse = LabelCoding().parser(["pos", "good"], "a.csv")
    assert parse("pos") == "POSITIVE"
    for value in ("good", "", None, True, [1], "word " * 99):
        with pytest.raises(ValueError, match="accepted are positive, pos, negative") as refused:
            parse(value)
        assert len(str(refused.value)) < 140


def test_what_the_user_says_of_values():
    labels = "1=negative,2=POSITIVE, n/a = ,3=Neutral"
    assert read([1, 2.0, "N/A", "3", "2 "], labels) == [-1, 1, None, 0, 1]
    with pytest.raises(ValueError, match="unknown label 4; --labels names 1, 2, n/a, 3"):
        make_coding(labels, None).parser([], "a.csv")(4)


@pytest.mark.parametrize("text", ["", "1", "1=good", "=POSITIVE", "1=POSITIVE,1=NEGATIVE", "1=,2="])
def test_meanings_of_another_form(text):
    with pytest.raises(InputError, match=f"--labels {text}"):
        parse_meanings(text)


@pytest.mark.parametrize(
    ("stars", "column", "meanings"),
    [
        ("5", [1, "2", 3.0, "4", 5], [-1, -1, 0, 1, 1]),
        ("5", ["2.5", 3.5], [0, 0]),
        ("10", [1, 4, 5, 6, 7, 10], [-1, -1, 0, 0, 1, 1]),
        ("5:1,3", [1, 2, 3], [-1, 0, 1]),
        ("7:2.5,5.5", [2.5, 3, 5, 5.5], [-1, 0, 0, 1]),
    ],
)
def test_stars(stars, column, meanings):
    assert read(column, stars=stars) == meanings


@pytest.mark.parametrize("value", [0, 6, "five", None, "", "nan", -3])
def test_what_is_no_number_of_stars(value):
    with pytest.raises(ValueError, match="is no number of stars from 1 to 5"):
        make_coding(None, "5").parser([], "a.csv")(value)


@pytest.mark.parametrize("text", ["7", "5:4,2", "5:0,4", "5:2", "five", "5:2,6", "0"])
def test_stars_of_another_form(text):
    with pytest.raises(InputError, match=f"--stars {text}"):
        parse_stars(text)


def test_a_column_has_one_coding():
    with pytest.raises(InputError, match="give one of them"):
        make_coding("1=POSITIVE", "5")


def test_neutral_is_a_label_only_where_the_data_has_it():
    assert label_set(["POSITIVE", "POSITIVE"]) == ("POSITIVE", "NEGATIVE")
    assert label_set(["NEUTRAL", None]) == ("POSITIVE", "NEGATIVE", "NEUTRAL")


def test_cats_are_one_hot_and_empty_without_a_label():
    assert make_cats("NEGATIVE", ("POSITIVE", "NEGATIVE")) == {"POSITIVE": 0.0, "NEGATIVE": 1.0}
    assert make_cats(None, ("POSITIVE", "NEGATIVE")) == {}
