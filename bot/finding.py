"""One line of the doctor's: what was looked at, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARNING, FAILED = "ok", "warning", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line: what was looked at, how it stands, and what to do.

    ``reachable`` is None where there is nothing to reach: a channel that is off, the clock.
    """

    name: str
    status: str
    found: str
    reachable: bool | None = None
    as_of: str = ""
    age_days: int | None = None
    feeds: str = ""
    advice: str = ""


def reached(name: str, found: str) -> Finding:
    """Return a finding on something that answered as it should."""
    return Finding(name=name, status=OK, found=found, reachable=True)


def refused(name: str, found: str, advice: str, *, reachable: bool = False) -> Finding:
    """Return a finding on something that is set up and does not work."""
    return Finding(name=name, status=FAILED, found=found, reachable=reachable, advice=advice)


def switched_off(name: str, variable: str) -> Finding:
    """Return a finding on something nobody asked for, which is fine."""
    return Finding(name=name, status=OK, found=f"off ({variable} is empty)")
