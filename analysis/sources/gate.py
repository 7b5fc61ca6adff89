"""Manners towards hosts: how often to ask, how long to wait, when to leave one alone.

One gate serves a whole run and every client in it, so that the budget and a host's bad day
are known to all of them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from analysis.sources.faults import Fault, VendorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How patient and how modest a run is."""

    connect_seconds: float = 4.0
    read_seconds: float = 10.0
    answer_seconds: float = 45.0
    """Longest for one answer, however steadily it drips."""
    attempts: int = 3
    wait_seconds: float = 0.5
    longest_wait_seconds: float = 8.0
    """A host that asks for a longer pause is left alone."""
    failures: int = 2
    """Failed answers in a row, tries and all, after which a host is left alone."""
    requests: int = 400
    run_seconds: float = 180.0
    largest_bytes: int = 24_000_000


@dataclass
class Gate:
    """Counts what a run has asked, and remembers which hosts failed.

    Raises `VendorError` from `enter` where the run has asked enough, has lasted too long, or
    the host has failed so often in a row that asking again is a waste.
    """

    manners: Manners
    asked: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)
    _reasons: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: float = field(default_factory=time.monotonic)

    def enter(self, source: str, host: str) -> None:
        """Count one more request to a host, or refuse it."""
        with self._lock:
            if self._failed[host] >= self.manners.failures:
                why = self._reasons[host]
                raise VendorError(source, Fault.RESTING, f"left alone after a failure ({why})")
            if self.asked.total() >= self.manners.requests:
                limit = self.manners.requests
                raise VendorError(source, Fault.BUDGET, f"the run's {limit} requests are used up")
            if time.monotonic() - self._begun > self.manners.run_seconds:
                limit_seconds = self.manners.run_seconds
                raise VendorError(source, Fault.BUDGET, f"the run's {limit_seconds:g} s are over")
            self.asked[host] += 1

    def answered(self, host: str) -> None:
        """Note that a host works."""
        with self._lock:
            self._failed[host] = 0

    def failed(self, host: str, why: str, *, for_good: bool = False) -> None:
        """Note that a host failed and why; ``for_good`` leaves it alone at once."""
        with self._lock:
            self._reasons[host] = why
            self._failed[host] += self.manners.failures if for_good else 1

    def left(self) -> int:
        """Return how many requests the run may still make."""
        with self._lock:
            return self.manners.requests - self.asked.total()
