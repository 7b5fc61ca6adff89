"""Sessions and special days, against calendars looked up by hand."""

from __future__ import annotations

from datetime import date

import exchange_calendars
import pandas as pd
import pytest

from analysis.nyse import NewYorkCalendar
from analysis.sessions import (
    AfterTheClockError,
    MalformedDateError,
    NotASessionError,
    calendar_words,
    check_session,
    close_utc,
    is_half_day,
    monthly_expiry,
    near_quarter_end,
    next_sessions,
    previous_session,
    sessions_between,
    vix_expiry,
)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ("2025-03-21", ("monthly_expiry", "quad_witching")),
        ("2025-04-17", ("monthly_expiry",)),
        ("2026-06-18", ("monthly_expiry", "quad_witching")),
        ("2025-04-16", ("vix_expiry",)),
        ("2025-07-03", ("half_day",)),
        ("2025-11-28", ("month_end", "half_day", "after_holiday")),
        ("2025-06-30", ("month_end", "quarter_end")),
        ("2025-06-27", ("russell_reconstitution",)),
        ("2025-01-10", ("after_holiday",)),
        ("2025-01-21", ("after_holiday",)),
        ("2012-10-31", ("month_end", "after_holiday")),
        ("2026-11-13", ("russell_reconstitution",)),
        ("2025-11-14", ()),
        ("2025-04-09", ()),
    ],
    ids=[
        "third Friday of March",
        "Good Friday moves the expiry to Thursday",
        "Juneteenth on the third Friday moves the expiry to Thursday",
        "VIX options settle 30 days before the next expiry",
        "the day before Independence Day closes early",
        "the Friday after Thanksgiving is three things at once",
        "the last session of the second quarter",
        "the fourth Friday in June",
        "the day after the mourning for a president",
        "the Tuesday after Martin Luther King Day",
        "trading again after the storm Sandy",
        "the second Russell reconstitution, from 2026 on",
        "no second one in 2025",
        "an ordinary calendar day, whatever happened on it",
    ],
)
def test_what_is_special_about_a_session(session: str, words: tuple[str, ...]) -> None:
    assert calendar_words(day(session)) == words


@pytest.mark.parametrize(
    ("session", "near"),
    [
        # Five sessions are left after 24 March 2020 (25 to 27, 30, 31), six after the 23rd.
        ("2020-03-23", False),
        ("2020-03-24", True),
        ("2020-03-31", True),
        ("2020-04-01", False),
        ("2018-12-26", True),
    ],
)
def test_five_sessions_before_a_quarters_end_it_is_near(*, session: str, near: bool) -> None:
    assert near_quarter_end(day(session)) is near


def test_a_monday_after_a_plain_weekend_is_not_after_a_holiday() -> None:
    assert "after_holiday" not in calendar_words(day("2025-04-07"))


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ((2025, 3), "2025-03-18"),
        ((2019, 3), "2019-03-19"),
        ((2014, 3), "2014-03-18"),
        ((2024, 6), "2024-06-18"),
        ((2026, 5), "2026-05-19"),
        ((2025, 12), "2025-12-17"),
    ],
    ids=[
        "Good Friday 2025 is the third Friday of April",
        "Good Friday 2019",
        "Good Friday 2014",
        "the Wednesday itself is Juneteenth",
        "Juneteenth 2026 is the third Friday of June",
        "the following month lies in the next year",
    ],
)
def test_the_vix_settles_thirty_days_before_the_next_expiry(
    month: tuple[int, int], expected: str
) -> None:
    assert vix_expiry(*month) == day(expected)


def test_the_expiry_of_april_2019_falls_on_the_thursday_before_good_friday() -> None:
    assert monthly_expiry(2019, 4) == day("2019-04-18")


def test_a_session_closes_at_four_and_a_half_day_at_one_in_new_york() -> None:
    assert close_utc(day("2025-04-09")) == pd.Timestamp("2025-04-09T20:00Z")
    assert close_utc(day("2025-01-08")) == pd.Timestamp("2025-01-08T21:00Z")
    assert close_utc(day("2025-07-03")) == pd.Timestamp("2025-07-03T17:00Z")
    assert is_half_day(day("2025-07-03"))
    assert not is_half_day(day("2025-07-02"))


def test_the_next_sessions_skip_weekends_and_holidays() -> None:
    ahead = next_sessions(day("2025-04-16"), 3)

    assert [str(session.date()) for session in ahead] == ["2025-04-17", "2025-04-21", "2025-04-22"]
    assert previous_session(day("2025-04-21")) == day("2025-04-17")


def test_many_sessions_ahead_are_still_given() -> None:
    assert len(next_sessions(day("2025-04-16"), 300)) == 300
    assert next_sessions(day("2040-12-31"), 1)[0] == day("2041-01-02")


def test_2024_had_252_sessions_and_2025_had_250() -> None:
    assert len(sessions_between(day("2024-01-01"), day("2024-12-31"))) == 252
    assert len(sessions_between(day("2025-01-01"), day("2025-12-31"))) == 250


def test_history_from_before_1990_is_let_go() -> None:
    assert sessions_between(day("1950-01-03"), day("1990-01-03"))[0] == day("1990-01-02")


def test_a_session_is_taken_from_text_or_from_a_date() -> None:
    assert check_session("2025-04-09") == day("2025-04-09")
    assert check_session(date(2025, 4, 9)) == day("2025-04-09")
    assert check_session(day("2025-04-09"), today=date(2025, 4, 9)) == day("2025-04-09")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            "2025-04-18",
            "2025-04-18 is no session but a holiday of the exchange; "
            "the sessions around it are 2025-04-17 and 2025-04-21",
        ),
        (
            "2025-04-12",
            "2025-04-12 is no session but a weekend; "
            "the sessions around it are 2025-04-11 and 2025-04-14",
        ),
    ],
)
def test_a_closed_day_is_named_with_the_sessions_around_it(asked: str, sentence: str) -> None:
    with pytest.raises(NotASessionError) as refusal:
        check_session(asked)
    assert str(refusal.value) == sentence
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize(
    "asked", ["tomorrow", "2025-13-01", "20250409", "2025-W15", "09.04.2025", "", "2025-04-31"]
)
def test_what_is_no_date_is_said_to_be_none(asked: str) -> None:
    with pytest.raises(MalformedDateError, match="such as 2025-04-09") as refusal:
        check_session(asked)
    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("asked", ["1890-01-02", "2999-01-02"])
def test_years_outside_the_calendar_are_named(asked: str) -> None:
    with pytest.raises(MalformedDateError, match="covers 1991 to 2099"):
        check_session(asked)


def test_a_day_to_come_is_refused_and_the_last_session_named() -> None:
    with pytest.raises(AfterTheClockError, match="the last session until then is 2026-08-07"):
        check_session("2026-08-10", today=date(2026, 8, 9))


def test_a_weekend_to_come_is_first_of_all_to_come() -> None:
    with pytest.raises(AfterTheClockError):
        check_session("2026-08-15", today=date(2026, 8, 9))


@pytest.mark.parametrize("year", [2031, 2101])
def test_the_quicker_calendar_is_the_packages_own_to_the_minute(year: int) -> None:
    first, last = day("1990-01-01"), day(f"{year}-12-31")

    ours = NewYorkCalendar(first, last)

    theirs = exchange_calendars.get_calendar("XNYS", start=first, end=last)
    pd.testing.assert_frame_equal(ours.schedule, theirs.schedule, check_freq=False)
    assert ours.early_closes.equals(theirs.early_closes)
