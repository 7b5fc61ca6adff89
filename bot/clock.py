"""The only clock of the desk: the real one, or a rehearsal that starts elsewhere and runs on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the time, in UTC."""


def real_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def rehearsal_clock(start: datetime, real: Clock = real_clock) -> Clock:
    """Return a clock that shows ``start`` at first and then runs as fast as the real one."""
    begun = real()
    return lambda: start.astimezone(UTC) + (real() - begun)


def clock_of(start: datetime | None) -> Clock:
    """Return the clock that the settings ask for."""
    return real_clock if start is None else rehearsal_clock(start)
