"""A tokenizer for pipelines that only score: a regular expression, several times spaCy's speed."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

# A token and the space after it, which belongs to it in a Doc; any other white space is a token of
# its own. The likeliest first: a word that no apostrophe follows.
TOKEN = re.compile(
    r"""(?:
      \d+(?:[.,]\d+)+                              # 7.5, 1,000
    | [^\W_]+(?![\w'\u2019])                            # word
    | [^\W_]+?(?=[nN]['\u2019][tT]\b)                   # did | n't
    | [nN]['\u2019][tT]\b                               # n't
    | ['\u2019](?:[sSdDmM]|[rR][eE]|[vV][eE]|[lL]{2})\b # 's 'll
    | [^\W_]+
    | \.+ | -+ | !+ | \?+ | \*+ | _+
    | \s+
    | .
    )[ ]?""",
    re.VERBOSE,
)


class FastTextTokenizer:
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

    def __reduce__(self) -> tuple[type["FastTextTokenizer"], tuple[Vocab]]:
        return FastTextTokenizer, (self.vocab,)

    # It has no state: these are here because a pipeline saves and loads its tokenizer, after its
    # vocab, which may have other strings then.

    def to_bytes(self, **kwargs: Any) -> bytes:
        return b""

    def from_bytes(self, data: bytes, **kwargs: Any) -> "FastTextTokenizer":
        self._words.clear()
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None: ...

    def from_disk(self, path: str | Path, **kwargs: Any) -> "FastTextTokenizer":
        self._words.clear()
        return self


def _has_space(token: str) -> bool:
    return token[-1] == " " and not token.isspace()


class _Words(dict[str, int]):
    """Tokens to the hashes of their words, for which a Doc need not hash the words again."""

    def __init__(self, vocab: Vocab):
        super().__init__()
        self.vocab = vocab

    def __missing__(self, token: str) -> int | str:
        word = token[:-1] if _has_space(token) else token
        if self.vocab.in_memory_zone:  # type: ignore[attr-defined]  # at its end it is forgotten
            return word
        self[token] = key = self.vocab.strings.add(word)
        return key


def FastTokenizer() -> Callable[[Language], FastTextTokenizer]:
    """A tokenizer for pipelines that do nothing but score; see FastTextTokenizer."""

    def create_tokenizer(nlp: Language) -> FastTextTokenizer:
        return FastTextTokenizer(nlp.vocab)

    return create_tokenizer
