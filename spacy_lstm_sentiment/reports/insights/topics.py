"""Why: the words of what is negative where something stands out or has changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from spacy import Language

from spacy_lstm_sentiment.reports.insights.counting import LEAST_ROWS, Group
from spacy_lstm_sentiment.reports.insights.excerpts import choose_excerpts
from spacy_lstm_sentiment.reports.insights.findings import Change, Difference, together
from spacy_lstm_sentiment.reports.insights.movers import Mover, find_movers
from spacy_lstm_sentiment.reports.insights.phrases import Phrase, find_phrases, phrases_of
from spacy_lstm_sentiment.reports.insights.reading import Scored

MOST_TOPICS = 6
MOST_TEXTS = 10_000  # of a topic, and of the others, that are read
MILLION = 1_000_000


@dataclass(frozen=True)
class Place:
    """Rows of a group, or of all, from a day on until another."""

    group: Group | None
    start: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Topic:
    """The words of what is negative in a place, against all else that is negative.

    n_texts, n_others: Texts that were read. excerpts: By the phrases in their order; empty where
    none are to be shown. movers: Words that moved the model.
    """

    place: Place
    n_texts: int
    n_others: int
    phrases: Sequence[Phrase]
    excerpts: Sequence[Sequence[str]]
    movers: Sequence[Mover] = ()


def choose_places(
    changes: Sequence[Change], differences: Sequence[Difference], every: str
) -> list[Place]:
    """Where something is more negative than before or than the rest, the surest first."""
    surest = [same[0] for same in together(changes, every)]
    places = [Place(c.group, c.start, c.until) for c in surest if c.difference > 0]
    told = {id(place.group) for place in places}
    places += [Place(d.group) for d in differences if d.z > 0 and id(d.group) not in told]
    return places[:MOST_TOPICS]


def find_topics(
    scored: Scored,
    places: Sequence[Place],
    *,
    with_excerpts: bool,
    nlp: Language | None,
    n_explained: int,
) -> list[Topic]:
    """The words of each place that has enough negative texts.

    nlp: Explains `n_explained` texts of all places together; None explains none.
    """
    found = [_read(scored, place) for place in places]
    enough = [item for item in found if min(len(item[1]), len(item[2])) >= LEAST_ROWS]
    n_each = n_explained // max(1, len(enough))
    topics = []
    for place, texts, others in enough:
        name = phrases_of(place.group.name) if place.group else set()
        phrases = find_phrases([t for t, _ in texts], [t for t, _ in others], name)
        excerpts = _excerpts(phrases, texts) if with_excerpts else []
        movers = find_movers(nlp, [t for t, _ in texts[:n_each]]) if nlp and n_each else []
        topics.append(Topic(place, len(texts), len(others), phrases, excerpts, movers))
    return topics


def _excerpts(phrases: Sequence[Phrase], texts: Sequence[tuple[str, float]]) -> list[list[str]]:
    """Excerpts of each phrase; none of a text that another phrase has them of."""
    left = dict(texts)
    found = []
    for phrase in phrases:
        chosen = choose_excerpts(phrase.phrase, list(left.items()))
        found.append([passage for _, passage in chosen])
        for text, _ in chosen:
            del left[text]
    return found


def sample_texts(
    scored: Scored, condition: str = "true", values: Sequence[Any] = (), most: int | None = None
) -> list[tuple[str, float]]:
    """Texts with their P(NEGATIVE), of a condition in SQL: copies once, and of more than so many
    those with the least MD5 sum, which are the same whenever and wherever they are drawn."""
    con = scored.con
    most = MOST_TEXTS if most is None else most
    ((n,),) = con.execute(
        f"SELECT count(*) FROM negatives WHERE {condition}", list(values)
    ).fetchall()
    # Half more than are wanted, since there are copies.
    bound = MILLION if n <= most else int(1.5 * most / n * MILLION) + 1
    return con.execute(
        f"SELECT text, max(negative) FROM negatives WHERE ({condition}) "
        f"AND md5_number_lower(text) % {MILLION} < {bound} "
        f"GROUP BY text ORDER BY md5(text), text LIMIT {most}",
        list(values),
    ).fetchall()


def _read(
    scored: Scored, place: Place
) -> tuple[Place, list[tuple[str, float]], list[tuple[str, float]]]:
    """A place's texts, and others."""
    conditions = ["true"]
    values: list[Any] = []
    if place.group is not None:
        column = f"g{list(scored.asked.by).index(place.group.column)}"
        if place.group.value is None:
            conditions.append(f"{column} IS NULL")
        else:
            conditions.append(f"{column} IS NOT DISTINCT FROM ?")
            values.append(place.group.value)
    for sign, day in ((">=", place.start), ("<", place.until)):
        if day is not None:
            conditions.append(f"coalesce(day {sign} ?, false)")
            values.append(day)
    condition = " AND ".join(conditions)
    texts = sample_texts(scored, condition, values)
    return place, texts, sample_texts(scored, f"NOT ({condition})", values)
