"""Which days the exchange trades, and which of them are special.

Everything rests on the New York Stock Exchange's calendar as `exchange_calendars` knows
it. That package reads the clock to decide how far ahead a calendar reaches (about a
year), so a calendar kept for the life of a process one day ends. Here both ends are
always named: a question about later years is put to a fresh calendar, never to an old one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exchange_calendars import ExchangeCalendar

FIRST_YEAR, LAST_YEAR = 1991, 2099
"""The years a session may be asked for: the VIX begins in 1990, and no plan reaches further."""

SEMI_ANNUAL_RUSSELL = 2026
"""First year with a second Russell reconstitution, in November (FTSE Russell, January 2025)."""

QUARTER_END_SESSIONS = 5
"""Sessions before a quarter's end over which large funds bring their mix back into line."""

FRIDAY = 4


class SessionError(ValueError):
    """The day that was asked for cannot be reported on; the sentence says why."""

    exit_code: ClassVar[int] = 2


class MalformedDateError(SessionError):
    """What was given is no date, or one outside the calendar."""


class NotASessionError(SessionError):
    """The exchange is closed that day."""


class AfterTheClockError(SessionError):
    """The day has not come yet."""


def sessions_between(first: pd.Timestamp, last: pd.Timestamp) -> pd.DatetimeIndex:
    """Return the sessions of the New York Stock Exchange from ``first`` to ``last``.

    Nothing before 1990: no session so old can have a driver's inputs.
    """
    calendar = _calendar(last.year)
    start = max(first, calendar.first_session)
    # Without the calendar's frequency: two calendars that agree on these days may differ on others.
    days = calendar.sessions_in_range(start, last).to_numpy()
    return pd.DatetimeIndex(days).as_unit("us")


def next_sessions(session: pd.Timestamp, n: int) -> pd.DatetimeIndex:
    """Return the ``n`` sessions after ``session``."""
    # No stretch of closed days since 1990 was longer than six, or two sessions a week.
    horizon = session + pd.Timedelta(days=2 * n + 10)
    return sessions_between(session + pd.Timedelta(days=1), horizon)[:n]


def near_quarter_end(session: date) -> bool:
    """Say whether five sessions or fewer are left of the quarter after ``session``."""
    today = pd.Timestamp(session)
    after = next_sessions(today, QUARTER_END_SESSIONS + 1)[-1]
    return bool(after.quarter != today.quarter)


def previous_session(day: pd.Timestamp) -> pd.Timestamp:
    """Return the last session before ``day``."""
    one = pd.Timedelta(days=1)
    return sessions_between(day - 10 * one, day - one)[-1]


def first_session_of_week(session: date) -> date:
    """Return the first session of a session's week, which begins on Monday.

    >>> first_session_of_week(date(2025, 1, 22))
    datetime.date(2025, 1, 21)
    """
    monday = pd.Timestamp(session - timedelta(days=session.weekday()))
    week = sessions_between(monday, pd.Timestamp(session))
    return week[0].date() if len(week) else session


def is_session(day: pd.Timestamp) -> bool:
    """Return whether the exchange trades that day."""
    return bool(_calendar(day.year).is_session(day))


def check_session(asked: str | date, today: date | None = None) -> pd.Timestamp:
    """Return the session that was asked for, or say in one sentence why there is none.

    Parameters
    ----------
    asked
        A date, or text in the form 2025-04-09.
    today
        The date in New York, so that days to come can be told from days gone by; None
        where nobody knows.

    Raises
    ------
    MalformedDateError
        ``asked`` is no date, or lies outside 1991 to 2099.
    AfterTheClockError
        ``asked`` is after ``today``.
    NotASessionError
        The exchange is closed that day: a weekend or a holiday.
    """
    day = _as_day(asked)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise MalformedDateError(
            f"{day.date()} is outside the calendar, which covers {FIRST_YEAR} to {LAST_YEAR}; "
            "give a session of those years"
        )
    if today is not None and day > pd.Timestamp(today):
        raise AfterTheClockError(
            f"{day.date()} has not come yet: today is {today}, "
            f"and the last session until then is {_on_or_before(pd.Timestamp(today)).date()}"
        )
    if not is_session(day):
        raise NotASessionError(_closed(day))
    return day


def open_utc(session: pd.Timestamp) -> pd.Timestamp:
    """Return when the session's trading begins [UTC], at 9:30 New York."""
    return pd.Timestamp(_calendar(session.year).session_open(session))


def close_utc(session: pd.Timestamp) -> pd.Timestamp:
    """Return when the session's trading ends [UTC], at 13:00 New York on half days."""
    calendar = _calendar(session.year)
    return pd.Timestamp(calendar.session_close(session))


def is_half_day(session: pd.Timestamp) -> bool:
    """Return whether trading ends before 16:00 New York."""
    return close_utc(session).tz_convert("America/New_York").hour < 16


def monthly_expiry(year: int, month: int) -> pd.Timestamp:
    """Return the session on which the month's standard options expire.

    The third Friday, or the session before it where the exchange is closed (Good Friday;
    Juneteenth in 2026).
    """
    return _on_or_before(_nth_friday(year, month, 3))


