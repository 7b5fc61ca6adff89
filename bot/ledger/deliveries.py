"""The outbox: one row for each edition, channel and target, from pending to settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select, update

from bot.ledger.database import Transaction
from bot.ledger.editions import EditionRow
from bot.ledger.insert import insert_into
from bot.ledger.readers import subscribers
from bot.ledger.tables import deliveries


class DeliveryState(StrEnum):
    """Where a delivery stands. Only the first two are unsettled."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    """Handed over and never answered: it may have arrived, and no machine can know."""
    SKIPPED = "skipped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Target:
    """Someone or something an edition goes to, as its channel knows it.

    ``not_before`` holds it back until a reader's hour; ``subscriber_id`` ties it to a subscriber,
    whose leaving cancels it.
    """

    name: str
    not_before: datetime | None = None
    subscriber_id: int | None = None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery as the ledger holds it."""

    id: int
    edition_id: int
    session: date
    edition: str
    channel: str
    target: str
    subscriber_id: int | None
    state: DeliveryState
    attempts: int
    not_before: datetime
    expires_at: datetime
    lease_owner: str | None
    lease_until: datetime | None
    handed_at: datetime | None
    settled_at: datetime | None
    reference: str | None
    code: str | None
    detail: str | None


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


ENQUEUE_CHUNK = 1_000


async def enqueue(
    tx: Transaction,
    edition: EditionRow,
    channel: str,
    targets: Sequence[Target],
    expires_at: datetime,
) -> None:
    """Add a frozen edition's deliveries; those that stand already are left alone.

    Raises
    ------
    ValueError
        If the edition can still change: then two readers might get two notes.
    """
    if edition.frozen_at is None:
        raise ValueError(f"the {edition.edition} of {edition.session} is not frozen; freeze it")
    shared = {
        "edition_id": edition.id,
        "session": edition.session,
        "edition": edition.edition,
        "channel": channel,
        "state": DeliveryState.PENDING,
        "attempts": 0,
        "expires_at": expires_at,
    }
    for start in range(0, len(targets), ENQUEUE_CHUNK):
        rows = [
            {
                **shared,
                "target": target.name,
                "subscriber_id": target.subscriber_id,
                "not_before": target.not_before or edition.frozen_at,
            }
            for target in targets[start : start + ENQUEUE_CHUNK]
        ]
        await tx.execute(insert_into(tx, deliveries).on_conflict_do_nothing(), rows)


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
    return sorted((_delivery(row) for row in taken), key=lambda row: (row.not_before, row.id))


def _still_wanted() -> ColumnElement[bool]:
    return exists().where(
        subscribers.c.id == deliveries.c.subscriber_id, subscribers.c.state == "confirmed"
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
    answer has lost the lease and must not send.
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
    return sorted((_delivery(row) for row in taken), key=lambda row: row.id)


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


async def find_delivery(tx: Transaction, delivery_id: int) -> DeliveryRow | None:
    """Return one delivery by its number."""
    row = (await tx.execute(select(deliveries).where(deliveries.c.id == delivery_id))).one_or_none()
    return None if row is None else _delivery(row)


async def list_deliveries(
    tx: Transaction,
    *,
    state: DeliveryState | None = None,
    session: date | None = None,
    after_id: int = 0,
    limit: int = 1_000,
) -> list[DeliveryRow]:
    """Return deliveries in the order they were made, a page at a time."""
    query = select(deliveries).where(deliveries.c.id > after_id)
    if state is not None:
        query = query.where(deliveries.c.state == state)
    if session is not None:
        query = query.where(deliveries.c.session == session)
    return [
        _delivery(row) for row in await tx.execute(query.order_by(deliveries.c.id).limit(limit))
    ]


async def count_deliveries(
    tx: Transaction, session: date | None = None
) -> dict[tuple[str, DeliveryState], int]:
    """Count deliveries by channel and state, of one session or of all."""
    query = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by(
        deliveries.c.channel, deliveries.c.state
    )
    if session is not None:
        query = query.where(deliveries.c.session == session)
    return {
        (channel, DeliveryState(state)): count for channel, state, count in await tx.execute(query)
    }


def _delivery(row: Row[tuple[object, ...]]) -> DeliveryRow:
    fields = dict(row._mapping)
    return DeliveryRow(**{**fields, "state": DeliveryState(row.state)})
