"""Who works on a delivery: leases, the mark before the hand-over, and what the dead left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update

from bot.edition import ALREADY, CONFIRM, LETTERS
from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryRow, DeliveryState, as_delivery
from bot.ledger.readers import subscribers
from bot.ledger.tables import deliveries


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes deliveries, from when, for how long."""

    owner: str
    now: datetime
    length: timedelta

    @property
    def until(self) -> datetime:
        """When others may take them over."""
        return self.now + self.length


async def claim_deliveries(
    tx: Transaction, channel: str, lease: Lease, limit: int
) -> list[DeliveryRow]:
    """Take up to ``limit`` due deliveries of a channel, oldest first.

    On PostgreSQL rows that another worker is taking are passed by, not waited for. A reader who
    left since the rows were made is not claimed; `skip_unwanted` settles those rows.
    """
    due = (
        _due(channel, lease.now)
        .where(or_(deliveries.c.subscriber_id.is_(None), _still_wanted()))
        .limit(limit)
        .with_for_update(skip_locked=True, of=deliveries)
        .cte("due")
    )
    taken = await tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(select(due.c.id)))
        .values(
            state=DeliveryState.SENDING,
            attempts=deliveries.c.attempts + 1,
            lease_owner=lease.owner,
            lease_until=lease.until,
            handed_at=None,
        )
        .returning(deliveries)
    )
    return sorted((as_delivery(row) for row in taken), key=lambda row: (row.not_before, row.id))


def _still_wanted() -> ColumnElement[bool]:
    kind, state = deliveries.c.edition, subscribers.c.state
    return exists().where(
        subscribers.c.id == deliveries.c.subscriber_id,
        or_(
            and_(kind.not_in(LETTERS), state == "confirmed"),
            and_(kind == CONFIRM, state == "pending"),
            and_(kind == ALREADY, state.in_(("confirmed", "paused"))),
        ),
    )


async def extend_leases(tx: Transaction, ids: Collection[int], lease: Lease) -> None:
    """Keep deliveries that are still waiting their turn in a claimed batch."""
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(ids),
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.lease_owner == lease.owner,
        )
        .values(lease_until=lease.until)
    )


async def release(tx: Transaction, ids: Collection[int], owner: str) -> None:
    """Give back claimed deliveries that were never handed over."""
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(ids),
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.lease_owner == owner,
            deliveries.c.handed_at.is_(None),
        )
        .values(state=DeliveryState.PENDING, lease_owner=None, lease_until=None)
    )


async def mark_handed(tx: Transaction, rows: Collection[DeliveryRow], now: datetime) -> set[int]:
    """Write down that these are about to be handed over, and return the ids that still are ours.

    After this commit a crash leaves them in doubt. Whoever does not find its delivery in the
    answer has lost the lease, or its reader has left meanwhile, and must not send.
    """
    owners = {row.lease_owner for row in rows}
    attempts = {row.id: row.attempts for row in rows}
    marked = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(attempts),
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.lease_owner.in_(owners),
            deliveries.c.handed_at.is_(None),
            or_(deliveries.c.subscriber_id.is_(None), _still_wanted()),
        )
        .values(handed_at=now)
        .returning(deliveries.c.id, deliveries.c.attempts)
    )
    return {row.id for row in marked if attempts[row.id] == row.attempts}


async def release_unhanded(tx: Transaction, channel: str, now: datetime) -> int:
    """Return to the queue what a dead worker had claimed and not yet handed over."""
    freed = await tx.execute(
        update(deliveries)
        .where(*_lease_ran_out(channel, now), deliveries.c.handed_at.is_(None))
        .values(state=DeliveryState.PENDING, lease_owner=None, lease_until=None)
        .returning(deliveries.c.id)
    )
    return len(freed.all())


async def claim_unanswered(
    tx: Transaction, channel: str, lease: Lease, limit: int
) -> list[DeliveryRow]:
    """Take over what a dead worker had handed over without hearing the answer."""
    lost = (
        select(deliveries.c.id)
        .where(*_lease_ran_out(channel, lease.now), deliveries.c.handed_at.is_not(None))
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("lost")
    )
    taken = await tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(select(lost.c.id)))
        .values(lease_owner=lease.owner, lease_until=lease.until)
        .returning(deliveries)
    )
    return sorted((as_delivery(row) for row in taken), key=lambda row: row.id)


def _lease_ran_out(channel: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.channel == channel,
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.lease_until <= now,
    )


async def expire(tx: Transaction, now: datetime) -> int:
    """Give up what is too old to be news, and return how many."""
    expired = await tx.execute(
        update(deliveries)
        .where(deliveries.c.state == DeliveryState.PENDING, deliveries.c.expires_at <= now)
        .values(state=DeliveryState.EXPIRED, settled_at=now)
        .returning(deliveries.c.id)
    )
    return len(expired.all())


async def skip_unwanted(tx: Transaction, channel: str, now: datetime, limit: int) -> int:
    """Settle those of the next ``limit`` deliveries whose readers have left, and return how many.

    Only as many are looked at as will be claimed, so a long queue costs nothing.
    """
    head = _due(channel, now).limit(limit).with_for_update(skip_locked=True).cte("head")
    skipped = await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id.in_(select(head.c.id)),
            deliveries.c.subscriber_id.is_not(None),
            ~_still_wanted(),
        )
        .values(state=DeliveryState.SKIPPED, settled_at=now, detail="the reader has left")
        .returning(deliveries.c.id)
    )
    return len(skipped.all())


async def has_work(tx: Transaction, channel: str, now: datetime) -> bool:
    """Whether a channel has anything to send or to recover."""
    lost = select(deliveries.c.id).where(*_lease_ran_out(channel, now))
    due_now, lost_now = exists(_due(channel, now)), exists(lost)
    return bool((await tx.execute(select(or_(due_now, lost_now)))).scalar_one())


def _due(channel: str, now: datetime) -> Select[int]:
    return (
        select(deliveries.c.id)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.not_before <= now,
            deliveries.c.expires_at > now,
        )
        .order_by(deliveries.c.not_before, deliveries.c.id)
    )
