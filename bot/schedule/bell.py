"""The bell: APScheduler rings once a minute, and that is all it does.

No job store, no misfires to reason about, no times of day: a ring asks the calendar and the
ledger. APScheduler counts on the wall clock, so when that is put back an hour it would keep
silent for an hour; `Bell.check_clock`, called from the worker's loop, notices and rings at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock, real_clock

log = structlog.get_logger(__name__)

EVERY = timedelta(minutes=1)
STEP = timedelta(seconds=30)
"""A wall clock that moves this much more or less than time did was set by someone."""


@dataclass
class Bell:
    """Rings until it is stopped; a ring that is still being answered is not rung again."""

    answer: Callable[[], Awaitable[object]]
    clock: Clock = real_clock
    every: timedelta = EVERY
    rung_at: datetime | None = None
    """When a ring was last answered."""
    answering_since: datetime | None = None
    """When the ring in hand began, if there is one: an evening's first may take minutes."""
    _scheduler: AsyncIOScheduler = field(default_factory=lambda: AsyncIOScheduler(timezone="UTC"))
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: tuple[datetime, float] | None = None

    def start(self) -> None:
        """Ring now, and then once a minute."""
        self._seen = (self.clock(), time.monotonic())
        self._scheduler.add_job(
            self.ring,
            "interval",
            seconds=self.every.total_seconds(),
            id="bell",
            coalesce=True,
            misfire_grace_time=None,
            max_instances=2,
        )
        self._scheduler.start()
        self.ring_soon()

    def ring_soon(self) -> None:
        """Ring as soon as the loop gets to it, and count the minutes from there."""
        job = self._scheduler.get_job("bell")
        if job is not None:
            job.reschedule("interval", seconds=self.every.total_seconds())
            job.modify(next_run_time=real_clock())

    async def ring(self) -> None:
        """Have the desk do what is due."""
        if self._busy.locked():
            return
        async with self._busy:
            self.answering_since = self.clock()
            try:
                await self.answer()
                self.rung_at = self.clock()
            finally:
                self.answering_since = None

    def check_clock(self) -> bool:
        """Notice a wall clock that was set, ring, and say whether it was."""
        now, ticks = self.clock(), time.monotonic()
        seen, self._seen = self._seen, (now, ticks)
        if seen is None:
            return False
        drift = (now - seen[0]) - timedelta(seconds=ticks - seen[1])
        if abs(drift) < STEP:
            return False
        log.warning("clock_stepped", seconds=round(drift.total_seconds()))
        self.ring_soon()
        return True

    async def stop(self) -> None:
        """Stop ringing, and wait for the ring in hand to be answered."""
        self._scheduler.shutdown(wait=False)
        async with self._busy:
            pass
