import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.training.domains import join_tokens, read_domain

TREE = "(1 (2 The) (1 (1 (2 soup) (2 (2 was) (2 n't))) (3 (3 warm) (2 .))))"


def read(tmp_path, domain, content, name="file.txt"):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return [(review.text, review.label) for review in read_domain(path, domain)]


def test_a_tree_gives_its_sentence_and_its_phrases_once(tmp_path):
    texts = read(tmp_path, "treebank", f"{TREE}\n{TREE}\n")
    assert texts[0] == ("The soup wasn't warm.", "NEGATIVE")
    assert ("warm.", "POSITIVE") in texts
    assert ("soup wasn't", "NEGATIVE") in texts
    assert ("soup", "NEUTRAL") in texts
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("It 's , frankly , dull .", "It's, frankly, dull."),
        ("We do n't -LRB- ever -RRB- mind", "We don't (ever) mind"),
        ("A `` true '' story", 'A "true" story'),
        ("half comedy\\/half drama !", "half comedy/half drama!"),
        ("' tis the children 's", "' tis the children's"),
        ("", ""),
    ],
)
def test_treebank_tokens_are_joined_as_one_types_them(tokens, text):
    assert join_tokens(tokens.split()) == text


def test_pros_and_cons(tmp_path):
    content = "<Pros>Light, quiet</Pros>\n\n  <Cons>Lid &amp; hinge<p>squeak</Cons>\n"
    assert read(tmp_path, "pros_cons", content)[0] == ("Light, quiet", "POSITIVE")
    text, label = read(tmp_path, "pros_cons", content)[1]
    assert (text.startswith("Lid & hinge"), label) == (True, "NEGATIVE")


def test_plots_are_neutral(tmp_path):
    assert read(tmp_path, "plots", "a baker , aged 60 , moves . \n") == [
        ("a baker, aged 60, moves.", "NEUTRAL")
    ]


def test_a_sentence_of_news_counts_where_its_targets_agree(tmp_path):
    content = (
        '{"sentence_normalized": "All praised Ann.", "targets": [{"polarity": 6.0}]}\n'
        '{"sentence_normalized": "Ann beat Ben.", "targets": [{"polarity": 6.0}, '
        '{"polarity": 2.0}]}\n'
    )
    assert read(tmp_path, "news", content) == [("All praised Ann.", "POSITIVE")]


def test_posts_of_developers_keep_their_quotes(tmp_path):
    content = 't1;negative;"Hopeless; ""really"" so"\r\nt2;neutral;See above\r\n'
    assert read(tmp_path, "developers", content) == [
        ('Hopeless; "really" so', "NEGATIVE"),
        ("See above", "NEUTRAL"),
    ]


def test_words_take_their_label_from_the_name_of_the_file(tmp_path):
    words = "; about the list\n\ngrim\nbleak\n"
    assert read(tmp_path, "words", words, "negative-words.txt") == [
        ("grim", "NEGATIVE"),
        ("bleak", "NEGATIVE"),
    ]
    with pytest.raises(InputError, match="whether the words are positive or negative"):
        read(tmp_path, "words", words, "words.txt")


def test_words_with_a_plain_valence_have_its_sign(tmp_path):
    lines = ["yippee\t2.5\t0.5\t[3, 2]", ":-{\t-1.0\t0.1\t[-1, -1]", "hm\t-0.4\t1.0\t[-1, 1]"]
    assert read(tmp_path, "valences", "\r\n".join(lines)) == [
        ("yippee", "POSITIVE"),
        (":-{", "NEGATIVE"),
    ]


@pytest.mark.parametrize(
    ("domain", "content"),
    [
        ("treebank", f"{TREE}\n(2 (2 cut short)\n"),
        ("treebank", f"{TREE}\n(7 (2 no) (2 class))\n"),
        ("treebank", f"{TREE}\nno tree at all\n"),
        ("pros_cons", "<Pros>fine</Pros>\nloose text\n"),
        ("news", '{"sentence_normalized": "x", "targets": []}\n[1]\n'),
        ("news", '{"sentence_normalized": "x", "targets": []}\n{"targets": [{"polarity": 3}]}\n'),
        ("developers", "t1;negative;x\nt2;angry;y\n"),
        ("valences", "yippee\t2.5\nhm\n"),
        ("valences", "yippee\t2.5\nhm\tnone\n"),
        ("valences", "yippee\t2.5\nhm\tnan\n"),
        ("valences", "yippee\t2.5\nhm\t25\n"),
    ],
)
def test_a_line_that_is_not_of_the_form_is_named(tmp_path, domain, content):
    with pytest.raises(InputError, match=r"file\.txt:2: "):
        read(tmp_path, domain, content)


def test_an_unknown_domain_is_refused(tmp_path):
    with pytest.raises(InputError, match="known are treebank"):
        read(tmp_path, "tweets", "")
