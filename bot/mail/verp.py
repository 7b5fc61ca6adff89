"""A bounce address and a Message-ID for every delivery, which nobody else can make.

``bounce+1207.k5x2…@undertow.example``: the number of the delivery, and the beginning of its HMAC.
A bounce that comes to it is about that delivery and no other; one whose mark does not fit was
made up and is dropped. A Message-ID is made the same way with a mark of its own, for providers
that report by it; whoever has seen the one cannot make the other.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode

from bot.mail.address import Address

MARK_BYTES = 10
SHAPE = re.compile(r"([^+@]+)\+([0-9]{1,18})\.([a-z2-7]{16})@(.+)", re.IGNORECASE)
MESSAGE_SHAPE = re.compile(r"<?([0-9]{1,18})\.([a-z2-7]{16})@[A-Za-z0-9.-]+>?", re.IGNORECASE)


def bounce_address(key: str, mailbox: Address, delivery_id: int) -> Address:
    """Return where the bounce of a delivery is to come.

    >>> str(bounce_address("k" * 32, Address("bounce@desk.test"), 1207))
    'bounce+1207.cum7rnu6z2ldg3eb@desk.test'
    """
    local, _, domain = mailbox.text.rpartition("@")
    return Address(f"{local}+{delivery_id}.{_mark(key, 'bounce', delivery_id)}@{domain}")


def message_id(key: str, domain: str, delivery_id: int) -> str:
    """Return the Message-ID of a delivery, the same at every attempt and on every machine.

    >>> message_id("k" * 32, "desk.test", 1207)
    '<1207.zd7pclu6do2ap5vk@desk.test>'
    """
    return f"<{delivery_id}.{_mark(key, 'message', delivery_id)}@{domain}>"


def delivery_of_message(key: str, text: str) -> int | None:
    """Return the delivery that a Message-ID is of, with its brackets or without; none if none."""
    found = MESSAGE_SHAPE.fullmatch(text.strip())
    return None if found is None else _if_marked(key, "message", found[1], found[2])


def delivery_of(key: str, mailbox: Address, recipient: str) -> int | None:
    """Return the delivery that a bounce address is of; none if it is not one we made.

    Servers may change the case of an address, so letters of either case count as the same.
    """
    found = SHAPE.fullmatch(recipient.strip().strip("<>"))
    if found is None:
        return None
    local, number, mark, domain = found.groups()
    is_there = f"{local}@{domain}".casefold() == mailbox.text.casefold()
    delivery_id = _if_marked(key, "bounce", number, mark)
    return delivery_id if is_there else None


def _if_marked(key: str, purpose: str, number: str, mark: str) -> int | None:
    """Return a delivery's number if its mark is ours, whatever the case of the letters."""
    delivery_id = int(number)
    expected = _mark(key, purpose, delivery_id)
    is_ours = hmac.compare_digest(mark.lower().encode(), expected.encode())
    return delivery_id if is_ours and str(delivery_id) == number else None


def _mark(key: str, purpose: str, delivery_id: int) -> str:
    digest = hmac.digest(key.encode(), f"{purpose}:{delivery_id}".encode(), hashlib.sha256)
    return b32encode(digest[:MARK_BYTES]).decode("ascii").lower()
