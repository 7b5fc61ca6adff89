"""What a receipt means for a delivery, and when to try again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels import InDoubt, Receipt, Refused, RetryLater, Sent, Unwanted
from bot.ledger.deliveries import DeliveryRow, DeliveryState
from bot.ledger.settling import Settlement

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
JITTER = 0.2
"""Spread around a pause [fraction], so that what failed together does not come back together."""

LONGEST_ASKED = timedelta(hours=6)
"""However long the far side asks us to wait, a delivery is looked at again after this."""


def back_off(row: DeliveryRow, steps: tuple[timedelta, ...] = BACK_OFF) -> timedelta:
    """Return how long to wait after a delivery's latest attempt.

    The same delivery and attempt always wait the same time: the jitter comes from their numbers.
    """
    step = steps[min(row.attempts, len(steps)) - 1]
    digest = hashlib.sha256(f"{row.id}:{row.attempts}".encode()).digest()
    spread = int.from_bytes(digest[:4], "big") / 2**31 - 1.0
    return step * (1.0 + JITTER * spread)


def settlement_of(
    row: DeliveryRow,
    receipt: Receipt,
    now: datetime,
    steps: tuple[timedelta, ...] = BACK_OFF,
) -> Settlement:
    """Return what becomes of a delivery with this receipt.

    A delivery that would be tried again only after it has expired is expired at once.
    """
    match receipt:
        case Sent(reference):
            return Settlement(row, DeliveryState.SENT, reference=reference)
        case Refused(reason, code):
            return Settlement(row, DeliveryState.FAILED, reason, code)
        case InDoubt(reason, code):
            return Settlement(row, DeliveryState.IN_DOUBT, reason, code)
        case Unwanted(reason):
            return Settlement(row, DeliveryState.SKIPPED, reason)
        case RetryLater(reason, code, after):
            wait = back_off(row, steps) if after is None else min(after, LONGEST_ASKED)
            later = Settlement(row, DeliveryState.PENDING, reason, code, not_before=now + wait)
            if now + wait < row.expires_at:
                return later
            return replace(later, state=DeliveryState.EXPIRED, not_before=None)


def went_wrong(receipt: Receipt) -> bool:
    """Whether a receipt counts against its channel; one reader's closed mailbox does not."""
    match receipt:
        case Sent() | Unwanted():
            return False
        case Refused():
            return receipt.our_fault
        case RetryLater() | InDoubt():
            return True
