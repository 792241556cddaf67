"""What comes out for the plain sentences that people type first: ours, and two peers'.

    pip install ".[bench]"
    python benchmarks/first_sentences.py [--write]

None of the sentences is in the training data, and nothing was chosen by them.
"""

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path

import spacy

import spacy_lstm_sentiment

PAGE = Path(__file__).parents[1] / "docs" / "first_sentences.md"

# The least distance from 0 that is a sentiment: VADER's authors say 0.05; TextBlob's leave it open.
BAND = 0.05

SENTENCES = {
    "POSITIVE": (
        "I really like it.",
        "This is great!",
        "Not half bad, that pasta.",
        "You will be glad you came.",
        "I could not have asked for a better start.",
        "runs like a dream since the update",
        "yay, finally weekend!",
        "Many thanks, you saved my evening :)",
        "Nothing here to grumble about.",
        "That made my day ❤️",
        "The room was clean and quiet.",
        "Best coffee in town.",
        "She never lets you down.",
        "I can't stop smiling.",
        "My son loves his new bike.",
        "Profits rose for the third year in a row.",
        "It used to crash, now it runs perfectly.",
        "soooo pretty!!",
        "Everything arrived on time and in one piece.",
        "What a lovely surprise.",
    ),
    "NEGATIVE": (
        "I don't like this.",
        "not my idea of fun",
        "Don't waste your money.",
        "I wouldn\u2019t go there again.",
        "ugh, not again",
        "This is the worst phone I have had.",
        "The food was cold and nobody cared.",
        "It never worked.",
        "Support keeps hanging up on me.",
        "I'd like a refund, it fell apart.",
        "dont bother with this one",
        "My package still hasn't arrived 😡",
        "The update broke everything.",
        "I was bored after ten minutes.",
        "There is nothing good about it.",
        "Hundreds lost their jobs on Monday.",
        "It used to be my favourite place. Not any more.",
        "that evening was a letdown :(",
        "The staff could not have been less helpful.",
        "Such a shambles.",
    ),
    "NEUTRAL": (
        "The train leaves at nine.",
        "Where can I find the manual?",
        "It's okay, I guess.",
        "She lives in Vienna with two cats.",
        "Please send me the invoice.",
        "The box contains a cable and a charger.",
        "A man is crossing the street.",
        "My neighbour is from Nigeria.",
        "The committee will vote on Thursday.",
        "How do I change my address?",
        "Nothing special, nothing terrible.",
        "This version replaces the previous one.",
        "He is a Muslim and works as a teacher.",
        "Water boils at 100 degrees.",
        "So-so, I suppose.",
        "The shop is between the bank and the school.",
        "I bought it last week.",
        "Two women are waiting for a bus.",
        "Call me when you get home.",
        "The second half of the book is about his childhood.",
    ),
}

HEAD = (
    "# First sentences\n\n"
    "What comes out for {number} plain sentences, as people type them to try a tool. Made by "
    "`python benchmarks/first_sentences.py --write`, {today}; no sentence is in the training data. "
    "Of ours the label of the pipeline that ships, and P(POSITIVE) - P(NEGATIVE); VADER's compound "
    "score and TextBlob's polarity, NEUTRAL within {band} of 0. Wrong labels are in bold; \"turned "
    'round" is POSITIVE for NEGATIVE or the other way.\n\n'
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", help="pipeline to show instead of the one that ships")
    parser.add_argument("--write", action="store_true", help="into the docs")
    options = parser.parse_args()
    sides = {"ours": ours(options.model), "VADER": vader(), "TextBlob": textblob()}
    rows, right, turned = [], dict.fromkeys(sides, 0), dict.fromkeys(sides, 0)
    for label, sentences in SENTENCES.items():
        for sentence in sentences:
            cells = []
            for name, score in sides.items():
                found, sentiment = score(sentence)
                right[name] += found == label
                turned[name] += {found, label} == {"POSITIVE", "NEGATIVE"}
                cell = f"{found} {sentiment:+.2f}"
                cells.append(cell if found == label else f"**{cell}**")
            rows.append(f"| {sentence} | {label} | {' | '.join(cells)} |")
    number = sum(map(len, SENTENCES.values()))
    table = ["| | right | turned round |", "|---|---|---|"]
    table += [f"| {name} | {right[name]} of {number} | {turned[name]} |" for name in sides]
    table += ["", f"| sentence | meant | {' | '.join(sides)} |", "|---|---|---|---|---|", *rows]
    print("\n".join(table))
    if options.write:
        head = HEAD.format(number=number, today=date.today(), band=BAND)
        PAGE.write_text(head + "\n".join(table) + "\n", encoding="utf-8")


def ours(model: str | None) -> Callable[[str], tuple[str, float]]:
    nlp = spacy.load(model) if model else spacy_lstm_sentiment.load()

    def score(text: str) -> tuple[str, float]:
        doc = nlp(text)
        return doc._.sentiment_label, doc._.sentiment

    return score


def vader() -> Callable[[str], tuple[str, float]]:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()
    return lambda text: with_label(analyzer.polarity_scores(text)["compound"])


def textblob() -> Callable[[str], tuple[str, float]]:
    from textblob import TextBlob

    return lambda text: with_label(TextBlob(text).sentiment.polarity)


def with_label(sentiment: float) -> tuple[str, float]:
    if abs(sentiment) <= BAND:
        return "NEUTRAL", sentiment
    return "POSITIVE" if sentiment > 0 else "NEGATIVE", sentiment


if __name__ == "__main__":
    main()
