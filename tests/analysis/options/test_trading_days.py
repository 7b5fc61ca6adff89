"""Sessions by rule against the exchange's calendar."""

from datetime import date, datetime, timedelta

import exchange_calendars
import pytest

from analysis.options.clock import new_york
from analysis.options.expiries import is_monthly
from analysis.options.trading_days import is_session, session_after, session_at


def test_the_holiday_rules_give_the_exchanges_own_sessions_from_2002_to_2027() -> None:
    calendar = exchange_calendars.get_calendar("XNYS", start="2002-01-01", end="2027-12-31")
    official = {session.date() for session in calendar.sessions}

    days = [date(2002, 1, 1) + timedelta(n) for n in range(9495)]

    assert [day for day in days if is_session(day) != (day in official)] == []


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        (datetime(2024, 1, 7, 10, 52, tzinfo=new_york()), date(2024, 1, 5)),
        (datetime(2024, 1, 8, 9, 29, tzinfo=new_york()), date(2024, 1, 5)),
        (datetime(2024, 1, 8, 9, 30, tzinfo=new_york()), date(2024, 1, 8)),
        (datetime(2024, 1, 15, 12, 0, tzinfo=new_york()), date(2024, 1, 12)),
    ],
    ids=["Sunday", "before Monday's open", "at the open", "on a holiday"],
)
def test_a_chain_belongs_to_the_last_session_open_at_its_time(
    moment: datetime, session: date
) -> None:
    assert session_at(moment) == session


def test_the_session_after_good_fridays_eve_is_easter_monday() -> None:
    assert session_after(date(2025, 4, 17)) == date(2025, 4, 21)


@pytest.mark.parametrize(
    ("day", "monthly"),
    [
        (date(2024, 1, 19), True),
        (date(2024, 1, 12), False),
        (date(2025, 4, 17), True),
        (date(2025, 4, 16), False),
        (date(2024, 1, 18), False),
        (date(2026, 6, 18), True),
    ],
    ids=["third Friday", "second", "eve of Good Friday", "two before", "plain eve", "Juneteenth"],
)
def test_the_monthly_expiry_is_the_third_friday_or_the_session_before_a_shut_one(
    day: date, monthly: bool
) -> None:
    assert is_monthly(day) is monthly
