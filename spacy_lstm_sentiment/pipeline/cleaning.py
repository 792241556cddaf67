"""Text as people typed it, out of text as web pages stored it."""

import html
import re

LINE_BREAK_TAG = re.compile(r"(?:\s*<\s*br\s*/?\s*>\s*)+", re.IGNORECASE)
TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9 ]+")


def clean_html(text: str) -> str:
    """Replace HTML line breaks by newlines and entities by their characters, drop other tags.

    Text without markup comes back as it is.
    """
    if "<" in text:
        text = TAG.sub("", LINE_BREAK_TAG.sub("\n", text))
    return html.unescape(text) if "&" in text else text


def clean_alphanumeric(text: str) -> str:
    """Keep lower-cased letters a-z, digits and spaces, as the 2017 tutorial does."""
    text = LINE_BREAK_TAG.sub(" ", text.lower())
    return " ".join(NOT_ALPHANUMERIC.sub("", text).split())


CLEANINGS = {"html": clean_html, "alphanumeric": clean_alphanumeric}
