"""Which reader a link belongs to, found by the hash of its secret."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.readers import tokens


@dataclass(frozen=True, slots=True)
class KeptToken:
    """What is kept of a link: whose it is, what it opens, until when (None: for good)."""

    token_hash: str
    subscriber_id: int
    purpose: str
    expires_at: datetime | None = None


async def keep_tokens(tx: Transaction, kept: Sequence[KeptToken], now: datetime) -> None:
    """Write links down; one that stands already is left as it is."""
    if kept:
        rows = [{**asdict(one), "created_at": now} for one in kept]
        await tx.execute(insert_into(tx, tokens).on_conflict_do_nothing(), rows)


async def holder_of(tx: Transaction, token_hash: str, purpose: str, now: datetime) -> int | None:
    """Return the reader a link belongs to, unless it is forged, expired or for something else."""
    query = select(tokens.c.token_hash, tokens.c.subscriber_id).where(
        tokens.c.token_hash == token_hash,
        tokens.c.purpose == purpose,
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash.encode(), token_hash.encode()):
        return None
    return int(row.subscriber_id)


async def drop_tokens(tx: Transaction, subscriber_id: int, purpose: str) -> None:
    """Make a reader's links of one kind worthless."""
    await tx.execute(
        delete(tokens).where(tokens.c.subscriber_id == subscriber_id, tokens.c.purpose == purpose)
    )
