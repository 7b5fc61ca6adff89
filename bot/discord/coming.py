"""When the next note is due, for people who ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.schedule.calendar import NEW_YORK, Session
from bot.schedule.due import Times

if TYPE_CHECKING:
    from bot.schedule.calendar import SessionCalendar

LOOK_AHEAD = timedelta(days=10)


@dataclass
class Coming:
    """Knows the next sessions. The calendar is slow to open, so it is asked once a day."""

    clock: Clock
    calendar: SessionCalendar | None
    times: Times = field(default_factory=Times)
    _asked_on: date | None = None
    _sessions: list[Session] = field(default_factory=list)

    async def sessions(self) -> list[Session]:
        """Return the sessions of the next days, today's included."""
        today = self.clock().astimezone(NEW_YORK).date()
        if self.calendar is not None and today != self._asked_on:
            self._sessions = await asyncio.to_thread(
                self.calendar.sessions, today, today + LOOK_AHEAD
            )
            self._asked_on = today
        return self._sessions

    async def next_note(self, after: date | None = None) -> datetime | None:
        """Return when the next note is due; ``after`` is the last session that has one."""
        now = self.clock()
        for session in await self.sessions():
            due_at = session.closes_at + self.times.publish_after_close
            if due_at > now and (after is None or session.day > after):
                return due_at
        return None

    async def today(self) -> Session | None:
        """Return today's session, nothing on a day without trading."""
        today = self.clock().astimezone(NEW_YORK).date()
        return next((one for one in await self.sessions() if one.day == today), None)
