"""Whom an edition goes to, a page at a time, and whether they still want it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.ledger.database import Transaction
from bot.ledger.readers import subscribers
from bot.ledger.subscribers import Subscriber, SubscriberState, as_subscriber


@dataclass(frozen=True, slots=True)
class Slot:
    """A reader's number and hour: all that planning needs."""

    subscriber_id: int
    zone: str
    hour: int | None


async def slots_after(
    tx: Transaction, cadences: Collection[str], after_id: int, limit: int
) -> list[Slot]:
    """Return the next confirmed readers of these cadences, in the order of their numbers."""
    columns = subscribers.c
    # Wrapped, so that no planner takes the index on the state: it would sort all readers anew for
    # every page, where a walk along the numbers reads each of them once.
    state, cadence = func.coalesce(columns.state, ""), func.coalesce(columns.cadence, "")
    query = (
        select(columns.id, columns.zone, columns.hour)
        .where(
            columns.id > after_id,
            state == SubscriberState.CONFIRMED,
            cadence.in_(cadences),
        )
        .order_by(columns.id)
        .limit(limit)
    )
    return [Slot(*row) for row in await tx.execute(query)]


async def subscribers_in(
    tx: Transaction, ids: Collection[int], states: Collection[str], cadences: Collection[str] | None
) -> dict[int, Subscriber]:
    """Return those of the numbered readers in one of the states, of any or these cadences."""
    # Wrapped for the same reason: the numbers are few, a state has a million readers.
    state = func.coalesce(subscribers.c.state, "")
    query = select(subscribers).where(subscribers.c.id.in_(ids), state.in_(states))
    if cadences is not None:
        query = query.where(func.coalesce(subscribers.c.cadence, "").in_(cadences))
    return {row.id: as_subscriber(row) for row in await tx.execute(query)}


async def subscribers_after(
    tx: Transaction, after_id: int, limit: int, state: str | None = None
) -> list[Subscriber]:
    """Return the next readers whose address is known, in the order of their numbers."""
    query = select(subscribers).where(
        subscribers.c.id > after_id, subscribers.c.address.is_not(None)
    )
    if state is not None:
        query = query.where(func.coalesce(subscribers.c.state, "") == state)
    rows = await tx.execute(query.order_by(subscribers.c.id).limit(limit))
    return [as_subscriber(row) for row in rows]
