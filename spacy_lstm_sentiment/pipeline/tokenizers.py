"""Tokenizers that a config can choose: in training and in scoring the text is read alike."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.pipeline.cleaning import CLEANINGS


class CleanedTextTokenizer:
    """Cleans a text, then tokenizes it with another tokenizer.

    The Doc's text is the cleaned one, so that character offsets refer to it. What is not here is
    the other tokenizer's: its rules, special cases, patterns and vocab.
    """

    OWN = ("tokenizer", "cleaning", "clean")

    def __init__(self, tokenizer: Any, cleaning: str):
        self.tokenizer = tokenizer
        self.cleaning = cleaning
        self.clean = CLEANINGS[cleaning]

    def __getattr__(self, name: str) -> Any:
        # Copies and pickles ask for what they need before there is a tokenizer.
        if name in self.OWN or name.startswith("__"):
            raise AttributeError(name)
        if not hasattr(self.tokenizer, name):
            raise self._lacks(name)
        return getattr(self.tokenizer, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.OWN or hasattr(type(self), name):
            super().__setattr__(name, value)
        elif hasattr(self.tokenizer, name):
            setattr(self.tokenizer, name, value)
        else:
            raise self._lacks(name)

    def _lacks(self, name: str) -> AttributeError:
        return AttributeError(
            f"{type(self).__name__} around {type(self.tokenizer).__name__}: neither has an "
            f"attribute {name!r}"
        )

    def __call__(self, text: str) -> Doc:
        return self.tokenizer(self.clean(text))

    def explain(self, text: str) -> list[tuple[str, str]]:
        """Each token of the cleaned text, after what has made it one, as spaCy's Tokenizer."""
        explain: Any = self.__getattr__("explain")
        return explain(self.clean(text))

    def score(self, examples: Iterable[Any], **settings: Any) -> dict[str, Any]:
        """Nothing: the tokens of a text that is not cleaned cannot be those of the cleaned one."""
        return {}

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterable[Doc]:
        for text in texts:
            yield self(text)

    def initialize(self, get_examples: Callable[[], Iterable[Any]], **settings: Any) -> None:
        if hasattr(self.tokenizer, "initialize"):
            self.tokenizer.initialize(get_examples, **settings)

    def to_bytes(self, **kwargs: Any) -> bytes:
        return self.tokenizer.to_bytes(**kwargs)

    def from_bytes(self, data: bytes, **kwargs: Any) -> "CleanedTextTokenizer":
        self.tokenizer.from_bytes(data, **kwargs)
        return self

    def to_disk(self, path: str | Path, **kwargs: Any) -> None:
        self.tokenizer.to_disk(path, **kwargs)

    def from_disk(self, path: str | Path, **kwargs: Any) -> "CleanedTextTokenizer":
        self.tokenizer.from_disk(path, **kwargs)
        return self


def CleaningTokenizer(
    tokenizer: Callable[[Language], Any], cleaning: str = "html"
) -> Callable[[Language], CleanedTextTokenizer]:
    """A tokenizer that cleans each text first.

    tokenizer (Callable[[Language], Any]): Splits the cleaned text.
    cleaning (str): `"html"`: tags go, and those that end a line (`<br>`, `<p>`, `<li>`, `<td>`)
        leave a newline; comments, scripts and styles go with their content; entities become their
        characters. What is no tag of HTML (`a < b`, `<value and quality>`) stays, and so does text
        without markup. `"alphanumeric"`: then keeps, as the 2017 tutorial, nothing but lower-cased
        letters a-z, digits and single spaces.
    RAISES InputError: The cleaning is unknown.
    """
    if cleaning not in CLEANINGS:
        raise InputError(
            f"CleaningTokenizer: cleaning {cleaning!r} has to be one of {', '.join(CLEANINGS)}"
        )

    def create_tokenizer(nlp: Language) -> CleanedTextTokenizer:
        return CleanedTextTokenizer(tokenizer(nlp), cleaning)

    return create_tokenizer


def WhitespaceTokenizer() -> Callable[[Language], Tokenizer]:
    """A tokenizer that splits at white space and nowhere else."""

    def create_tokenizer(nlp: Language) -> Tokenizer:
        return Tokenizer(nlp.vocab)

    return create_tokenizer
