"""The relay that takes the mail: where it is, how it is spoken to, how fast.

``smtps://user:word@host:465`` is encrypted from the first byte. ``smtp://host`` is encrypted as
soon as the relay offers it; with a password, or with ``?starttls=required``, it must offer it and
prove who it is, or nothing is said. On this machine nothing is encrypted unless
``?starttls=required`` asks for it. ``?per_second=14`` is what the relay will bear.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from bot.safety import is_local

PORTS = {"smtp": 25, "smtps": 465}
REMOTE_PER_SECOND = 14.0
"""What a new account at a large provider is allowed [messages/s]; say more if yours is."""


class Tls(StrEnum):
    """How a line to the relay is encrypted."""

    AT_ONCE = "at once"
    REQUIRED = "required"
    IF_OFFERED = "if offered"
    NEVER = "never"

    @property
    def proves_the_relay(self) -> bool:
        """Whether the relay's certificate is held against its name."""
        return self in (Tls.AT_ONCE, Tls.REQUIRED)


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that sends on what we give it."""

    host: str
    port: int
    tls: Tls
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    per_second: float | None = None


def relay_of(url: str) -> Relay:
    """Return the relay an address names.

    Raises
    ------
    ValueError
        In a sentence that repeats nothing of the address, which may hold a password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValueError("it is no address; write smtp://host:port or smtps://host") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("it begins with neither smtp:// nor smtps:// and a host")
    wishes = parse_qs(parts.query)
    if set(wishes) - {"per_second", "starttls"}:
        raise ValueError("behind the ? it knows only per_second=N and starttls=required")
    local = is_local(parts.hostname)
    return Relay(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        tls=_tls(parts.scheme, local, bool(parts.password), "starttls" in wishes),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        per_second=_rate(wishes.get("per_second"), local),
    )


def _tls(scheme: str, local: bool, has_password: bool, required: bool) -> Tls:
    if scheme == "smtps":
        return Tls.AT_ONCE
    if required:
        return Tls.REQUIRED
    if local:
        return Tls.NEVER
    return Tls.REQUIRED if has_password else Tls.IF_OFFERED


def _rate(wish: list[str] | None, local: bool) -> float | None:
    if wish is None:
        return None if local else REMOTE_PER_SECOND
    try:
        rate = float(wish[0])
    except ValueError as error:
        raise ValueError("per_second is not a number") from error
    if not 0.0 < rate <= 100_000.0:
        raise ValueError("per_second is not between 0 and 100,000")
    return rate


@lru_cache(maxsize=2)
def tls_context(*, proves: bool) -> ssl.SSLContext:
    """Return how to encrypt a line: with the relay's name proved, or just against listeners."""
    context = ssl.create_default_context()
    if not proves:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
