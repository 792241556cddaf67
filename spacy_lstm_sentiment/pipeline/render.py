"""Explanations as HTML."""

from html import escape

from spacy_lstm_sentiment.pipeline.explain import Explanation

# Told apart with any colour vision; translucent, so that the page's own text colour stays readable
# on a light and on a dark ground.
FOR = "30, 120, 255"
AGAINST = "240, 110, 0"
MAX_OPACITY = 0.6
WORTH_SAYING = 0.05  # share of the logit's change that no token accounts for

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
</head>
<body style="max-width: 45rem; margin: 2rem auto; padding: 0 1rem; font-family: system-ui, \
sans-serif">
{figure}</body>
</html>
"""

FIGURE = """<figure class="lstm-sentiment" style="margin: 0 0 2rem">
<div dir="auto" style="line-height: 1.8; white-space: pre-wrap">{text}</div>
<figcaption style="font-size: 0.85em; margin-top: 0.75em">{caption}</figcaption>
</figure>
"""

MARK = '<span style="background: {color}; border-radius: 0.2em" title="{title}">{text}</span>'


def render(explanation: Explanation, page: bool = False) -> str:
    """Render an explanation as HTML: the text, with a ground of colour behind each token.

    The colour says whether the token speaks for or against the label, its strength how much
    compared to the text's strongest token; a token's title gives the number.

    page (bool): Give a whole page instead of one <figure>.
    """
    strongest = max(map(abs, explanation.contributions), default=0.0) or 1.0
    tokens = zip(explanation.tokens, explanation.spaces, explanation.contributions, strict=True)
    text = "".join(
        escape(token + space) if token.isspace() else _mark(token, value, value / strongest) + space
        for token, space, value in tokens
    )
    figure = FIGURE.format(text=text, caption=_caption(explanation))
    if not page:
        return figure
    return PAGE.format(title=f"Why {escape(explanation.label)}?", figure=figure)


def _mark(text: str, contribution: float, strength: float) -> str:
    """A token on its ground; `strength` is from -1 to 1."""
    color = f"rgba({FOR if strength > 0 else AGAINST}, {MAX_OPACITY * abs(strength):.2f})"
    return MARK.format(color=color, title=f"{contribution:+.3f}", text=escape(text))


def _caption(explanation: Explanation) -> str:
    label = escape(explanation.label)
    marks = [
        MARK.format(color=f"rgba({rgb}, {MAX_OPACITY})", title=word, text=f"{word} {label}")
        for word, rgb in (("for", FOR), ("against", AGAINST))
    ]
    return (
        f"P({label}) {explanation.probability:.3f} · logit {explanation.logit:+.3f}, "
        f"{explanation.baseline_logit:+.3f} if all words were unknown{note_on_lack(explanation)} · "
        f"words speak {' or '.join(marks)}"
    )


def note_on_lack(explanation: Explanation) -> str:
    """What no token accounts for, to follow a probability; nothing where it is little."""
    change = explanation.logit - explanation.baseline_logit
    lack = explanation.unattributed
    is_much = abs(lack) > WORTH_SAYING * abs(change)
    return f", {lack:+.3f} of the logit due to no token" if is_much else ""
