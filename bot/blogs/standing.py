"""What the ledger knows of a session's post on one blog."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels import Delivery
from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.editions import find_edition
from bot.ledger.publications import Publication, find_publication, save_publication
from bot.ledger.story import read_story

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
        """Say whether what stands, or a later withdrawal, makes this delivery pointless."""
        async with self.ledger.read() as tx:
            story = await read_story(tx, self.delivery.session)
        ours = story.rank_of(self.delivery.edition)
        if standing is not None and story.rank_of(_edition_of(standing)) > ours:
            return True
        return story.is_overtaken(self.delivery.edition)

    async def is_busy(self) -> bool:
        """Say whether another worker has another edition of this session in hand for this blog.

        Whoever claims later sees the one who claimed before, so two never write one post at once.
        """
        async with self.ledger.read() as tx:
            rows = await list_deliveries(
                tx,
                state=DeliveryState.SENDING,
                session=self.delivery.session,
                channel=self.channel,
            )
        return any(
            row.target == self.delivery.target and row.edition != self.delivery.edition
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


def _edition_of(standing: Publication) -> str:
    return standing.content_hash.partition(" ")[0]


def holds(standing: Publication | None, digest: str) -> bool:
    """Say whether what stands is this very content."""
    return standing is not None and standing.content_hash.partition(" ")[2] == digest


def is_ours_to_show(standing: Publication | None) -> bool:
    """Say whether a post shall be put in readers' sight, and not only changed where it is.

    A post that the desk took down is shown again when the desk says so; one that a person took
    down stays where that person put it.
    """
    return standing is None or standing.state == WITHDRAWN