def vix_expiry(year: int, month: int) -> pd.Timestamp:
    """Return the session on whose open the month's VIX futures and options settle.

    The Wednesday 30 days before the next month's third Friday; where either of the two
    is a holiday, the session before that Wednesday.

    References
    ----------
    Cboe Futures Exchange. VX contract specifications, final settlement date.
    """
    following = pd.Timestamp(year, month, 1) + pd.DateOffset(months=1)
    friday = _nth_friday(following.year, following.month, 3)
    wednesday = friday - pd.Timedelta(days=30)
    if is_session(friday) and is_session(wednesday):
        return wednesday
    return previous_session(wednesday)


def russell_reconstitutions(year: int) -> tuple[pd.Timestamp, ...]:
    """Return the sessions at whose close the Russell indexes are made anew.

    The fourth Friday in June; from 2026 on also the second Friday in November, as FTSE
    Russell announced in January 2025. A note of its own of February 2026 speaks of
    December instead and names no day: the November date is to be checked before it comes.

    References
    ----------
    FTSE Russell (2025). Russell US Indexes to move to a semi-annual reconstitution.
    """
    june = _on_or_before(_nth_friday(year, 6, 4))
    if year < SEMI_ANNUAL_RUSSELL:
        return (june,)
    return june, _on_or_before(_nth_friday(year, 11, 2))


def calendar_words(session: pd.Timestamp) -> tuple[str, ...]:
    """Return what is special about the session, in the words of the report's contract.

    A day may have several: a quad witching is a monthly expiry, a quarter's end a month's.
    """
    return tuple(word for word, days in _special_days(session.year) if session in days)


@lru_cache(maxsize=64)
def _special_days(year: int) -> tuple[tuple[str, frozenset[pd.Timestamp]], ...]:
    """Return the year's special sessions by word: a pure function of the year."""
    months = range(1, 13)
    expiries = [monthly_expiry(year, month) for month in months]
    sessions = sessions_between(pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31))
    ends = pd.Series(sessions, index=sessions).groupby(sessions.month).max().tolist()
    return (
        ("monthly_expiry", frozenset(expiries)),
        ("quad_witching", frozenset(expiries[2::3])),
        ("vix_expiry", frozenset(vix_expiry(year, month) for month in months)),
        ("month_end", frozenset(ends)),
        ("quarter_end", frozenset(ends[2::3])),
        ("half_day", frozenset(_half_days(year))),
        ("after_holiday", frozenset(_after_holidays(sessions))),
        ("russell_reconstitution", frozenset(russell_reconstitutions(year))),
    )


def _half_days(year: int) -> Iterable[pd.Timestamp]:
    early = pd.DatetimeIndex(_calendar(year).early_closes)
    return list(early[early.year == year].as_unit("us"))


def _after_holidays(sessions: pd.DatetimeIndex) -> Iterable[pd.Timestamp]:
    """Keep the sessions that follow a weekday without trading."""
    weekday = pd.offsets.BusinessDay(1)
    return [day for day in sessions if not is_session(day - weekday)]


def _nth_friday(year: int, month: int, n: int) -> pd.Timestamp:
    first = pd.Timestamp(year, month, 1)
    return first + pd.Timedelta(days=(FRIDAY - first.weekday()) % 7 + 7 * (n - 1))


def _on_or_before(day: pd.Timestamp) -> pd.Timestamp:
    return day if is_session(day) else previous_session(day)


def _closed(day: pd.Timestamp) -> str:
    """Say why there is no session that day, and which sessions lie around it."""
    why = "a weekend" if day.weekday() > FRIDAY else "a holiday of the exchange"
    before, after = previous_session(day), next_sessions(day, 1)[0]
    return (
        f"{day.date()} is no session but {why}; "
        f"the sessions around it are {before.date()} and {after.date()}"
    )


def _as_day(asked: str | date) -> pd.Timestamp:
    if isinstance(asked, str):
        return pd.Timestamp(_parsed(asked.strip()))
    if isinstance(asked, datetime):
        return pd.Timestamp(asked.date())
    return pd.Timestamp(asked)


def _parsed(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # The parser also takes weeks and dates without dashes; those are slips here.
    if day is None or day.isoformat() != text:
        raise MalformedDateError(
            f"{text!r} is no date; give a session as year-month-day, such as 2025-04-09"
        )
    return day


def _calendar(year: int) -> ExchangeCalendar:
    """Return a calendar that reaches past ``year``; one serves every year up to 2030."""
    return _calendar_until(max(year - year % 10 + 11, 2031))


@lru_cache(maxsize=4)
def _calendar_until(year: int) -> ExchangeCalendar:
    """Build the calendar of 1990 to ``year``.

    Building takes a tenth of a second, so a few are kept. That is safe: the answer depends
    on the year asked for and on no clock.
    """
    from analysis.nyse import NewYorkCalendar

    return NewYorkCalendar(pd.Timestamp(1990, 1, 1), pd.Timestamp(year, 12, 31))
