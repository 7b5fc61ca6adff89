"""The desk keeps the exchange's hours, and the operator's closures."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from bot.schedule.calendar import Closure, ClosuresError, ExchangeSessions, read_closures


def closes(first: str, last: str) -> dict[str, str]:
    days = ExchangeSessions().sessions(date.fromisoformat(first), date.fromisoformat(last))
    return {session.day.isoformat(): f"{session.closes_at:%H:%M}" for session in days}


def test_thanksgiving_is_closed_and_the_friday_after_ends_at_one() -> None:
    assert closes("2025-11-26", "2025-12-01") == {
        "2025-11-26": "21:00",
        "2025-11-28": "18:00",
        "2025-12-01": "21:00",
    }


def test_the_close_moves_in_utc_when_new_york_changes_its_clocks() -> None:
    assert closes("2025-03-07", "2025-03-10") == {"2025-03-07": "21:00", "2025-03-10": "20:00"}
    assert closes("2025-10-31", "2025-11-03") == {"2025-10-31": "20:00", "2025-11-03": "21:00"}


def test_a_session_knows_whether_it_is_half_a_day() -> None:
    friday, monday = ExchangeSessions().sessions(date(2025, 11, 28), date(2025, 12, 1))

    assert (friday.is_half_day, monday.is_half_day) == (True, False)


def test_closures_close_days_and_shorten_them_but_never_lengthen_them() -> None:
    closures = {
        date(2026, 2, 5): Closure("mourning"),
        date(2026, 2, 6): Closure("snow", time(14, 0)),
        date(2026, 2, 9): Closure("a slip", time(18, 0)),
    }
    calendar = ExchangeSessions(lambda: closures)

    sessions = calendar.sessions(date(2026, 2, 4), date(2026, 2, 9))

    assert [session.closes_at for session in sessions] == [
        datetime(2026, 2, 4, 21, tzinfo=UTC),
        datetime(2026, 2, 6, 19, tzinfo=UTC),
        datetime(2026, 2, 9, 21, tzinfo=UTC),
    ]


def test_the_closures_file_says_what_closed_and_why(tmp_path: Path) -> None:
    path = tmp_path / "closures.csv"
    path.write_text("date,close,reason\n2025-01-09,,Mourning\n2026-02-06,14:00,Snow\n", "utf-8")

    assert read_closures(path) == {
        date(2025, 1, 9): Closure("Mourning"),
        date(2026, 2, 6): Closure("Snow", time(14, 0)),
    }
    assert read_closures(tmp_path / "none.csv") == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("day,reason\n2025-01-09,x\n", "must begin with date,close,reason"),
        ("date,close,reason\n09.01.2025,,x\n", "line 2"),
        ("date,close,reason\n2025-01-09,2pm,x\n", "line 2"),
        ("date,close,reason\n2025-01-09\n,,\n", "line 3"),
    ],
)
def test_a_closures_file_with_a_slip_is_refused_by_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = tmp_path / "closures.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(ClosuresError, match=complaint):
        read_closures(path)
