"""The outbox: one row for each edition, channel and target, from pending to settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Row, func, select

from bot.ledger.database import Transaction
from bot.ledger.editions import EditionRow
from bot.ledger.insert import insert_into
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


async def find_delivery(tx: Transaction, delivery_id: int) -> DeliveryRow | None:
    """Return one delivery by its number."""
    row = (await tx.execute(select(deliveries).where(deliveries.c.id == delivery_id))).one_or_none()
    return None if row is None else as_delivery(row)


async def list_deliveries(
    tx: Transaction,
    *,
    state: DeliveryState | None = None,
    session: date | None = None,
    channel: str | None = None,
    newest_first: bool = False,
    limit: int | None = 1_000,
) -> list[DeliveryRow]:
    """Return deliveries in the order they were made, or the newest first; no limit means all."""
    asked = {"state": state, "session": session, "channel": channel}
    query = select(deliveries).where(
        *(deliveries.c[name] == value for name, value in asked.items() if value is not None)
    )
    order = deliveries.c.id.desc() if newest_first else deliveries.c.id
    return [as_delivery(row) for row in await tx.execute(query.order_by(order).limit(limit))]


async def anyone_has(tx: Transaction, session: date, edition: str, channel: str) -> bool:
    """Whether an edition has reached anybody on a channel, or may have."""
    query = select(deliveries.c.id).where(
        deliveries.c.session == session,
        deliveries.c.edition == edition,
        deliveries.c.channel == channel,
        deliveries.c.state.in_((DeliveryState.SENT, DeliveryState.IN_DOUBT)),
    )
    return (await tx.execute(query.limit(1))).scalar_one_or_none() is not None


async def deliveries_of(tx: Transaction, session: date, edition: str) -> list[DeliveryRow]:
    """Return all deliveries of one edition."""
    query = select(deliveries).where(
        deliveries.c.session == session, deliveries.c.edition == edition
    )
    return [as_delivery(row) for row in await tx.execute(query.order_by(deliveries.c.id))]


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


def as_delivery(row: Row[tuple[object, ...]]) -> DeliveryRow:
    """Turn a row of the table into what callers work with."""
    fields = dict(row._mapping)
    return DeliveryRow(**{**fields, "state": DeliveryState(row.state)})
