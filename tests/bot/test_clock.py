"""A rehearsal starts where it is told and then keeps time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import rehearsal_clock

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
REHEARSAL = datetime.fromisoformat("2025-04-09T18:00:00-04:00")


def test_a_rehearsal_clock_starts_elsewhere_and_runs_on() -> None:
    ticks = iter([NOON, NOON, NOON + timedelta(minutes=5)])
    clock = rehearsal_clock(REHEARSAL, real=lambda: next(ticks))

    assert clock() == datetime(2025, 4, 9, 22, tzinfo=UTC)
    assert clock() == datetime(2025, 4, 9, 22, 5, tzinfo=UTC)
