import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_lstm_sentiment.pipeline.cleaning import clean_alphanumeric, clean_html


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Good.<br /><br />Really <BR>good", "Good.\nReally\ngood"),
        ("Tom &amp; Ann&#39;s caf&eacute;", "Tom & Ann's café"),
        ("a <i>very</i> <a href='x'>good</a> one", "a very good one"),
        ("3 < 4 and 5 > 2, i <3 it, R&D", "3 < 4 and 5 > 2, i <3 it, R&D"),
        ("no markup  at all\n", "no markup  at all\n"),
        ("", ""),
    ],
)
def test_clean_html(text, cleaned):
    assert clean_html(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("<h2>Noisy</h2><p>Cold room</p>", "Noisy\nCold room"),
        ("<ul>\n <li>Late\n <li class=x>Rude</ul> never", "Late\nRude\nnever"),
        ("<tr><td>Food</td><td>5</td></tr>", "Food\n5"),
        ("<div>one</div>  <div> two </div>three", "one\ntwo\nthree"),
        ("One<hr/>two</br>three< br >four<br clear='all'>five", "One\ntwo\nthree\nfour\nfive"),
        ('<TABLE width="80%" border=0 nowrap><CAPTION>So so</TABLE>', "So so"),
        ("  kept <p> dropped </p> kept  ", "  kept\ndropped\nkept  "),
        ("<p></p><br>", ""),
    ],
)
def test_a_block_tag_ends_a_line(text, cleaned):
    assert clean_html(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("un<b>believ</b>able <EM>fun</EM >", "unbelievable fun"),
        ("<a href=\"a>b\" title='c > d' target=_blank>here</a>", "here"),
        ("<span data-on class='x'\n id=y>here</span>", "here"),
        ("<!DOCTYPE html><?xml version='1.0'?>text<![endif]>", "text"),
    ],
)
def test_tags_within_a_line_go(text, cleaned):
    assert clean_html(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "price <quality and service> staff",
        "if x<y and y>z then",
        "a < b > c",
        "<grin> oh <3 my <sarcasm>fine</sarcasm>",
        "mail <jo@example.org> or <https://example.org>",
        "tastes <i think> odd, <b and c>",
        "List<String> of <T>",
        "cut off <a href='x",
        "->> <-- <> </> <p",
    ],
)
def test_what_is_no_tag_stays(text):
    assert clean_html(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a<style type='text/css'>p > b { color: red }</style>b", "ab"),
        ("Good <SCRIPT>if (a < b) { bad() }</Script >film", "Good film"),
        ("fine<!-- not <b>fine</b> -- at > all -->.<!-->.", "fine.."),
        ("<!-- one --><!-- <script> -->two<!-- three -->", "two"),
        ("<script>'<!--'</script>kept<style></style>", "kept"),
        ("it <!-- never ends <b>here</b>", "it <!-- never ends here"),
        ("it <style> never ends", "it\nnever ends"),
    ],
)
def test_style_script_and_comments_go_with_their_content(text, cleaned):
    assert clean_html(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("&lt;b&gt; &quot;ok&quot; &hellip;&#8217;&#x1F600;&nbsp;", '<b> "ok" …\u2019😀\xa0'),
        ("AT&T, R&D;, a&b=1 &unknown; &#; &", "AT&T, R&D;, a&b=1 &unknown; &#; &"),
        ("&#" + "9" * 5000 + ";", "&#" + "9" * 5000 + ";"),
    ],
)
def test_entities(text, cleaned):
    assert clean_html(text) == cleaned


@given(st.text(st.characters(exclude_characters="<&")))
def test_text_without_markup_stays_as_it_is(text):
    assert clean_html(text) == text


MARKUP = [
    "<",
    ">",
    "&",
    "b",
    "p",
    "br",
    "<li>",
    "</i>",
    "<!--",
    "-->",
    "<script>",
    "'",
    '"',
    "=",
    " ",
]


@given(st.lists(st.sampled_from(MARKUP)))
def test_any_pieces_of_markup_are_read(pieces):
    assert len(clean_html("".join(pieces))) <= len("".join(pieces))


def test_clean_alphanumeric_is_the_tutorials():
    text = "Don't miss it!<br /><br />It's THE film of 2017 -- trust me, café."
    assert clean_alphanumeric(text) == "dont miss it its the film of 2017 trust me caf"


def test_clean_alphanumeric_keeps_lines_and_cells_apart():
    assert clean_alphanumeric("<td>Rude</td><td><i>S</i>low</td>\nlate") == "rude slow late"
