"""What the ledger knows of a session's post on one blog."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels import Delivery
from bot.clock import Clock
from bot.edition import NOTE, REMOVAL, RETRACTION, REVISION
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.editions import find_edition
from bot.ledger.publications import Publication, find_publication, save_publication

RANK = {NOTE: 1, REVISION: 2, REMOVAL: 3, RETRACTION: 3}
"""What may take the place of what: a corrected post never goes back, a withdrawn one stays so."""

PUBLISHED, WITHDRAWN = "published", "withdrawn"


@dataclass(frozen=True, slots=True)
class Page:
    """Where a post stands: the blog's own number for it, and its address."""

    remote_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The place of one delivery's session on one blog."""

    ledger: Ledger
    clock: Clock
    delivery: Delivery
    channel: str

    async def standing(self) -> Publication | None:
        """Return what we know to stand there."""
        async with self.ledger.read() as tx:
            return await find_publication(
                tx, self.channel, self.delivery.target, self.delivery.session.isoformat()
            )

    async def is_superseded(self, standing: Publication | None) -> bool:
        """Say whether what stands, or a withdrawal, makes this delivery pointless."""
        ours = RANK[self.delivery.edition]
        if _rank(standing) > ours:
            return True
        async with self.ledger.read() as tx:
            withdrawn = await find_edition(tx, self.delivery.session, RETRACTION)
        return withdrawn is not None and ours < RANK[RETRACTION]

    async def is_busy(self) -> bool:
        """Say whether another worker has another edition of this session in hand for this blog.

        Whoever claims later sees the one who claimed before, so two never write one post at once.
        """
        async with self.ledger.read() as tx:
            rows = await list_deliveries(
                tx, state=DeliveryState.SENDING, session=self.delivery.session
            )
        place = (self.channel, self.delivery.target)
        return any(
            (row.channel, row.target) == place and row.edition != self.delivery.edition
            for row in rows
        )

    async def save(self, page: Page, digest: str, state: str = PUBLISHED) -> None:
        """Write down what stands there now."""
        async with self.ledger.write() as tx:
            edition = await find_edition(tx, self.delivery.session, self.delivery.edition)
            if edition is None:
                return
            publication = Publication(
                edition_id=edition.id,
                channel=self.channel,
                target=self.delivery.target,
                slug=self.delivery.session.isoformat(),
                remote_id=page.remote_id,
                url=page.url,
                content_hash=f"{self.delivery.edition} {digest}",
                state=state,
            )
            await save_publication(tx, publication, self.clock())


def _rank(standing: Publication | None) -> int:
    return 0 if standing is None else RANK.get(standing.content_hash.partition(" ")[0], 0)


def holds(standing: Publication | None, digest: str) -> bool:
    """Say whether what stands is this very content."""
    return standing is not None and standing.content_hash.partition(" ")[2] == digest
