"""How often strangers may ask, so that nobody can use the form to flood a mailbox.

Counted in this process's memory, by the hour; the letters themselves are counted in the ledger,
where all processes see them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime

from bot.newsletter.lifecycle import LetterCaps

MOST_KEYS = 50_000
"""Networks and domains remembered at once; beyond that the hour's newcomers must wait."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one asker may do; None is no limit."""

    per_network: int | None
    per_domain: int | None
    form_seconds: float | None
    caps: LetterCaps


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator set; what is None here is the usual limit, and none for this machine.

    ``per_network`` and ``per_domain`` count sign-ups in an hour from one network and for one mail
    domain, ``letters_per_hour`` letters to all, ``letters_per_address`` letters to one address in
    a day; ``form_seconds`` is the least time a person needs for the form.
    """

    per_network: int | None = None
    per_domain: int | None = None
    letters_per_hour: int | None = None
    letters_per_address: int | None = None
    form_seconds: float | None = None

    def of(self, host: str | None) -> Allowed:
        """Return what an asker from ``host`` may do."""
        usual = NO_LIMITS if is_this_machine(host) else USUAL
        return Allowed(
            _first(self.per_network, usual.per_network),
            _first(self.per_domain, usual.per_domain),
            self.form_seconds if self.form_seconds is not None else usual.form_seconds,
            LetterCaps(
                # Whoever asks: this one protects the mailbox and not the desk.
                _first(self.letters_per_address, LetterCaps().per_address),
                _first(self.letters_per_hour, usual.letters_per_hour),
            ),
        )


USUAL = Limits(10, 300, 500, 3, 3.0)
NO_LIMITS = Limits()


def _first(wanted: int | None, usual: int | None) -> int | None:
    return usual if wanted is None else wanted


def is_this_machine(host: str | None) -> bool:
    """Whether an asker sits on this machine."""
    address = _address(host)
    return address is not None and address.is_loopback


def _address(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def asker(host: str | None) -> str:
    """Return what counts as one asker: an IPv4 address, or the /64 network of an IPv6 one."""
    return _network(host, 32, 64) or "unknown"


def kept_prefix(host: str | None) -> str | None:
    """Return what a consent keeps of an asker's address: the /24 or /48 network."""
    return _network(host, 24, 48)


def _network(host: str | None, bits4: int, bits6: int) -> str | None:
    address = _address(host)
    if address is None:
        return None
    bits = bits4 if address.version == 4 else bits6
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


@dataclass
class HourlyCount:
    """Counts by key within the running hour, and forgets at its end."""

    _hour: datetime | None = None
    _counts: dict[str, int] = field(default_factory=dict)

    def admits(self, key: str, most: int | None, now: datetime) -> bool:
        """Count one more, and say whether that is within the limit."""
        if most is None:
            return True
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour != self._hour:
            self._hour, self._counts = hour, {}
        if key not in self._counts and len(self._counts) >= MOST_KEYS:
            return False
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= most
