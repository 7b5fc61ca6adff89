"""The secrets in a reader's links: short, opaque, and never kept.

A token is 128 bits worked out from the desk's key, so a mail can be written again after a crash
with the same links, and a million mails need no million rows of secrets. The ledger holds only a
keyed hash of each, under which its reader is looked up: whoever reads the ledger cannot make a
link, and how long a lookup takes says nothing about how close a guess came.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from enum import StrEnum

TOKEN_BYTES = 16
"""Enough that nobody guesses one, few enough that no header has to be folded around a link."""

TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_-]{22}")


class Purpose(StrEnum):
    """What a token opens. One for leaving never opens the preferences."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    PREFERENCES = "preferences"


def unsubscribe_token(key: str, subscriber_id: int) -> str:
    """Return the secret of a reader's way out; it never expires and works any number of times.

    >>> unsubscribe_token("k" * 32, 7)
    'Ti3kuyCSxG_tm9YsPtAdYw'
    """
    return _token(key, Purpose.LEAVE, subscriber_id)


def preferences_token(key: str, subscriber_id: int) -> str:
    """Return the secret that opens a reader's preferences."""
    return _token(key, Purpose.PREFERENCES, subscriber_id)


def confirm_token(key: str, subscriber_id: int, letter: int) -> str:
    """Return the secret in a reader's confirm mail number ``letter``, counted from one."""
    return _token(key, Purpose.CONFIRM, subscriber_id, letter)


def _token(key: str, purpose: Purpose, *numbers: int) -> str:
    what = ":".join(["token", purpose, *map(str, numbers)])
    return urlsafe_b64encode(_keyed(key, what)[:TOKEN_BYTES]).decode().rstrip("=")


def is_token(text: str) -> bool:
    """Whether a text has a token's length and letters; only such a one is looked up."""
    return TOKEN_SHAPE.fullmatch(text) is not None


def token_hash(key: str, token: str) -> str:
    """Return what the ledger keeps of a token [64 hex digits]."""
    return _keyed(key, f"kept:{token}").hex()


def same_hash(found: str, expected: str) -> bool:
    """Compare two hashes in a time that does not depend on where they differ."""
    return hmac.compare_digest(found.encode(), expected.encode())


def address_hash(key: str, address_key: str) -> str:
    """Return what is kept of an address never to write to again [64 hex digits].

    Parameters
    ----------
    key
        The desk's secret.
    address_key
        The folded address, from `bot.ledger.subscribers.address_key`.
    """
    return _keyed(key, f"address:{address_key}").hex()


def agent_hash(key: str, user_agent: str) -> str:
    """Return what a consent keeps of the browser it was given in [64 hex digits]."""
    return _keyed(key, f"agent:{user_agent}").hex()


def _keyed(key: str, text: str) -> bytes:
    return hmac.digest(key.encode(), text.encode(), hashlib.sha256)
