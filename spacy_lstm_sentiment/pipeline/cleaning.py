"""Text as people typed it, out of text as web pages stored it."""

import html
import re

IN_LINES = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr o:p q rb
    rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr
"""
ENDING_LINES = """
    address applet area article aside audio base basefont blockquote body br button canvas caption
    center col colgroup datalist dd details dialog dir div dl dt embed fieldset figcaption figure
    footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input legend
    li link main map menu meta meter nav noframes noscript object ol optgroup option output p param
    picture pre progress script section select slot source style summary svg table tbody td template
    textarea tfoot th thead title tr track ul video
"""
WITHOUT_VALUE = """
    allowfullscreen async autofocus autoplay checked compact controls default defer disabled hidden
    inert ismap itemscope loop multiple muted nohref noshade novalidate nowrap open playsinline
    readonly required reversed selected
"""


def _any_of(names: str) -> str:
    return "|".join(names.split())


# None of these reads past the next "<", and none can read a character in two ways: so they take
# time in proportion to the text, whatever the text is.
ATTRIBUTES = rf"""(?:\s+(?:
      [\w:.@-]+ \s*=\s* (?: "[^"<]*" | '[^'<]*' | [^\s"'<>][^\s<>]* )
    | (?:{_any_of(WITHOUT_VALUE)}|data-[\w-]+) (?![^\s/>])
    ))*"""
TAG = re.compile(
    rf"""<(?:
      /?(?:{_any_of(IN_LINES)}) (?![^\s/>]) {ATTRIBUTES} [\s/]*
    | ( /?(?:{_any_of(ENDING_LINES)}) (?![^\s/>]) {ATTRIBUTES} [\s/]*
      | \s*br[\s/]* | !doctype[^<>]* | \?xml[^<>]* | !\[[^<>]*\] )
    )>""",
    re.IGNORECASE | re.VERBOSE,
)
HIDDEN = re.compile(r"<(?:!(--)|(script|style)(?![^\s/>])[^<>]*>)", re.IGNORECASE)
END_OF_HIDDEN = {
    "--": re.compile("-->"),
    "script": re.compile(r"</script[^<>]*>", re.IGNORECASE),
    "style": re.compile(r"</style[^<>]*>", re.IGNORECASE),
}
# Numbers of any length would be read as such: those of seven digits cover all characters.
ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}(?![0-9])|#x[0-9a-f]{1,6}(?![0-9a-f])|[a-z]\w{1,31});?", re.IGNORECASE
)
NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9\s]+")


def clean_html(text: str) -> str:
    """Drop HTML's tags, comments, scripts and styles; entities become their characters.

    Tags that end a line, such as those of paragraphs, list items and cells, leave one newline in
    place of themselves and the white space around. What is no tag of HTML stays ("x <y and z> w"),
    and so does text without markup.
    """
    if "<" in text:
        text = _drop_tags(_drop_hidden(text))
    return ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def clean_alphanumeric(text: str) -> str:
    """Keep lower-cased letters a-z, digits and spaces, as the 2017 tutorial does."""
    return " ".join(NOT_ALPHANUMERIC.sub("", clean_html(text).lower()).split())


def _drop_hidden(text: str) -> str:
    """Without comments, scripts and styles; one that never ends is left, with all after it."""
    shown, start, endless = [], 0, set()
    for opening in HIDDEN.finditer(text):
        kind = (opening[1] or opening[2]).lower()
        if opening.start() < start or kind in endless:
            continue
        end = END_OF_HIDDEN[kind].search(text, opening.start() + len("<!"))
        if end is None:
            endless.add(kind)
            continue
        shown.append(text[start : opening.start()])
        start = end.end()
    return "".join([*shown, text[start:]])


def _drop_tags(text: str) -> str:
    lines: list[list[str]] = [[]]
    for place, piece in enumerate(TAG.split(text)):
        if place % 2 == 0:
            lines[-1].append(piece)
        elif piece is not None:  # a tag that ends a line; of others there is None
            lines.append([])
    if len(lines) == 1:
        return "".join(lines[0])
    first, *between, last = map("".join, lines)
    stripped = [first.rstrip(), *(line.strip() for line in between), last.lstrip()]
    return "\n".join(line for line in stripped if line)


CLEANINGS = {"html": clean_html, "alphanumeric": clean_alphanumeric}
