"""Add many readers at once, with their consent, their links and what must never be written to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.readers import consents, subscribers, suppressions
from bot.ledger.subscribers import Consent, Preferences, preference_values


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A reader to add: the folded address, the address, the state, the choices."""

    address_key: str
    address: str
    state: str
    preferences: Preferences


async def add_newcomers(
    tx: Transaction, newcomers: Sequence[Newcomer], consent: Consent, now: datetime
) -> dict[str, int]:
    """Add those who do not stand yet, and return their numbers by folded address.

    Who stands already, or comes twice, is left as they were first: a file never changes what a
    reader chose.
    """
    rows = [
        {
            "address_key": one.address_key,
            "address": one.address,
            "state": one.state,
            "bounce_score": 0.0,
            "confirms_sent": 0,
            "created_at": now,
            "confirmed_at": now if one.state in ("confirmed", "paused") else None,
            "changed_at": now,
            **preference_values(one.preferences),
        }
        for one in newcomers
    ]
    if not rows:
        return {}
    added = await tx.execute(
        insert_into(tx, subscribers)
        .on_conflict_do_nothing(index_elements=["address_key"])
        .returning(subscribers.c.address_key, subscribers.c.id),
        rows,
    )
    numbers = {row.address_key: row.id for row in added}
    await _note_consents(tx, numbers.values(), consent, now)
    return numbers


async def _note_consents(
    tx: Transaction, ids: Collection[int], consent: Consent, now: datetime
) -> None:
    entry = {
        "action": consent.action,
        "text_version": consent.text_version,
        "source": consent.source,
        "at": now,
    }
    rows = [{**entry, "subscriber_id": number} for number in ids]
    if rows:
        await tx.execute(insert(consents), rows)


async def suppressed_among(tx: Transaction, hashes: Collection[str]) -> set[str]:
    """Return which of these hashed addresses must never be written to."""
    query = select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(hashes))
    return set((await tx.execute(query)).scalars())


async def suppress_all(tx: Transaction, reasons: Sequence[tuple[str, str]], now: datetime) -> None:
    """Never write to these hashed addresses again, each for its reason."""
    rows = [{"address_hash": hashed, "reason": why, "at": now} for hashed, why in reasons]
    if rows:
        await tx.execute(insert_into(tx, suppressions).on_conflict_do_nothing(), rows)


async def lift_suppression(tx: Transaction, address_hash: str) -> bool:
    """Let an address be written to again, and say whether it had been shut."""
    query = suppressions.delete().where(suppressions.c.address_hash == address_hash)
    lifted = await tx.execute(query.returning(suppressions.c.reason))
    return lifted.first() is not None
