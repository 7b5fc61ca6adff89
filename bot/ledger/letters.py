"""How many letters an address and the desk have had, and what waits for a reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from bot.edition import LETTERS
from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.readers import subscribers
from bot.ledger.tables import deliveries

DAY = timedelta(days=1)


async def letters_to(
    tx: Transaction, subscriber_id: int, now: datetime
) -> tuple[int, datetime | None]:
    """Return how many letters a reader had within a day of each other, and when the last was."""
    query = (
        select(subscribers.c.confirms_sent, subscribers.c.confirm_sent_at)
        .where(subscribers.c.id == subscriber_id)
        .with_for_update()
    )
    sent, last = (await tx.execute(query)).one()
    return (0, last) if last is None or last <= now - DAY else (sent, last)


async def letters_since(tx: Transaction, since: datetime, now: datetime) -> int:
    """Count the letters promised to all readers since a moment, at most a day ago."""
    query = select(func.count()).where(
        # The days one by one: as a range they would lead through every note of two days.
        deliveries.c.session.in_({moment.astimezone(UTC).date() for moment in (since, now)}),
        deliveries.c.edition.in_(LETTERS),
        deliveries.c.not_before > since,
    )
    return (await tx.execute(query)).scalar_one()


async def note_letter(tx: Transaction, subscriber_id: int, sent: int, now: datetime) -> None:
    """Write down that a reader was promised letter number ``sent`` of these days."""
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(confirms_sent=sent, confirm_sent_at=now)
    )


async def cancel_waiting(tx: Transaction, subscriber_id: int, why: str, now: datetime) -> int:
    """Settle what waits for a reader as skipped, and return how many that were."""
    cancelled = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, settled_at=now, detail=why)
        .returning(deliveries.c.id)
    )
    return len(cancelled.all())
