"""What can go wrong between here and a vendor, each with a name of its own."""

from __future__ import annotations

from enum import StrEnum

from analysis.sources import SourceError


class Fault(StrEnum):
    """Why a vendor's answer cannot be used."""

    NO_HOST = "no_host"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    BROKEN_OFF = "broken_off"
    MOVED = "moved"
    DENIED = "denied"
    NOT_THERE = "not_there"
    TOO_MANY = "too_many"
    SERVER = "server"
    WRONG_TYPE = "wrong_type"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    STALE = "stale"
    NOT_YET = "not_yet"
    RESTING = "resting"
    BUDGET = "budget"
    NOT_KEPT = "not_kept"


PASSING = frozenset(
    {Fault.NO_HOST, Fault.REFUSED, Fault.TIMED_OUT, Fault.BROKEN_OFF, Fault.TOO_MANY, Fault.SERVER}
)
"""Faults that may be gone a moment later, so asking again is worth while."""

LASTING = frozenset({Fault.MOVED, Fault.DENIED, Fault.NOT_THERE})
"""Faults that stay until somebody changes a setting."""

WHAT_TO_DO = {
    Fault.NO_HOST: "check the network and the host's name in the settings",
    Fault.REFUSED: "check the network, a proxy, or the address in the settings",
    Fault.TIMED_OUT: "the host is slow or out of reach; try again later",
    Fault.BROKEN_OFF: "the connection broke; try again later",
    Fault.MOVED: "the address has moved; put the new one into the settings",
    Fault.DENIED: "the host denies access; wait a day, or switch the source off",
    Fault.NOT_THERE: "the address is gone; look for a newer version of Undertow",
    Fault.TOO_MANY: "too many requests; wait an hour",
    Fault.SERVER: "the host is in trouble; try again later",
    Fault.WRONG_TYPE: "the host sent something else; try again later",
    Fault.TOO_LARGE: "the answer is larger than it can be; check the address",
    Fault.EMPTY: "the host answered with nothing; try again later",
    Fault.UNREADABLE: "the answer is damaged or its format changed; try again later",
    Fault.STALE: "the vendor has not updated yet; try again later",
    Fault.NOT_YET: "not published yet; a later run takes it",
    Fault.RESTING: "the host failed a moment ago and is left alone for this run",
    Fault.NOT_KEPT: "free disk space, and check the archive's folder",
    Fault.BUDGET: "the run's requests are used up; the next run goes on from here",
}


class VendorError(SourceError):
    """A vendor gave no usable answer; ``fault`` says how.

    ``pause_seconds`` is the pause the host asked for, None where it named none.
    """

    def __init__(
        self, source: str, fault: Fault, problem: str, *, pause_seconds: float | None = None
    ) -> None:
        super().__init__(source, problem, permanent=fault in LASTING)
        self.fault = fault
        self.pause_seconds = pause_seconds

    @property
    def advice(self) -> str:
        """What an operator can do about it."""
        return WHAT_TO_DO[self.fault]
