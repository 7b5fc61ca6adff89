"""What comes back of what was sent: bounces, complaints, and what they do to a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select, update

from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryRow, DeliveryState, find_delivery
from bot.ledger.readers import bounces, subscribers
from bot.ledger.subscribers import (
    Consent,
    Subscriber,
    SubscriberState,
    address_key,
    move_subscriber,
    subscriber_by_id,
    suppress,
)
from bot.ledger.tables import attempts, deliveries
from bot.mail.answers import Fault
from bot.mail.scoring import Standing, after_bounce

HEADERS_LIMIT = 4_000
STATUS_LIMIT = 12
STILL_READING = (SubscriberState.CONFIRMED, SubscriberState.PAUSED)


class BounceKind(StrEnum):
    """What came back."""

    AT_ONCE = "at_once"
    """The relay refused while we were sending."""
    LATER = "later"
    """A report came, to the bounce mailbox or the webhook."""
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Bounce:
    """One report about one delivery."""

    delivery_id: int
    kind: BounceKind
    status: str
    fault: Fault
    headers: str = ""


AddressHash = Callable[[str], str]
"""From a folded address to the keyed hash it is suppressed by."""


async def note_bounce(
    tx: Transaction, bounce: Bounce, address_hash: AddressHash, now: datetime
) -> bool:
    """Keep a bounce and let its reader's score rise; true if the reader is now suppressed.

    The second report of the same kind about a delivery changes nothing, nor does one about a
    delivery that does not exist, or went to nobody.
    """
    row = await find_delivery(tx, bounce.delivery_id)
    if row is None or row.subscriber_id is None or await _is_known(tx, bounce):
        return False
    await _keep(tx, bounce, now)
    if bounce.kind is not BounceKind.AT_ONCE:
        await _correct_delivery(tx, row, bounce, now)
    reader = await subscriber_by_id(tx, row.subscriber_id)
    if reader is None or reader.state not in STILL_READING:
        return False
    if bounce.kind is BounceKind.COMPLAINT:
        await _stop(tx, reader, SubscriberState.COMPLAINED, address_hash, now)
        return True
    before = Standing(reader.bounce_score, reader.bounced_on)
    after = after_bounce(before, bounce.fault, now.date())
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == reader.id)
        .values(bounce_score=after.score, bounced_on=after.bounced_on)
    )
    if after.is_over:
        await _stop(tx, reader, SubscriberState.BOUNCED, address_hash, now)
    return after.is_over


async def _is_known(tx: Transaction, bounce: Bounce) -> bool:
    # Two readers of one mailbox may both bring a report; the row's lock makes them take turns.
    await tx.execute(
        select(deliveries.c.id).where(deliveries.c.id == bounce.delivery_id).with_for_update()
    )
    query = select(func.count()).where(
        bounces.c.delivery_id == bounce.delivery_id, bounces.c.kind == bounce.kind
    )
    return bool((await tx.execute(query)).scalar_one())


async def _keep(tx: Transaction, bounce: Bounce, now: datetime) -> None:
    await tx.execute(
        insert(bounces).values(
            delivery_id=bounce.delivery_id,
            kind=bounce.kind,
            status=bounce.status[:STATUS_LIMIT],
            headers=bounce.headers[:HEADERS_LIMIT],
            at=now,
        )
    )


async def _correct_delivery(
    tx: Transaction, row: DeliveryRow, bounce: Bounce, now: datetime
) -> None:
    """Write into a delivery's history what became of it, and end a doubt: it had gone out."""
    is_complaint = bounce.kind is BounceKind.COMPLAINT
    state = DeliveryState.SENT if is_complaint else DeliveryState.FAILED
    words = "the reader complained" if is_complaint else f"bounced later: {bounce.status}"
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.id == row.id,
            deliveries.c.state.in_((DeliveryState.SENT, DeliveryState.IN_DOUBT)),
        )
        .values(state=state, code=bounce.status[:STATUS_LIMIT], detail=words)
    )
    await tx.execute(
        insert(attempts).values(
            delivery_id=row.id,
            number=row.attempts,
            owner="bounces",
            handed_at=row.handed_at,
            at=now,
            outcome="complaint" if is_complaint else "bounced",
            code=bounce.status[:STATUS_LIMIT],
            detail=words,
        )
    )


async def _stop(
    tx: Transaction,
    reader: Subscriber,
    state: SubscriberState,
    address_hash: AddressHash,
    now: datetime,
) -> None:
    consent = Consent(action=state.value, text_version="", source="report")
    await move_subscriber(tx, reader.id, state, consent, now)
    if reader.address is not None:
        await suppress(tx, address_hash(address_key(reader.address)), state.value, now)


async def bounces_of(tx: Transaction, delivery_id: int) -> list[tuple[str, str]]:
    """Return kind and status of what came back of a delivery, in order."""
    query = (
        select(bounces.c.kind, bounces.c.status)
        .where(bounces.c.delivery_id == delivery_id)
        .order_by(bounces.c.id)
    )
    return [(row.kind, row.status) for row in await tx.execute(query)]
