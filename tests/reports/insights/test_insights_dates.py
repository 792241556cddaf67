"""Days out of texts, as DuckDB reads them."""

from datetime import date

import duckdb
import pytest

from spacy_lstm_sentiment.errors import InputError
from spacy_lstm_sentiment.reports.insights.dates import (
    day_of,
    either_of,
    following,
    is_day_first,
    plain,
)


def read(text):
    query = f"SELECT {day_of(plain('raw'))}, {either_of(plain('raw'))} FROM (SELECT ? AS raw)"
    return duckdb.connect().execute(query, [text]).fetchone()


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-05",
        " 2026-11-5 ",
        "2026-11-05T10:00:00Z",
        "2026-11-05 10:00:00.123456+01:00",
        "2026-11-05 23:59",
        "2026/11/05",
        "2026.11.05",
        "20261105",
        "05.11.2026",
        "5.11.2026, 14:30",
        "5 Nov 2026",
        "5 November 2026",
        "Nov 5, 2026",
        "Nov. 5, 2026",
        "November 5, 2026 3:15 PM",
        "05-Nov-2026",
        "Thu, 05 Nov 2026 19:43:38 +0000",
        "Thu Nov 05 19:43:38 +0000 2026",
        "Thursday, November 5, 2026",
        "1793872800",
        "1793872800000",
        "1793872800.25",
    ],
)
def test_forms_of_one_day(text):
    assert read(text) == (date(2026, 11, 5), None)


@pytest.mark.parametrize("text", ["Sept 5, 2026", "sep 5 2026", "5 SEPTEMBER 2026"])
def test_names_of_months(text):
    assert read(text)[0] == date(2026, 9, 5)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-05", "2026-02-30", "31.02.2026", "5", "11/28/26", "Q3 2026"]
)
def test_what_is_no_day_is_none(text):
    assert read(text) == (None, None)


@pytest.mark.parametrize("text", ["03/04/2026", "03-04-2026", "03/04/2026 10:00"])
def test_day_or_month_first_is_left_open(text):
    assert read(text) == (None, "03/04/2026")


def test_all_dates_say_which_is_first():
    assert is_day_first(10, 4, 10, "date") is True
    assert is_day_first(4, 10, 10, "date") is False
    for counts in ((10, 10, 10), (8, 5, 10)):
        with pytest.raises(InputError, match="say which with --time-format"):
            is_day_first(*counts, "date")


def test_periods_follow_one_another():
    assert following(date(2026, 12, 1), "month") == date(2027, 1, 1)
    assert following(date(2026, 1, 1), "month") == date(2026, 2, 1)
    assert following(date(2026, 12, 28), "week") == date(2027, 1, 4)
    assert following(date(2026, 12, 31), "day") == date(2027, 1, 1)
