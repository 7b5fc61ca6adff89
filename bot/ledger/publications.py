"""Where an edition stands on other people's sites: found again by slug, then updated."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.tables import publications


@dataclass(frozen=True, slots=True)
class Publication:
    """A page on a blog: its number there, its address, and the content it holds."""

    edition_id: int
    channel: str
    target: str
    slug: str
    remote_id: str
    url: str
    content_hash: str
    state: str = "published"


async def find_publication(
    tx: Transaction, channel: str, target: str, slug: str
) -> Publication | None:
    """Return what stands under a slug, or nothing."""
    query = select(publications).where(
        publications.c.channel == channel,
        publications.c.target == target,
        publications.c.slug == slug,
    )
    row = (await tx.execute(query)).mappings().one_or_none()
    return None if row is None else Publication(**{k: row[k] for k in Publication.__slots__})


async def save_publication(tx: Transaction, publication: Publication, now: datetime) -> None:
    """Write down what now stands under a slug."""
    values = {**asdict(publication), "updated_at": now}
    await tx.execute(
        insert_into(tx, publications)
        .values(**values)
        .on_conflict_do_update(index_elements=["channel", "target", "slug"], set_=values)
    )
