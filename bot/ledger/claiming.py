"""Who works on a delivery: leases, the mark before the hand-over, and what the dead left.

The statements stand here once and take their values by name. They run for every few mails, and
to build one anew costs several times what a database needs to run it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Integer,
    String,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    update,
)

from bot.edition import ALREADY, CONFIRM, LETTERS
from bot.ledger.columns import UtcTime
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


NOW = bindparam("at_now", type_=UtcTime)
CHANNEL = bindparam("of_channel", type_=String)
OWNER = bindparam("by_owner", type_=String)
UNTIL = bindparam("until_then", type_=UtcTime)
AT_MOST = bindparam("at_most", type_=Integer)
IDS = bindparam("these", type_=Integer, expanding=True)

# Spelled out in the statements: behind a placeholder neither database could know beforehand that
# the indexes on what waits and what is being sent hold all it looks for.
IS_PENDING = deliveries.c.state == literal_column(f"'{DeliveryState.PENDING}'")
IS_SENDING = deliveries.c.state == literal_column(f"'{DeliveryState.SENDING}'")
IS_IN_DOUBT = deliveries.c.state == literal_column(f"'{DeliveryState.IN_DOUBT}'")

STILL_WANTED = exists().where(
    subscribers.c.id == deliveries.c.subscriber_id,
    or_(
        and_(deliveries.c.edition.not_in(LETTERS), subscribers.c.state == "confirmed"),
        and_(deliveries.c.edition == CONFIRM, subscribers.c.state == "pending"),
        and_(deliveries.c.edition == ALREADY, subscribers.c.state.in_(("confirmed", "paused"))),
    ),
)
"""Whether a delivery's reader, if it has one, is still in a state to be written to."""

MAY_GO = or_(deliveries.c.subscriber_id.is_(None), STILL_WANTED)
IS_OURS = and_(
    deliveries.c.id.in_(IDS),
    IS_SENDING,
    deliveries.c.lease_owner == OWNER,
)
LEASE_RAN_OUT = and_(
    deliveries.c.channel == CHANNEL,
    IS_SENDING,
    deliveries.c.lease_until <= NOW,
)
BACK_IN_LINE = {"state": DeliveryState.PENDING, "lease_owner": None, "lease_until": None}

DUE = (
    select(deliveries.c.id)
    .where(
        deliveries.c.channel == CHANNEL,
        IS_PENDING,
        deliveries.c.not_before <= NOW,
        deliveries.c.expires_at > NOW,
    )
    .order_by(deliveries.c.not_before, deliveries.c.id)
)
HEAD = DUE.limit(AT_MOST).with_for_update(skip_locked=True).cte("head")
WANTED = (
    DUE.where(MAY_GO).limit(AT_MOST).with_for_update(skip_locked=True, of=deliveries).cte("due")
)
CLAIM = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(WANTED.c.id)))
    .values(
        state=DeliveryState.SENDING,
        attempts=deliveries.c.attempts + 1,
        lease_owner=OWNER,
        lease_until=UNTIL,
        handed_at=None,
    )
    .returning(deliveries)
)
MARK = (
    update(deliveries)
    .where(IS_OURS, deliveries.c.handed_at.is_(None), MAY_GO)
    .values(handed_at=NOW)
    .returning(deliveries.c.id, deliveries.c.attempts)
)
SKIP = (
    update(deliveries)
    .where(
        deliveries.c.id.in_(select(HEAD.c.id)),
        deliveries.c.subscriber_id.is_not(None),
        ~STILL_WANTED,
    )
    .values(state=DeliveryState.SKIPPED, settled_at=NOW, detail="the reader has left")
    .returning(deliveries.c.id)
)
EXTEND = update(deliveries).where(IS_OURS).values(lease_until=UNTIL)
RELEASE = update(deliveries).where(IS_OURS, deliveries.c.handed_at.is_(None)).values(BACK_IN_LINE)
RELEASE_UNHANDED = (
    update(deliveries)
    .where(LEASE_RAN_OUT, deliveries.c.handed_at.is_(None))
    .values(BACK_IN_LINE)
    .returning(deliveries.c.id)
)
LOST = (
    select(deliveries.c.id)
    .where(LEASE_RAN_OUT, deliveries.c.handed_at.is_not(None))
    .order_by(deliveries.c.id)
    .limit(AT_MOST)
    .with_for_update(skip_locked=True)
    .cte("lost")
)
TAKE_OVER = (
    update(deliveries)
    .where(deliveries.c.id.in_(select(LOST.c.id)))
    .values(lease_owner=OWNER, lease_until=UNTIL)
    .returning(deliveries)
)
EXPIRE = (
    update(deliveries)
    .where(IS_PENDING, deliveries.c.expires_at <= NOW)
    .values(state=DeliveryState.EXPIRED, settled_at=NOW)
    .returning(deliveries.c.id)
)
HAS_WORK = select(or_(exists(DUE), exists(select(deliveries.c.id).where(LEASE_RAN_OUT))))


