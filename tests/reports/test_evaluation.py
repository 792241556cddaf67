import numpy as np
import pytest
import spacy
from small_pipeline import REVIEWS

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.baselines import majority, tfidf
from spacy_lstm_sentiment.reports.evaluation import evaluate, make_groups
from spacy_lstm_sentiment.reports.evaluation_report import describe_evaluation
from spacy_lstm_sentiment.reports.texts import Text

WRONG = Text("A great book and a really good film.", "NEGATIVE", {"site": "x"})
TEXTS = [*(Text(text, label, {"site": "x"}) for text, label in REVIEWS), WRONG]


def test_measures_on_texts(trained_nlp):
    result = evaluate(trained_nlp, [*TEXTS, Text("so so", "NEUTRAL"), Text("bad", None)])
    assert result.n_left_out == 2
    assert "2 with no label that it knows" in describe_evaluation(result, "m", "d").summary
    assert len(result.gold) == 7
    assert result.measures["accuracy"].value == pytest.approx(6 / 7)
    assert result.confusion == {
        "POSITIVE": {"POSITIVE": 3, "NEGATIVE": 0},
        "NEGATIVE": {"POSITIVE": 1, "NEGATIVE": 3},
    }


def test_the_most_confident_mistake_has_its_words(trained_nlp):
    result = evaluate(trained_nlp, TEXTS, by=["site"])
    (mistake,) = result.mistakes
    assert (mistake.text, mistake.gold, mistake.predicted) == (WRONG.text, "NEGATIVE", "POSITIVE")
    words = describe_evaluation(result, "m", "d").data["mistakes"][0]["words"]
    contributions = dict(
        zip(mistake.explanation.tokens, mistake.explanation.contributions, strict=True)
    )
    assert {"great", "good"} & set(words)
    assert contributions[words[0]] == max(contributions.values()) > 0
    assert not evaluate(trained_nlp, TEXTS, n_mistakes=0).mistakes


def test_rivals_are_tested_on_the_same_texts(trained_nlp):
    unknown = Text("so so", "NEUTRAL")
    rivals = {"all good": ["POSITIVE"] * 8, "gold": [str(text.label) for text in (unknown, *TEXTS)]}
    all_good, gold = evaluate(trained_nlp, [unknown, *TEXTS], rivals=rivals).rivals
    assert all_good.accuracy == pytest.approx(3 / 7)
    assert (all_good.test.only_first, all_good.test.only_second) == (3, 0)
    assert (gold.accuracy, gold.test.only_first, gold.test.only_second) == (1.0, 0, 1)


def test_no_label_that_the_pipeline_knows(trained_nlp):
    with pytest.raises(InputError, match="no text has one of the pipeline's labels"):
        evaluate(trained_nlp, [Text("bad", None)])


def test_a_pipeline_without_labels():
    with pytest.raises(InputError, match="gives no labels"):
        evaluate(spacy.blank("en"), TEXTS)


def test_a_column_that_is_missing(trained_nlp):
    with pytest.raises(InputError, match=r'no column "date".*the texts have site'):
        evaluate(trained_nlp, TEXTS, by=["date"])


def test_groups_of_few_numbers():
    groups = make_groups([1, 10, 2, 10], np.array([True, True, False, False]))
    assert [(group.name, group.n_texts, group.accuracy) for group in groups] == [
        ("1", 1, 1.0),
        ("2", 1, 0.0),
        ("10", 2, 0.5),
    ]


def test_groups_of_many_numbers_are_ranges_of_about_equal_size():
    values = list(range(1, 101))
    groups = make_groups(values, np.array(values) > 40)
    assert groups[0].name.startswith("1 to ")
    assert groups[-1].name.endswith(" to 100")
    assert all(19 <= group.n_texts <= 21 for group in groups)
    assert sum(group.n_texts for group in groups) == 100
    assert groups[0].accuracy == 0.0


def test_groups_of_many_names_are_the_frequent_ones_and_others():
    values = [f"site {n}" for n in range(30)] + ["site 0"] * 5
    groups = make_groups(values, np.ones(35, dtype=bool))
    assert groups[-1].name == "others"
    assert len(groups) == 13
    assert sum(group.n_texts for group in groups) == 35


def test_baselines():
    training = [Text(text, label) for text, label in REVIEWS * 2] + [Text("fun", "POSITIVE")]
    assert majority(training, TEXTS) == ["POSITIVE"] * len(TEXTS)
    found = tfidf(training, TEXTS)
    assert found[:-1] == [label for _, label in REVIEWS]
    with pytest.raises(InputError, match="two labels"):
        tfidf([Text("fun", "POSITIVE")], TEXTS)
    with pytest.raises(InputError, match="labelled texts"):
        majority([Text("fun", None)], TEXTS)
