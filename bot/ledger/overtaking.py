"""What still waits when a note is withdrawn is held back, and let go when it is published again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import update

from bot.edition import NOTE
from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.story import Story
from bot.ledger.tables import deliveries

OVERTAKEN = "overtaken"
"""The code of a delivery that was not sent because of what was said after it."""


async def hold_back(tx: Transaction, session: date, story: Story, now: datetime) -> int:
    """Settle what waits and is pointless now, and return how many that were.

    What is being sent goes on: its channel asks the ledger what came after it.
    """
    pointless = [row.edition for row in story.rows if story.is_overtaken(row.edition)]
    held = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.session == session,
            deliveries.c.edition.in_(pointless),
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(
            state=DeliveryState.SKIPPED,
            settled_at=now,
            code=OVERTAKEN,
            detail="withdrawn, or published again, before it was sent",
        )
        .returning(deliveries.c.id)
    )
    return len(held.all())


async def let_go(
    tx: Transaction, session: date, channels: Collection[str], now: datetime, expires_at: datetime
) -> int:
    """Send the note after all to whom it was held back from, and return how many that are.

    For channels that cannot publish again: their readers wait for the note itself.
    """
    freed = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.session == session,
            deliveries.c.edition == NOTE,
            deliveries.c.channel.in_(channels),
            deliveries.c.state == DeliveryState.SKIPPED,
            deliveries.c.code == OVERTAKEN,
        )
        .values(
            state=DeliveryState.PENDING,
            not_before=now,
            expires_at=expires_at,
            settled_at=None,
            code=None,
            detail=None,
        )
        .returning(deliveries.c.id)
    )
    return len(freed.all())
