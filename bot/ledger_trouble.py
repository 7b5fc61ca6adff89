"""A ledger that does not take what is written, while the desk runs: waited out, and told.

A database may be away for a moment, so nothing is told at once. A disk that is full stays full
until a person makes room, so what lasts is an alert and a reason not to be ready.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.alerts import Alarm
from bot.clock import Clock
from bot.ledger.faults import cause_of
from bot.outbox.telling import Over

log = structlog.get_logger(__name__)

PATIENCE = timedelta(minutes=5)
ALERT = "ledger"


@dataclass
class LedgerTrouble:
    """What goes wrong with the ledger in one process, by the work that met it."""

    clock: Clock
    alarm: Alarm
    over: Over
    _since: dict[str, datetime] = field(default_factory=dict)
    _cause: str = ""
    _told: bool = False

    @property
    def words(self) -> str | None:
        """What stands now, as a sentence; nothing while all is well."""
        return f"the ledger cannot be used: {self._cause}" if self._since else None

    async def met(self, work: str, error: BaseException) -> None:
        """Take down that a piece of work failed on the ledger, and tell it once it lasts."""
        self._cause = cause_of(error)
        log.error("ledger_fault", work=work, problem=type(error).__name__, cause=self._cause)
        now = self.clock()
        began = self._since.setdefault(work, now)
        if now - began >= PATIENCE and self.words is not None:
            self._told = True
            await self.alarm(ALERT, f"{self.words}; what is promised waits until it can")

    async def passed(self, work: str) -> None:
        """Take down that a piece of work went through."""
        if self._since.pop(work, None) is not None and not self._since:
            log.info("ledger_back")
            if self._told:
                self._told = False
                await self.over(ALERT)
