"""The words of what is negative, told."""

from spacy_lstm_sentiment.reports.insights.analysis import Insights
from spacy_lstm_sentiment.reports.insights.dates import name_of
from spacy_lstm_sentiment.reports.insights.findings import LEVEL
from spacy_lstm_sentiment.reports.insights.phrases import LEAST_TEXTS
from spacy_lstm_sentiment.reports.insights.topics import MOST_TEXTS, Topic
from spacy_lstm_sentiment.reports.report import Item, Quotes, Section, Table, number, percent


def topic_section(topic: Topic, every: str) -> Section:
    """A place's phrases, what moved the model there, and excerpts."""
    place = topic.place
    title = f"Words: {place.group.name if place.group else 'all rows'}"
    if place.start:
        title += f" from {name_of(place.start, every)}"
    if place.until:
        title += f" to {name_of(place.until, every)}"
    items: list[Item] = []
    if topic.phrases:
        rows = [
            [
                phrase.phrase,
                percent(phrase.texts / topic.n_texts),
                percent(phrase.other_texts / topic.n_others),
                f"{phrase.z:.1f}",
            ]
            for phrase in topic.phrases
        ]
        caption = (
            f"In {number(topic.n_texts)} negative texts more often than in "
            f"{number(topic.n_others)} others; z is how sure that is"
        )
        header = ["phrase", "here", "others", "z"]
        items.append(Table(caption, header, rows, sortable=True))
    else:
        items.append("No word is more frequent than in other negative texts by more than chance.")
    if topic.movers:
        rows = [[m.word, number(m.texts), f"{m.contribution:+.2f}"] for m in topic.movers]
        caption = "What moved the model most towards NEGATIVE, in a sample of these texts"
        items.append(Table(caption, ["word", "texts", "moved by"], rows, sortable=True))
    if any(topic.excerpts):
        items.append("Typical excerpts of texts that have each:")
    items += [
        Quotes(phrase.phrase, passages)
        for phrase, passages in zip(topic.phrases, topic.excerpts, strict=False)
        if passages
    ]
    return Section(title, items)


def method_of_words(insights: Insights) -> list[str]:
    """How words were found."""
    if insights.reading.asked.text_field is None:
        return ["There is no column with texts: name it with --text-field to see in which words."]
    said = [
        "Words and phrases of two words are compared by their log-odds with an informative "
        "Dirichlet prior (Monroe, Colaresi and Quinn, 2008), each once a text, copies of a text "
        f"once; told is what {LEAST_TEXTS} texts have and is beyond chance, p < {LEVEL} after "
        f"Bonferroni's correction. Of a place and of all others {number(MOST_TEXTS)} negative "
        "texts are read at most, those with the least MD5 sums."
    ]
    if insights.with_texts:
        said.append(
            "Excerpts are of texts of which the model is about as sure as of most, no two alike."
        )
    if insights.is_explained:
        said.append("What moved the model are means of integrated gradients, in the logit.")
    else:
        said.append(
            "What moved the model is not shown: the pipeline that scored these rows was not there "
            "to say; name it with --model."
        )
    if insights.is_calibrated:
        said.append(
            "The pipeline's probabilities are calibrated: corrected shares are their means, in "
            "which mistakes of one kind and the other cancel out (Bella et al., 2010)."
        )
    return said
