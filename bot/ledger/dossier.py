"""Everything kept of one reader, for the reader; and forgetting who never answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from bot.ledger.database import Transaction
from bot.ledger.readers import bounces, consents, subscribers, tokens
from bot.ledger.subscribers import Consent, SubscriberState
from bot.ledger.tables import deliveries

Rows = list[Mapping[str, object]]

AT_ONCE = 500


async def note_consent(
    tx: Transaction, subscriber_id: int, consent: Consent, now: datetime
) -> None:
    """Write down what a reader asked for, without a change of state."""
    await tx.execute(
        insert(consents).values(
            subscriber_id=subscriber_id,
            action=consent.action,
            text_version=consent.text_version,
            source=consent.source,
            address_prefix=consent.address_prefix,
            agent_hash=consent.agent_hash,
            at=now,
        )
    )


async def dossier_of(tx: Transaction, subscriber_id: int) -> Mapping[str, Rows]:
    """Return every row that is about a reader, by table; secrets' hashes are left out."""
    d, c, t, b = deliveries.c, consents.c, tokens.c, bounces.c
    queries = {
        "subscriber": select(subscribers).where(subscribers.c.id == subscriber_id),
        "consents": select(consents).where(c.subscriber_id == subscriber_id).order_by(c.id),
        "links": select(t.purpose, t.created_at, t.expires_at)
        .where(t.subscriber_id == subscriber_id)
        .order_by(t.created_at, t.purpose),
        "deliveries": select(
            d.session, d.edition, d.channel, d.state, d.attempts, d.not_before, d.settled_at
        )
        .where(d.subscriber_id == subscriber_id)
        .order_by(d.id),
        "bounces": select(b.kind, b.status, b.at)
        .join(deliveries, d.id == b.delivery_id)
        .where(d.subscriber_id == subscriber_id)
        .order_by(b.id),
    }
    return {
        name: [dict(row._mapping) for row in await tx.execute(query)]
        for name, query in queries.items()
    }


async def forget_unconfirmed(tx: Transaction, asked_before: datetime, now: datetime) -> int:
    """Forget some of those who asked so long ago and never confirmed; return how many.

    Nothing is kept of their address, so they may ask again. Call it until it returns nothing.
    """
    query = (
        select(subscribers.c.id)
        .where(
            subscribers.c.state == SubscriberState.PENDING,
            subscribers.c.changed_at <= asked_before,
        )
        .order_by(subscribers.c.id)
        .limit(AT_ONCE)
    )
    ids = list((await tx.execute(query)).scalars())
    if ids:
        await tx.execute(delete(tokens).where(tokens.c.subscriber_id.in_(ids)))
        await tx.execute(
            update(consents)
            .where(consents.c.subscriber_id.in_(ids))
            .values(address_prefix=None, agent_hash=None)
        )
        await tx.execute(
            update(subscribers)
            .where(subscribers.c.id.in_(ids))
            .values(address_key=None, address=None, state=SubscriberState.ERASED, changed_at=now)
        )
    return len(ids)
