import pickle

import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st

TOKENIZER = {"@tokenizers": "spacy-lstm-sentiment.FastTokenizer.v1"}


def blank():
    return spacy.blank("en", config={"nlp": {"tokenizer": TOKENIZER}})


NLP = blank()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("I didn't like it.", "I|did|n't|like|it|."),
        ("DON'T! It's they'll we've", "DO|N'T|!|It|'s|they|'ll|we|'ve"),
        ("I don\u2019t, it\u2019s", "I|do|n\u2019t|,|it|\u2019s"),
        ("7.5 of 1,000... and 10/10!!!", "7.5|of|1,000|...|and|10|/|10|!!!"),
        ("a well-made 'film' (2017) -- ok?!", "a|well|-|made|'|film|'|(|2017|)|--|ok|?|!"),
        ("caf\u00e9 \u00fcber 5*", "caf\u00e9|\u00fcber|5|*"),
        ("one  two\n\nthree", "one| |two|\n\n|three"),
        ("", ""),
        ("isn\u2018t isn`t it\u02bcs WON\uff07T", "is|n\u2018t|is|n`t|it|\u02bcs|WO|N\uff07T"),
        ("didnt CANT want different", "did|nt|CA|NT|want|different"),
        (
            "so\u2026 one\u2014two\u2013three \uff01!",
            "so|\u2026|one|\u2014|two|\u2013|three|\uff01!",
        ),
        (
            "won\u00adder\u200bful\u200b \ufeffgood cafe\u0301",
            "won\u00adder\u200bful\u200b|\ufeffgood|cafe\u0301",
        ),
        (
            "(see https://t.co/a?b=c.) www.imdb.com, ok",
            "(|see|https://t.co/a?b=c|.|)|www.imdb.com|,|ok",
        ),
        ("@jo_1 #great a@b.c #1 C#", "@jo_1|#great|a|@|b|.|c|#|1|C|#"),
        ("ok:-) :))) :D xD <3 o_O ^_^ ;) (:", "ok|:-)|:)))|:D|xD|<3|o_O|^_^|;)|(:"),
        (
            "at 10:30 (2005): a=(1) <30 a:b c:\\d",
            "at|10|:|30|(|2005|)|:|a|=|(|1|)|<|30|a|:|b|c|:|\\|d",
        ),
        ("fun\U0001f60d\U0001f60d \u2764\ufe0f!", "fun|\U0001f60d|\U0001f60d|\u2764\ufe0f|!"),
        ("\U0001f44d\U0001f3fd\U0001f1eb\U0001f1f7", "\U0001f44d\U0001f3fd|\U0001f1eb\U0001f1f7"),
        ("\U0001f469\u200d\U0001f4bb ok", "\U0001f469\u200d\U0001f4bb|ok"),
    ],
)
def test_tokens(text, tokens):
    assert [token.text for token in NLP(text)] == (tokens.split("|") if tokens else [])


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(" ")
@example("\n a  b\t")
@example("'t n't nn't '")
def test_text_comes_back_exactly(text):
    assert NLP(text).text == text


def test_contractions_are_split_as_spacy_does():
    texts = [
        "I can't, you won't and she didn't.",
        "It's what we've said they'd do.",
        "It isn\u2019t what they\u2019ve said: they wouldn\u2019t.",
        "It isnt so, he doesnt, they wont, we dont and I cant.",
    ]
    for text in texts:
        expected = [token.text for token in spacy.blank("en")(text)]
        assert [token.text for token in NLP(text)] == expected


def test_it_is_saved_with_the_pipeline_and_travels_to_processes(tmp_path):
    nlp = blank()
    nlp.to_disk(tmp_path / "nlp")
    text = "can't 7.5!"
    for other in (
        spacy.load(tmp_path / "nlp"),
        blank().from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ):
        assert [token.text for token in other(text)] == ["ca", "n't", "7.5", "!"]
    assert len(list(nlp.pipe([text] * 4, n_process=2, batch_size=2))) == 4


def test_words_of_a_memory_zone_are_forgotten_and_read_again():
    nlp = blank()
    with nlp.memory_zone():
        assert [token.text for token in nlp("brillig toves")] == ["brillig", "toves"]
    assert "brillig" not in nlp.vocab.strings
    assert [token.text for token in nlp("brillig")] == ["brillig"]
    with nlp.memory_zone():
        assert [token.text for token in nlp("brillig toves")] == ["brillig", "toves"]


def test_words_are_known_after_another_vocab_is_loaded():
    nlp = blank()
    other = nlp.to_bytes()
    nlp("brillig")
    nlp.from_bytes(other)
    assert [token.text for token in nlp("brillig")] == ["brillig"]
