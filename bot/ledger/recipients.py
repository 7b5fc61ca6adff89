"""What the mail channel must know of a reader at the moment of sending, and nothing more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from bot.ledger.database import Transaction
from bot.ledger.readers import subscribers
from bot.ledger.subscribers import SubscriberState


@dataclass(frozen=True, slots=True)
class Recipient:
    """A reader who still wants the note, and how."""

    subscriber_id: int
    address: str
    level: str
    text_only: bool


async def recipients(tx: Transaction, ids: Collection[int]) -> dict[int, Recipient]:
    """Return those of the subscribers who are confirmed now, by their numbers."""
    query = select(
        subscribers.c.id, subscribers.c.address, subscribers.c.level, subscribers.c.text_only
    ).where(
        subscribers.c.id.in_(ids),
        subscribers.c.state == SubscriberState.CONFIRMED,
        subscribers.c.address.is_not(None),
    )
    return {
        row.id: Recipient(row.id, row.address, row.level, row.text_only)
        for row in await tx.execute(query)
    }
