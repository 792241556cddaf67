"""Days out of texts that are written in one of many ways."""

from datetime import date, timedelta

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.insights.sources import quote

# A time of day, in 24 hours or 12, with its zone: it says nothing of the day that is written.
CLOCK = (
    r"[T ,]+\d{1,2}:\d\d(:\d\d([.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d:?(\d\d)?)?"
)
WEEKDAY = r"^(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?[., ]+"

# Ways to write a day that can be read in one way alone: how it looks, and strptime's word for it.
FORMS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", ["%Y-%m-%d"]),
    (r"\d{4}/\d{1,2}/\d{1,2}", ["%Y/%m/%d"]),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", ["%Y.%m.%d"]),
    (r"(19|20)\d{6}", ["%Y%m%d"]),
    (r"\d{4}-\d{2}", ["%Y-%m"]),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", ["%d.%m.%Y"]),
    (r"\d{1,2}[ -][A-Za-z]+\.?[ -]\d{4}", ["%d %b %Y", "%d %B %Y"]),
    (r"[A-Za-z]+\.? \d{1,2} \d{4}", ["%b %d %Y", "%B %d %Y"]),
)
EITHER = r"\d{1,2}[/-]\d{1,2}[/-]\d{4}"  # the day or the month first
SECONDS = r"\d{9,10}(\.\d+)?"  # since 1970
MILLISECONDS = r"\d{12,13}"

EVERY = ("day", "week", "month")


def plain(raw: str) -> str:
    """SQL for the text of a day without a time of day, a weekday, and commas."""
    text = f"regexp_replace(trim({raw}), {quote(CLOCK)}, '')"
    text = f"regexp_replace({text}, {quote(WEEKDAY)}, '', 'i')"
    return f"trim(regexp_replace(regexp_replace({text}, '[,]', ' ', 'g'), '\\s+', ' ', 'g'))"


def day_of(text: str) -> str:
    """SQL for the DATE of such a text, NULL where it can be read in no way or in several."""
    words = text
    for look, instead in ((r"[.]", ""), (r"-", " "), (r"\bsept\b", "Sep")):
        words = f"regexp_replace({words}, {quote(look)}, {quote(instead)}, 'gi')"
    cases = []
    for look, forms in FORMS:
        value = words if "A-Za-z" in look else text
        cases.append(
            f"WHEN regexp_full_match({text}, {quote(look)}) "
            f"THEN CAST(try_strptime({value}, {forms}) AS DATE)"
        )
    for look, unit in ((SECONDS, 1), (MILLISECONDS, 1000)):
        days = f"floor(CAST({text} AS DOUBLE) / {86400 * unit})"
        cases.append(
            f"WHEN regexp_full_match({text}, {quote(look)}) "
            f"THEN DATE '1970-01-01' + CAST({days} AS INTEGER)"
        )
    return f"CASE {' '.join(cases)} END"


def either_of(text: str) -> str:
    """SQL for the text of a day whose first number may be the day or the month; else NULL."""
    return (
        f"CASE WHEN regexp_full_match({text}, {quote(EITHER)}) THEN replace({text}, '-', '/') END"
    )


def day_first(either: str) -> str:
    return f"CAST(try_strptime({either}, '%d/%m/%Y') AS DATE)"


def month_first(either: str) -> str:
    return f"CAST(try_strptime({either}, '%m/%d/%Y') AS DATE)"


def is_day_first(n_day_first: int, n_month_first: int, n: int, column: str) -> bool:
    """Which number comes first, given how many of n texts can be read in either way.

    RAISES InputError: All can be read in both ways, or some in the one and some in the other.
    """
    if n_day_first == n_month_first or n not in (n_day_first, n_month_first):
        raise InputError(
            f'column "{column}": of {n:,} dates like 03/04/2026, {n_day_first:,} can be read with '
            f"the day first and {n_month_first:,} with the month first: say which with "
            "--time-format %d/%m/%Y or %m/%d/%Y"
        )
    return n_day_first == n


def name_of(period: date, every: str) -> str:
    """How a period is called, by its first day: names sort as the periods follow."""
    return period.strftime("%Y-%m") if every == "month" else period.isoformat()


def first_of(day: date, every: str) -> date:
    """The first day of the period that a day is in."""
    if every == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if every == "week" else day


def following(period: date, every: str) -> date:
    """The first day of the period after this one."""
    if every == "month":
        return first_of(period + timedelta(days=31), "month")
    return period + timedelta(days=7 if every == "week" else 1)
