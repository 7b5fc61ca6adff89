"""How often one asker may use the API."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

USUAL_PER_MINUTE = 120
"""Enough for any program that keeps what it was given; a crawl of all reports takes a while."""

MOST_ASKERS = 20_000


@dataclass
class RateLimit:
    """A bucket of requests for each asker, refilled steadily.

    ``per_minute`` None stands for the ``usual`` limit, and none for this machine.
    """

    per_minute: int | None = None
    usual: int = USUAL_PER_MINUTE
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_seconds(self, host: str | None, now: float) -> float:
        """Count one request at ``now`` [seconds], and return how long to wait, 0 when it may go."""
        limit = self.per_minute
        if limit is None:
            if is_this_machine(host):
                return 0.0
            limit = self.usual
        asker = asker_of(host)
        level, then = self._levels.get(asker, (float(limit), now))
        level = min(float(limit), level + (now - then) * limit / 60.0)
        if level < 1.0:
            self._levels[asker] = (level, now)
            return (1.0 - level) * 60.0 / limit
        if len(self._levels) >= MOST_ASKERS:
            # Those who come back begin with a full bucket: better than to remember everybody.
            self._levels.clear()
        self._levels[asker] = (level - 1.0, now)
        return 0.0


def is_this_machine(host: str | None) -> bool:
    """Say whether an asker sits on this machine."""
    address = _address(host)
    return address is not None and address.is_loopback


def asker_of(host: str | None) -> str:
    """Return what counts as one asker: an IPv4 address, or the /64 network of an IPv6 one.

    >>> asker_of("192.0.2.7"), asker_of("2001:db8::1")
    ('192.0.2.7', '2001:db8::/64')
    """
    address = _address(host)
    if address is None:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _address(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
