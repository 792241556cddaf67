"""Why texts score as they do: words and sentences."""

from collections.abc import Callable, Sequence
from typing import Any

from spacy import Language
from spacy.tokens import Doc
from tqdm import tqdm

from spacy_lstm_sentiment.pipeline.explain import Explanation, explain
from spacy_lstm_sentiment.pipeline.origin import component_of
from spacy_lstm_sentiment.pipeline.sentences import score_sentences
from spacy_lstm_sentiment.reports.report import ColouredText, Item, Report, Section, Table
from spacy_lstm_sentiment.reports.texts import require_readable

N_WORDS = 5


def strongest_words(explanation: Explanation, n: int = N_WORDS) -> list[str]:
    """The words that speak most for the label, strongest first, each once."""
    pairs = zip(explanation.contributions, explanation.tokens, strict=True)
    words = [token for value, token in sorted(pairs, key=lambda pair: -pair[0]) if value > 0]
    return list(dict.fromkeys(filter(_is_word, words)))[:n]


def explain_texts(nlp: Language, texts: Sequence[str], label: str) -> list[ColouredText]:
    """Explain texts, and score the sentences of those that have several.

    A bar on a terminal's standard error shows that it goes on.

    RAISES InputError: The pipeline's model cannot be explained, or has no such label.
    """
    require_readable(nlp, texts)
    with tqdm(desc="explaining", unit=" tokens", unit_scale=True, disable=None) as progress:
        return [_explain_doc(_with_sentences(nlp, text), label, progress.update) for text in texts]


def describe_explanations(items: list[ColouredText], label: str) -> Report:
    summary = f"How far each word moves the logit of {label}, by integrated gradients."
    sections = [
        Section(
            f"Text {number}: {label} {item.explanation.probability:.3f}",
            [item, *_words_table(item.explanation)],
        )
        for number, item in enumerate(items, start=1)
    ]
    data = {"label": label, "texts": [_data(item) for item in items]}
    return Report("Explanation", summary, sections, data)


def _explain_doc(doc: Doc, label: str, on_read: Callable[[int], Any]) -> ColouredText:
    scored = score_sentences(component_of(doc), doc)
    explanation = explain(doc, label, on_read=on_read)
    sentences = [(sentence.text, score) for sentence, score in scored if sentence.text.strip()]
    return ColouredText(explanation, sentences if len(sentences) > 1 else ())


def _with_sentences(nlp: Language, text: str) -> Doc:
    doc = nlp(text)
    if not doc.has_annotation("SENT_START"):
        nlp.create_pipe("sentencizer")(doc)
    return doc


def _words_table(explanation: Explanation) -> list[Item]:
    pairs = zip(explanation.contributions, explanation.tokens, strict=True)
    words = [(value, token) for value, token in pairs if value and _is_word(token)]
    if not words:
        return ["None of the words is known."]
    strongest = sorted(words, key=lambda pair: -abs(pair[0]))[: 2 * N_WORDS]
    rows = [[token, f"{value:+.3f}"] for value, token in strongest]
    return [Table("Words that count most", ["word", "contribution"], rows)]


def _is_word(token: str) -> bool:
    return any(map(str.isalnum, token))


def _data(item: ColouredText) -> dict[str, Any]:
    explanation = item.explanation
    return {
        "probability": explanation.probability,
        "logit": explanation.logit,
        "baseline_logit": explanation.baseline_logit,
        "unattributed": explanation.unattributed,
        "tokens": [
            {"text": token, "contribution": value}
            for token, value in zip(explanation.tokens, explanation.contributions, strict=True)
        ],
        "sentences": [{"text": text, "sentiment": sentiment} for text, sentiment in item.sentences],
    }
