import pytest

from spacy_lstm_sentiment.training.labels import label_set, make_cats, parse_label


@pytest.mark.parametrize(
    ("label", "spellings"),
    [
        ("POSITIVE", ["positive", "POSITIVE", " Pos ", "1", 1, 1.0]),
        ("NEGATIVE", ["negative", "NEG", "0", "-1", 0, -1, 0.0, -1.0]),
        ("NEUTRAL", ["neutral", "Neutral"]),
    ],
)
def test_spellings(label, spellings):
    assert {parse_label(spelling) for spelling in spellings} == {label}


@pytest.mark.parametrize(
    "value", ["", "good", "2", 2, 0.5, float("nan"), None, True, [1], "word " * 99]
)
def test_anything_else_is_refused_with_what_is_accepted(value):
    with pytest.raises(ValueError, match="accepted are positive, pos, 1, negative") as refused:
        parse_label(value)
    assert len(str(refused.value)) < 140


def test_neutral_is_a_label_only_where_the_data_has_it():
    assert label_set(["POSITIVE", "POSITIVE"]) == ("POSITIVE", "NEGATIVE")
    assert label_set(["NEUTRAL", None]) == ("POSITIVE", "NEGATIVE", "NEUTRAL")


def test_cats_are_one_hot_and_empty_without_a_label():
    assert make_cats("NEGATIVE", ("POSITIVE", "NEGATIVE")) == {"POSITIVE": 0.0, "NEGATIVE": 1.0}
    assert make_cats(None, ("POSITIVE", "NEGATIVE")) == {}
