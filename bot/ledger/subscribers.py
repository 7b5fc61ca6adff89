"""Newsletter subscribers, what they agreed to, and whom never to write to again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Row, delete, func, insert, select, update

from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.insert import insert_into
from bot.ledger.readers import consents, subscribers, suppressions, tokens
from bot.ledger.tables import deliveries

PAGE = 2_000


class SubscriberState(StrEnum):
    """How far a subscriber has come. Only a confirmed one is ever sent a note."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a subscriber wants to be written to; without an ``hour``, at publication."""

    cadence: str = "daily"
    level: str = "plain"
    text_only: bool = False
    zone: str = "America/New_York"
    hour: int | None = None
    topics: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Consent:
    """What somebody agreed to or withdrew, under which words, and from where.

    ``address_prefix`` is the network only (/24 or /48), ``agent_hash`` a keyed hash.
    """

    action: str
    text_version: str
    source: str
    address_prefix: str | None = None
    agent_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber as the ledger holds them; the address is gone once erased."""

    id: int
    address: str | None
    state: SubscriberState
    preferences: Preferences
    bounce_score: float
    bounced_on: date | None
    created_at: datetime
    confirmed_at: datetime | None


async def add_subscriber(
    tx: Transaction, address: str, preferences: Preferences, now: datetime
) -> tuple[Subscriber, bool]:
    """Return the subscriber at an address, and whether they are new (pending)."""
    values = preference_values(preferences)
    added = await tx.execute(
        insert_into(tx, subscribers)
        .values(
            address_key=address_key(address),
            address=address,
            state=SubscriberState.PENDING,
            bounce_score=0.0,
            confirms_sent=0,
            created_at=now,
            changed_at=now,
            **values,
        )
        .on_conflict_do_nothing(index_elements=["address_key"])
        .returning(subscribers.c.id)
    )
    is_new = added.scalar_one_or_none() is not None
    found = await find_subscriber(tx, address)
    if found is None:
        raise LookupError("the subscriber vanished while being added; try again")
    return found, is_new


def address_key(address: str) -> str:
    """Return what makes two spellings of an address the same reader.

    The standard lets a mailbox tell ``Ana`` from ``ana``; no mailbox in practice does.
    """
    local, _, domain = address.rpartition("@")
    return f"{local.casefold()}@{domain.casefold()}"


async def find_subscriber(tx: Transaction, address: str) -> Subscriber | None:
    """Return the subscriber at an address, however it is spelled."""
    query = select(subscribers).where(subscribers.c.address_key == address_key(address))
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else as_subscriber(row)


async def subscriber_by_id(tx: Transaction, subscriber_id: int) -> Subscriber | None:
    """Return a subscriber by number."""
    query = select(subscribers).where(subscribers.c.id == subscriber_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else as_subscriber(row)


async def move_subscriber(
    tx: Transaction, subscriber_id: int, state: SubscriberState, consent: Consent, now: datetime
) -> None:
    """Change a subscriber's state and write down why, in one breath."""
    values: dict[str, object] = {"state": state, "changed_at": now}
    if state is SubscriberState.CONFIRMED:
        values["confirmed_at"] = now
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber_id).values(**values))
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


async def save_preferences(
    tx: Transaction, subscriber_id: int, preferences: Preferences, now: datetime
) -> None:
    """Store how a subscriber wants to be written to."""
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(**preference_values(preferences), changed_at=now)
    )


async def erase_subscriber(
    tx: Transaction, subscriber_id: int, address_hash: str, now: datetime
) -> None:
    """Forget a person: the address goes, what waits for them is cancelled, a keyed hash stays."""
    await tx.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(
            address_key=None,
            address=None,
            state=SubscriberState.ERASED,
            topics=[],
            hour=None,
            zone="UTC",
            changed_at=now,
        )
    )
    await tx.execute(delete(tokens).where(tokens.c.subscriber_id == subscriber_id))
    await tx.execute(
        update(consents)
        .where(consents.c.subscriber_id == subscriber_id)
        .values(address_prefix=None, agent_hash=None)
    )
    await tx.execute(
        update(deliveries)
        .where(
            deliveries.c.subscriber_id == subscriber_id,
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.SKIPPED, settled_at=now, detail="the reader asked to be erased")
    )
    await suppress(tx, address_hash, "erased", now)


async def suppress(tx: Transaction, address_hash: str, reason: str, now: datetime) -> None:
    """Never write to an address again; it is known by its keyed hash only."""
    await tx.execute(
        insert_into(tx, suppressions)
        .values(address_hash=address_hash, reason=reason, at=now)
        .on_conflict_do_nothing()
    )


async def is_suppressed(tx: Transaction, address_hash: str) -> bool:
    """Whether an address must not be written to."""
    query = select(suppressions.c.reason).where(suppressions.c.address_hash == address_hash)
    return (await tx.execute(query)).scalar_one_or_none() is not None


async def each_confirmed(tx: Transaction, cadence: str) -> AsyncIterator[list[Subscriber]]:
    """Give all confirmed subscribers of a cadence, a page at a time, so memory stays flat."""
    last_id = 0
    while True:
        query = (
            select(subscribers)
            .where(
                subscribers.c.id > last_id,
                subscribers.c.state == SubscriberState.CONFIRMED,
                subscribers.c.cadence == cadence,
            )
            .order_by(subscribers.c.id)
            .limit(PAGE)
        )
        page = [as_subscriber(row) for row in await tx.execute(query)]
        if not page:
            return
        yield page
        last_id = page[-1].id


async def count_subscribers(tx: Transaction) -> Mapping[SubscriberState, int]:
    """Count subscribers by state."""
    query = select(subscribers.c.state, func.count()).group_by(subscribers.c.state)
    return {SubscriberState(state): n for state, n in await tx.execute(query)}


def preference_values(preferences: Preferences) -> dict[str, object]:
    """Return preferences as the table's columns."""
    return {
        "cadence": preferences.cadence,
        "level": preferences.level,
        "text_only": preferences.text_only,
        "zone": preferences.zone,
        "hour": preferences.hour,
        "topics": list(preferences.topics),
    }


def as_subscriber(row: Row[tuple[object, ...]]) -> Subscriber:
    """Turn a row of the table into what callers work with."""
    preferences = Preferences(
        row.cadence, row.level, row.text_only, row.zone, row.hour, tuple(row.topics)
    )
    return Subscriber(
        row.id,
        row.address,
        SubscriberState(row.state),
        preferences,
        row.bounce_score,
        row.bounced_on,
        row.created_at,
        row.confirmed_at,
    )
