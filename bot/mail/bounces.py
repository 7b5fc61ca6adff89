"""Read what comes back: is it about one of our deliveries, and what does it say?

Whatever stands in a bounce mailbox was written by strangers. Only so much of it is read, only
reports in the standard forms count, and only about a delivery whose bounce address carries our
mark. Everything else is left alone.

References
----------
Moore, K. and Vaudreuil, G. (2003). An Extensible Message Format for Delivery Status
Notifications. RFC 3464.
Shafranovich, Y., Levine, J. and Kucherawy, M. (2010). An Extensible Format for Email Feedback
Reports. RFC 5965.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from bot.ledger.bounces import Bounce, BounceKind
from bot.mail.address import Address
from bot.mail.answers import ENHANCED, Fault, fault_of_status
from bot.mail.verp import delivery_of

LARGEST_READ = 256_000
"""So much of a report is read [bytes]; what counts stands in its first few thousand."""

MOST_ADDRESSES = 20
MOST_PARTS = 200
"""More parts than this is no report but an attack on whoever parses it."""

KEPT_HEADERS = ("From", "Date", "Message-ID", "Subject")
HEADER_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """How our bounce addresses are known: the desk's secret and the mailbox they lead to."""

    key: str
    mailbox: Address


def read_report(raw: bytes, mark: Mark, recipient: str = "") -> Bounce | None:
    """Return what a message tells of one of our deliveries; nothing if it is no such report.

    Parameters
    ----------
    raw
        The message, perhaps cut.
    recipient
        Whom it was delivered to, where the mailbox says so.
    """
    raw = raw[:LARGEST_READ]
    delivery_id = _delivery(raw, mark, recipient)
    if delivery_id is None or raw.count(b"\n--") > MOST_PARTS:
        return None
    try:
        message = message_from_bytes(raw, policy=policy.compat32)
        if message.get_content_type() != "multipart/report":
            return None
        told = _told(message)
    except (ValueError, LookupError, RecursionError, TypeError, AttributeError):
        # The standard library's parser has failed in each of these ways on broken mail.
        return None
    if told is None:
        return None
    kind, status, fault = told
    return Bounce(delivery_id, kind, status, fault, _kept(message))


def _delivery(raw: bytes, mark: Mark, recipient: str) -> int | None:
    """Return the first delivery that an address of ours in the message is about."""
    local, _, domain = mark.mailbox.text.partition("@")
    shape = (
        re.escape(local.encode())
        + rb"\+[0-9]{1,18}\.[a-z2-7]{16}@"
        + re.escape(domain.encode())
        + rb"(?![A-Za-z0-9.-]*[A-Za-z0-9])"
    )
    seen = [recipient]
    for found in re.finditer(shape, raw, re.IGNORECASE):
        seen.append(found[0].decode("ascii"))
        if len(seen) > MOST_ADDRESSES:
            break
    numbers = (delivery_of(mark.key, mark.mailbox, one) for one in seen)
    return next((number for number in numbers if number is not None), None)


def _told(message: Message) -> tuple[BounceKind, str, Fault] | None:
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            return _complaint(part)
        if kind == "message/delivery-status":
            return _failure(part)
    return None


def _complaint(part: Message) -> tuple[BounceKind, str, Fault] | None:
    blocks = _blocks(part)
    kind = next((str(block["Feedback-Type"]) for block in blocks if block["Feedback-Type"]), "")
    if kind.strip().lower() not in ("abuse", "opt-out", "fraud", "virus", "other"):
        return None
    return BounceKind.COMPLAINT, "complaint", Fault.ADDRESS


def _failure(part: Message) -> tuple[BounceKind, str, Fault] | None:
    for block in _blocks(part):
        if str(block.get("Action", "")).strip().lower() != "failed":
            continue
        status = _status(block)
        return BounceKind.LATER, status, fault_of_failure(status)
    return None


def fault_of_failure(status: str) -> Fault:
    """Return whose fault a report of failure with an enhanced code tells of.

    >>> fault_of_failure("5.1.1").value, fault_of_failure("4.4.7").value
    ('address', 'full')
    """
    return Fault.FULL if status.startswith("4.") else fault_of_status(status) or Fault.MAILBOX


def _status(block: Message) -> str:
    """Return the enhanced code; the far server's own words know better than a bare 5.0.0."""
    given = ENHANCED.search(str(block.get("Status", "")))
    inner = ENHANCED.search(str(block.get("Diagnostic-Code", "")))
    if given is None or given[0].endswith(".0.0"):
        return (inner or given or ["5.0.0"])[0]
    return given[0]


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [block for block in payload if isinstance(block, Message)]
    return [message_from_bytes(str(payload).encode("utf-8", "replace"), policy=policy.compat32)]


def _kept(message: Message) -> str:
    lines = [
        f"{name}: {' '.join(str(message[name]).split())[:HEADER_LIMIT]}"
        for name in KEPT_HEADERS
        if message[name]
    ]
    printable = "\n".join(lines).encode("ascii", "replace").decode("ascii")
    return "".join(letter for letter in printable if letter.isprintable() or letter == "\n")
