"""Go at half the speed when the relay says so, and find back to the old one in small steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.ledger.pacing import Pace

STEP = timedelta(minutes=5)
"""After this long without a complaint the speed doubles again."""

FIRST_GUESS = 50.0
"""Where halving begins if there was no limit at all [messages/s]."""

SLOWEST = 0.2


@dataclass
class Throttle:
    """The speed of one process towards its relay; ``full`` is without a limit if None."""

    full: float | None
    clock: Clock
    _slowed: float | None = None
    _since: datetime | None = None

    def slow_down(self) -> None:
        """Halve the speed."""
        now = self.clock()
        current = self._current(now)
        self._slowed = max((FIRST_GUESS if current is None else current) / 2.0, SLOWEST)
        self._since = now

    @property
    def pace(self) -> Pace:
        """The speed now."""
        rate = self._current(self.clock())
        return Pace() if rate is None else Pace(rate, max(int(rate), 1))

    def _current(self, now: datetime) -> float | None:
        if self._slowed is None or self._since is None:
            return self.full
        steps = max(int((now - self._since) / STEP), 0)
        ceiling = FIRST_GUESS if self.full is None else self.full
        rate = self._slowed * 2.0 ** min(steps, 30)
        return self.full if rate >= ceiling else rate
