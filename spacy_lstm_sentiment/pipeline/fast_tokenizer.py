"""A tokenizer for pipelines that only score: a regular expression, several times spaCy's speed."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_lstm_sentiment.models.normalizing import APOSTROPHES, DASHES, HYPHENS, INVISIBLE

LETTER = "[^\\W_\u02bc]"  # or a digit; not the apostrophe that is a letter to Unicode
MARK = "[\u0300-\u036f" + INVISIBLE + "]"  # an accent of its own, or what is not seen
QUOTE = f"[{APOSTROPHES}]"
PICTURE = "[\u2190-\u2bff\U0001f000-\U0001faff]"
# Eyes, perhaps a nose or tears, and a mouth; hearts; some that are looked at upright. What could be
# part of a list, a time, a path or a formula is left out.
EMOTICON = r"""
      [:;=][-^'\u2019]{0,2}(?:\)+|\(+)(?!\w)
    | (?<!\w)[:;=][-^'\u2019]{0,2}(?:D+|[pPoOsS3/\\|*])(?![\w/*|])
    | (?<!\S)[()][-]?[:=](?!\S)
    | </?3(?!\w)
    | \^_*\^ | -_+- | >_+< | ;_+; | \\o/
"""
MOST_WORDS = 2**16  # whose hashes are kept
# Where spaCy takes "nt" for "n't".
BEFORE_NT = (
    "ai|are|ca|could|dare|did|do|does|had|has|have|is|might|must|need|sha|should|was|were|wo|would"
)

# A token and the space after it, which belongs to it in a Doc; any other white space is a token of
# its own. The likeliest first: a word of which there is nothing more to say.
TOKEN = re.compile(
    rf"""(?:
      (?:https?://|www\.)[^\s<>"]*[^\s<>"'.,:;!?)\]\u2019\u201d]
    | \d+(?:[.,\uff0e\uff0c]\d+)+                          # 7.5, 1,000
    | {LETTER}+(?<!nt)(?<!NT)(?![\w\u0300-\u036f{INVISIBLE}{APOSTROPHES}])  # word
    | [oO]_+[oO](?!\w) | T_+T(?!\w)
    | (?i:{BEFORE_NT})(?=(?i:nt)(?!\w))                     # did | nt
    | {LETTER}+?(?:{MARK}{LETTER}*?)*?(?=[nN]{QUOTE}[tT]\b)   # did | n't
    | [nN]{QUOTE}[tT]\b                                     # n't
    | {QUOTE}(?:[sSdDmM]|[rR][eE]|[vV][eE]|[lL]{{2}})\b     # 's 'll
    | {MARK}*{LETTER}+(?:{MARK}{LETTER}*)*
    | {EMOTICON}
    | (?<!\w)@\w+ | \#(?!\d){LETTER}+                    # @handle, #tag
    | [\U0001f1e6-\U0001f1ff]{{2}} | {PICTURE}(?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d{PICTURE})*
    | [.\u2026\uff0e\x85]+ | [-{HYPHENS}{DASHES}\uff0d]+ | [!\uff01]+ | [?\uff1f]+ | \*+ | _+
    | \s+
    | .
    ){MARK}*[ ]?""",
    re.VERBOSE,
)


class RegexTokenizer:
    """Splits a text at word boundaries, as the text that GloVe was trained on is split.

    Contractions are split as spaCy does ("did|n't", "it|'s"), runs of a punctuation mark stay
    together, other marks are tokens of their own. The text of the Doc is the text, exactly.
    """

    def __init__(self, vocab: Vocab):
        self.vocab = vocab
        self._words = _Words(vocab)

    def __call__(self, text: str) -> Doc:
        tokens = TOKEN.findall(text)
        words: Any = list(map(self._words.__getitem__, tokens))
        return Doc(self.vocab, words=words, spaces=list(map(_has_space, tokens)))

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterable[Doc]:
        return map(self, texts)

    def __reduce__(self) -> tuple[type["RegexTokenizer"], tuple[Vocab]]:
        return RegexTokenizer, (self.vocab,)

    # It has no state: these are here because a pipeline saves and loads its tokenizer, after its
    # vocab, which may have other strings then.

    def to_bytes(self, **kwargs: Any) -> bytes:
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> "RegexTokenizer":
        self._words.clear()
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None: ...

    def from_disk(self, path: str | Path, **kwargs: Any) -> "RegexTokenizer":
        self._words.clear()
        return self


def _has_space(token: str) -> bool:
    return token[-1] == " " and not token.isspace()


def word_of(token: str) -> str:
    """A token of TOKEN without the space that belongs to it."""
    return token[:-1] if _has_space(token) else token


class _Words(dict[str, int]):
    """Tokens to the hashes of their words, for which a Doc need not hash the words again.

    When there are MOST_WORDS all go: those that are usual are soon back.
    """

    def __init__(self, vocab: Vocab):
        super().__init__()
        self.vocab = vocab

    def __missing__(self, token: str) -> int | str:
        word = word_of(token)
        if self.vocab.in_memory_zone:  # type: ignore[attr-defined]  # at its end it is forgotten
            return word
        if len(self) >= MOST_WORDS:
            self.clear()
        self[token] = key = self.vocab.strings.add(word)
        return key


def FastTokenizer() -> Callable[[Language], RegexTokenizer]:
    """A tokenizer for pipelines that do nothing but score; see RegexTokenizer."""

    def create_tokenizer(nlp: Language) -> RegexTokenizer:
        return RegexTokenizer(nlp.vocab)

    return create_tokenizer
