"""Explanations as HTML."""

from html.parser import HTMLParser

import pytest

import spacy_lstm_sentiment
from spacy_lstm_sentiment.pipeline.explain import (
    Explanation,
    explain,
)


class Text(HTMLParser):
    """The text within <div>, and the title of each of its <span>s with its style."""

    def __init__(self, html):
        super().__init__()
        self.text, self.titles, self.styles, self.inside = "", [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.inside = self.inside or tag == "div"
        if tag == "span" and self.inside:
            self.titles.append(dict(attrs)["title"])
            self.styles.append(dict(attrs)["style"])

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "div"

    def handle_data(self, data):
        self.text += data if self.inside else ""


def test_html_has_the_text_as_it_was_with_a_number_for_each_token(trained_nlp):
    doc = trained_nlp('A "good"  film,\n\n<b>bad</b> & dull.')
    explanation = spacy_lstm_sentiment.explain(doc)
    html = Text(spacy_lstm_sentiment.render(explanation))
    assert html.text == doc.text
    values = [
        value
        for token, value in zip(doc, explanation.contributions, strict=True)
        if not token.is_space
    ]
    assert [float(title) for title in html.titles] == pytest.approx(values, abs=5e-4)


def test_html_shows_sign_and_strength(trained_nlp):
    html = Text(spacy_lstm_sentiment.render(explain(trained_nlp("good zyxwv bad"))))
    good, unknown, bad = (style.split("rgba(")[1].split(")")[0] for style in html.styles)
    assert good.rsplit(",", 1)[0] != bad.rsplit(",", 1)[0]
    opacities = [float(color.rsplit(",", 1)[1]) for color in (good, unknown, bad)]
    assert opacities[1] == 0.0
    assert max(opacities) == 0.6


def test_html_says_what_no_token_accounts_for():
    settings = {"label": "POSITIVE", "tokens": ("good",), "spaces": ("",), "baseline_logit": 0.0}
    whole = Explanation(contributions=(1.0,), logit=1.0, **settings)
    part = Explanation(contributions=(1.0,), logit=1.5, **settings)
    assert "due to no token" not in spacy_lstm_sentiment.render(whole)
    assert "+0.500 of the logit due to no token" in spacy_lstm_sentiment.render(part)


def test_a_page_holds_the_figure(trained_nlp):
    explanation = explain(trained_nlp("good"))
    page = spacy_lstm_sentiment.render(explanation, page=True)
    assert page.startswith("<!DOCTYPE html>")
    assert spacy_lstm_sentiment.render(explanation) in page


def test_html_of_an_empty_document(trained_nlp):
    assert Text(spacy_lstm_sentiment.render(explain(trained_nlp("")))).text == ""
