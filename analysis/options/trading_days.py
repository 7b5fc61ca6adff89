"""Which New York dates have a session, from the exchange's own holiday rules.

The full exchange calendar takes half a second to load, longer than reading and
measuring a chain. These rules give the same dates from 2002 on (a test compares
them) in microseconds. Half days are ordinary sessions here.

References
----------
NYSE (2024). Rule 7.2, Holidays.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

OPENS = time(9, 30)
"""The regular session opens, New York."""

MONDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = 0, 3, 4, 5, 6

UNSCHEDULED = frozenset(
    date.fromisoformat(day)
    for day in (
        "2004-06-11",
        "2007-01-02",
        "2012-10-29",
        "2012-10-30",
        "2018-12-05",
        "2025-01-09",
    )
)
"""Closures outside the rules since 2002: days of mourning and a hurricane."""


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1))


def _observed(holiday: date) -> date:
    shift = {SATURDAY: -1, SUNDAY: 1}.get(holiday.weekday(), 0)
    return holiday + timedelta(shift)


def _good_friday(year: int) -> date:
    """Find Good Friday: Easter by Oudin's method (1940), less two days."""
    golden, century = year % 19, year // 100
    epact = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    day = offset + 28 - 31 * (month // 4)
    return date(year, month, day) - timedelta(2)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """List the weekdays of a year on which New York does not trade.

    A New Year's Day on a Saturday is not made up for: the Friday before belongs
    to the old accounting year.
    """
    days = {
        _nth(year, 1, MONDAY, 3),
        _nth(year, 2, MONDAY, 3),
        _good_friday(year),
        _nth(year, 6, MONDAY, 1) - timedelta(7),
        _observed(date(year, 7, 4)),
        _nth(year, 9, MONDAY, 1),
        _nth(year, 11, THURSDAY, 4),
        _observed(date(year, 12, 25)),
    }
    if date(year, 1, 1).weekday() != SATURDAY:
        days.add(_observed(date(year, 1, 1)))
    if year >= 2022:
        days.add(_observed(date(year, 6, 19)))
    return frozenset(days) | {day for day in UNSCHEDULED if day.year == year}


def is_session(day: date) -> bool:
    """Say whether New York trades on a date."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def session_on_or_before(day: date) -> date:
    """Return the latest session no later than a date."""
    while not is_session(day):
        day -= timedelta(1)
    return day


def session_after(day: date) -> date:
    """Return the first session later than a date."""
    day += timedelta(1)
    while not is_session(day):
        day += timedelta(1)
    return day


def session_at(moment: datetime) -> date:
    """Return the last session already open at a New York wall-clock time.

    Parameters
    ----------
    moment : datetime
        New York time; a zone on it is ignored.
    """
    day = moment.date()
    if is_session(day) and moment.time() < OPENS:
        day -= timedelta(1)
    return session_on_or_before(day)
