"""What may go wrong on the wire, and how often one may ask."""

from __future__ import annotations

import fnmatch
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

SEEN = {"Via": "1.1 wire"}
"""The library takes a 429 without this header for the ban of an address."""


class Kind(StrEnum):
    """How a request fails. In the last four it is carried out all the same."""

    STATUS = "status"
    DROP = "drop"
    HANG = "hang"
    SLOW = "slow"
    DONE_THEN_STATUS = "done_then_status"
    DONE_THEN_DROP = "done_then_drop"
    DONE_THEN_HANG = "done_then_hang"


@dataclass
class Fault:
    """The next ``times`` requests that match fail like this."""

    method: str
    path: str
    kind: Kind
    status: int = 500
    body: dict[str, Any] = field(default_factory=lambda: {"message": "a fault", "code": 0})
    headers: dict[str, str] = field(default_factory=lambda: dict(SEEN))
    times: int = 1
    delay_seconds: float = 0.0


@dataclass
class Faults:
    """The faults still to come."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, if one does."""
        for fault in self.waiting:
            hit = fault.method in {method, "*"} and fnmatch.fnmatch(path, fault.path)
            if hit and fault.times > 0:
                fault.times -= 1
                return fault
        return None


@dataclass
class Limit:
    """So many requests in so many seconds, for each path that matches."""

    method: str
    path: str
    requests: int
    seconds: float


@dataclass
class Limits:
    """Rate limits as Discord states them: in headers, then with a 429."""

    rules: list[Limit] = field(default_factory=list)
    refusals: int = 0
    _asked: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def admit(self, method: str, path: str) -> tuple[bool, dict[str, str], float]:
        """Return whether a request passes, the headers to say so, and how long until more do."""
        rule = next((r for r in self.rules if _concerns(r, method, path)), None)
        if rule is None:
            return True, dict(SEEN), 0.0
        now = time.monotonic()
        asked = [t for t in self._asked.get((method, path), []) if t > now - rule.seconds]
        passes = len(asked) < rule.requests
        if passes:
            asked.append(now)
        else:
            self.refusals += 1
        self._asked[method, path] = asked
        wait = asked[0] + rule.seconds - now
        left = max(0, rule.requests - len(asked))
        return passes, _headers(rule, left, wait), wait


def _concerns(rule: Limit, method: str, path: str) -> bool:
    return rule.method == method and fnmatch.fnmatch(path, rule.path)


def _headers(rule: Limit, left: int, wait: float) -> dict[str, str]:
    return {
        **SEEN,
        "X-RateLimit-Limit": str(rule.requests),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + wait:.3f}",
        "X-RateLimit-Reset-After": f"{wait:.3f}",
        "X-RateLimit-Bucket": f"bucket-{rule.method}-{rule.requests}-{rule.seconds}",
    }
