"""A bounce address for every delivery, which nobody else can make.

``bounce+1207.k5x2…@undertow.example``: the number of the delivery, and the beginning of its HMAC.
A bounce that comes to it is about that delivery and no other; one whose mark does not fit was
made up and is dropped.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode

from bot.mail.address import Address

MARK_BYTES = 10
SHAPE = re.compile(r"([^+@]+)\+([0-9]{1,18})\.([a-z2-7]{16})@(.+)", re.IGNORECASE)


def bounce_address(key: str, mailbox: Address, delivery_id: int) -> Address:
    """Return where the bounce of a delivery is to come.

    >>> str(bounce_address("k" * 32, Address("bounce@desk.test"), 1207))
    'bounce+1207.cum7rnu6z2ldg3eb@desk.test'
    """
    local, _, domain = mailbox.text.rpartition("@")
    return Address(f"{local}+{delivery_id}.{_mark(key, delivery_id)}@{domain}")


def delivery_of(key: str, mailbox: Address, recipient: str) -> int | None:
    """Return the delivery that a bounce address is of; none if it is not one we made.

    Servers may change the case of an address, so letters of either case count as the same.
    """
    found = SHAPE.fullmatch(recipient.strip().strip("<>"))
    if found is None:
        return None
    local, number, mark, domain = found.groups()
    delivery_id = int(number)
    is_ours = hmac.compare_digest(mark.lower().encode(), _mark(key, delivery_id).encode())
    is_there = f"{local}@{domain}".casefold() == mailbox.text.casefold()
    return delivery_id if is_ours and is_there and str(delivery_id) == number else None


def _mark(key: str, delivery_id: int) -> str:
    digest = hmac.digest(key.encode(), f"bounce:{delivery_id}".encode(), hashlib.sha256)
    return b32encode(digest[:MARK_BYTES]).decode("ascii").lower()
