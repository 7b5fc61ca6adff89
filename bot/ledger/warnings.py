"""Alerts already raised, so that one trouble is told once and not every minute."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.tables import alerts


async def note_alert(
    tx: Transaction, key: str, words: str, now: datetime, quiet_for: timedelta
) -> int | None:
    """Count an alert, and return how often it was raised if it is time to tell it.

    Returns
    -------
    int or None
        Times raised since it was last told; nothing while it was told less than ``quiet_for``
        ago, by this process or another.
    """
    query = select(alerts).where(alerts.c.key == key).with_for_update()
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        return await _begin(tx, key, words, now)
    is_due = not row.sent_at <= now < row.sent_at + quiet_for
    values: dict[str, object] = {"words": words, "last_at": now, "times": row.times + 1}
    if is_due:
        values |= {"sent_at": now, "times": 0}
    await tx.execute(update(alerts).where(alerts.c.key == key).values(**values))
    return row.times + 1 if is_due else None


async def _begin(tx: Transaction, key: str, words: str, now: datetime) -> int | None:
    first = await tx.execute(
        insert_into(tx, alerts)
        .values(key=key, words=words, first_at=now, last_at=now, sent_at=now, times=0)
        .on_conflict_do_nothing()
        .returning(alerts.c.key)
    )
    return None if first.scalar_one_or_none() is None else 1


async def owe_alert(tx: Transaction, key: str, told_at: datetime) -> None:
    """Set back when an alert was last told, because it was not: the next one is told again."""
    await tx.execute(update(alerts).where(alerts.c.key == key).values(sent_at=told_at))


async def clear_alert(tx: Transaction, key: str) -> bool:
    """Forget a trouble that is over; true if there was one."""
    gone = await tx.execute(delete(alerts).where(alerts.c.key == key).returning(alerts.c.key))
    return gone.scalar_one_or_none() is not None
