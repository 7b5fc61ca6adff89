"""Ask the DNS, in the one way the doctor needs it."""

from __future__ import annotations

import ipaddress
from typing import Protocol

import dns.exception
import dns.resolver
import dns.reversename

LIFETIME_SECONDS = 5.0


class NoDnsError(Exception):
    """Nobody answered, so nothing is known."""


class Names(Protocol):
    """Something that knows the DNS."""

    def look_up(self, name: str, kind: str) -> list[str]:
        """Return the records of a kind (TXT, MX, A, AAAA, PTR); none if there are none.

        Raises
        ------
        NoDnsError
            If the question was not answered at all.
        """
        ...


class Dns:
    """The real one."""

    def look_up(self, name: str, kind: str) -> list[str]:
        """Ask the machine's own resolver."""
        try:
            answer = dns.resolver.resolve(name, kind, lifetime=LIFETIME_SECONDS)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise NoDnsError(
                f"the DNS did not answer for {name} ({type(error).__name__})"
            ) from error
        if kind == "TXT":
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        return [record.to_text().rstrip(".") for record in answer]


def reverse_name(address: str) -> str:
    """Return the name under which an address's own name is kept.

    >>> reverse_name("192.0.2.1")
    '1.2.0.192.in-addr.arpa'
    """
    return dns.reversename.from_address(str(ipaddress.ip_address(address))).to_text().rstrip(".")