async def claim_deliveries(
    tx: Transaction, channel: str, lease: Lease, limit: int
) -> list[DeliveryRow]:
    """Take up to ``limit`` due deliveries of a channel, oldest first.

    On PostgreSQL rows that another worker is taking are passed by, not waited for. A reader who
    left since the rows were made is not claimed; `skip_unwanted` settles those rows.
    """
    taken = await tx.execute(CLAIM, _taking(channel, lease, limit))
    return sorted((as_delivery(row) for row in taken), key=lambda row: (row.not_before, row.id))


def _taking(channel: str, lease: Lease, limit: int) -> dict[str, object]:
    return {
        "of_channel": channel,
        "at_now": lease.now,
        "by_owner": lease.owner,
        "until_then": lease.until,
        "at_most": limit,
    }


async def extend_leases(tx: Transaction, ids: Collection[int], lease: Lease) -> None:
    """Keep deliveries that are still waiting their turn in a claimed batch."""
    await tx.execute(
        EXTEND, {"these": list(ids), "by_owner": lease.owner, "until_then": lease.until}
    )


async def release(tx: Transaction, ids: Collection[int], owner: str) -> None:
    """Give back claimed deliveries that were never handed over."""
    await tx.execute(RELEASE, {"these": list(ids), "by_owner": owner})


async def mark_handed(tx: Transaction, rows: Collection[DeliveryRow], now: datetime) -> set[int]:
    """Write down that these are about to be handed over, and return the ids that still are ours.

    After this commit a crash leaves them in doubt. Whoever does not find its delivery in the
    answer has lost the lease, or its reader has left meanwhile, and must not send.
    """
    attempts = {row.id: row.attempts for row in rows}
    # A group comes from one claim, so it has one owner.
    owner = next((row.lease_owner for row in rows), None)
    marked = await tx.execute(MARK, {"these": list(attempts), "by_owner": owner, "at_now": now})
    return {row.id for row in marked if attempts[row.id] == row.attempts}


async def release_unhanded(tx: Transaction, channel: str, now: datetime) -> int:
    """Return to the queue what a dead worker had claimed and not yet handed over."""
    freed = await tx.execute(RELEASE_UNHANDED, {"of_channel": channel, "at_now": now})
    return len(freed.all())


async def claim_unanswered(
    tx: Transaction, channel: str, lease: Lease, limit: int
) -> list[DeliveryRow]:
    """Take over what a dead worker had handed over without hearing the answer."""
    taken = await tx.execute(TAKE_OVER, _taking(channel, lease, limit))
    return sorted((as_delivery(row) for row in taken), key=lambda row: row.id)


async def expire(tx: Transaction, now: datetime) -> int:
    """Give up what is too old to be news, and return how many."""
    return len((await tx.execute(EXPIRE, {"at_now": now})).all())


async def skip_unwanted(tx: Transaction, channel: str, now: datetime, limit: int) -> int:
    """Settle those of the next ``limit`` deliveries whose readers have left, and return how many.

    Only as many are looked at as will be claimed, so a long queue costs nothing.
    """
    values = {"of_channel": channel, "at_now": now, "at_most": limit}
    return len((await tx.execute(SKIP, values)).all())


async def has_work(tx: Transaction, channel: str, now: datetime) -> bool:
    """Whether a channel has anything to send or to recover."""
    found = await tx.execute(HAS_WORK, {"of_channel": channel, "at_now": now})
    return bool(found.scalar_one())
