"""Which days trade and when they close, with what no calendar could know in advance.

The exchange closes unplanned for a storm, a state funeral, a breakdown. An operator writes such a
day into a file, and the desk follows it at the next ring, without a restart::

    date,close,reason
    2025-01-09,,National day of mourning
    2026-02-06,14:00,Snow storm

An empty ``close`` is a day without trading; a time is New York's.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.errors import DeskError

NEW_YORK = ZoneInfo("America/New_York")
FULL_DAY_CLOSE = time(16, 0)
COLUMNS = ["date", "close", "reason"]


@dataclass(frozen=True, slots=True)
class Session:
    """A day of trading and the moment it ends."""

    day: date
    closes_at: datetime

    @property
    def is_half_day(self) -> bool:
        """Whether it ends before four in New York."""
        return self.closes_at.astimezone(NEW_YORK).time() < FULL_DAY_CLOSE

    def at(self, local: time, day: date | None = None) -> datetime:
        """Return a New York time of this day, or of another, as a moment."""
        return datetime.combine(day or self.day, local, NEW_YORK).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Closure:
    """An unplanned change: no trading at all, or an early close."""

    reason: str
    close: time | None = None


class SessionCalendar(Protocol):
    """Anything that knows the sessions."""

    def sessions(self, first: date, last: date) -> list[Session]:
        """Return the sessions from ``first`` to ``last``, in order."""
        ...


def no_closures() -> Mapping[date, Closure]:
    """Return nothing: the exchange keeps to its calendar."""
    return {}


@dataclass(frozen=True)
class ExchangeSessions:
    """The New York Stock Exchange's sessions, less what the closures say.

    ``closures`` is asked at every call, so that the file can change while the desk runs.
    """

    closures: Callable[[], Mapping[date, Closure]] = field(default=no_closures)

    def sessions(self, first: date, last: date) -> list[Session]:
        """Return the sessions from ``first`` to ``last``, in order."""
        closures = self.closures()
        planned = [day for day in _planned(first, last)]
        return [
            _changed(day, closures[day.day]) if day.day in closures else day
            for day in planned
            if day.day not in closures or closures[day.day].close is not None
        ]


def _changed(session: Session, closure: Closure) -> Session:
    if closure.close is None:
        return session
    return Session(session.day, min(session.at(closure.close), session.closes_at))


@lru_cache(maxsize=8)
def _planned(first: date, last: date) -> tuple[Session, ...]:
    import pandas as pd

    from analysis.sessions import close_utc, sessions_between

    days = sessions_between(pd.Timestamp(first), pd.Timestamp(last))
    return tuple(Session(day.date(), close_utc(day).to_pydatetime()) for day in days)


class ClosuresError(DeskError):
    """The closures file cannot be read as one."""


def read_closures(path: Path) -> dict[date, Closure]:
    """Read the closures file; a file that is not there means no closures.

    Raises
    ------
    ClosuresError
        With the line and what is wrong with it.
    """
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != COLUMNS:
            raise ClosuresError(
                f"{path.name} begins with {rows.fieldnames}; it must begin with {','.join(COLUMNS)}"
            )
        return dict(_closure(path, rows.line_num, row) for row in rows)


def _closure(path: Path, line: int, row: Mapping[str, str | None]) -> tuple[date, Closure]:
    try:
        day = date.fromisoformat(row["date"] or "")
        close = time.fromisoformat(row["close"]) if row["close"] else None
    except ValueError as error:
        raise ClosuresError(
            f"{path.name}, line {line}: {error}; write for example 2026-02-06,14:00,Snow storm"
        ) from error
    return day, Closure(row["reason"] or "unplanned", close)
