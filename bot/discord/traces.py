"""Which message stands for a session in a channel, so that it can be changed later."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels import Delivery
from bot.clock import Clock
from bot.discord.editions import PENDING
from bot.discord.layout import Rung
from bot.discord.sending import Posted
from bot.edition import RETRACTION, WEEKLY
from bot.ledger import Ledger
from bot.ledger.discord import CHANNEL
from bot.ledger.editions import find_edition
from bot.ledger.publications import Publication, find_publication, save_publication
from bot.ledger.story import read_story


@dataclass(frozen=True, slots=True)
class Trace:
    """A message of ours, how it was set, and whose content it holds."""

    message_id: int
    rung: Rung
    content_hash: str

    @property
    def edition(self) -> str:
        """The kind of edition that stands there."""
        return self.content_hash.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Traces:
    """The trace of one delivery's session in one channel."""

    ledger: Ledger
    clock: Clock
    delivery: Delivery

    @property
    def slug(self) -> str:
        """What the session is called; a digest is a post of its own beside its session's note."""
        day = self.delivery.session.isoformat()
        return f"{day}-{WEEKLY}" if self.delivery.edition == WEEKLY else day

    @property
    def content_hash(self) -> str:
        """What the ledger will say stands there, once this delivery is through."""
        return f"{self.delivery.edition} {self.delivery.content_hash}"[:80]

    async def standing(self) -> Trace | None:
        """Return the message that stands for the session, if there is one."""
        async with self.ledger.read() as tx:
            found = await find_publication(tx, CHANNEL, self.delivery.target, self.slug)
        if found is None:
            return None
        return Trace(int(found.remote_id), Rung(found.state), found.content_hash)

    async def is_superseded(self, trace: Trace | None) -> bool:
        """Say whether what stands, or what is still to come, makes this delivery pointless."""
        if self.delivery.edition == WEEKLY:
            return False
        async with self.ledger.read() as tx:
            story = await read_story(tx, self.delivery.session)
        if trace is not None:
            later = story.rank_of(trace.edition) > story.rank_of(self.delivery.edition)
            return later or story.is_overtaken(self.delivery.edition)
        if self.delivery.edition == PENDING:
            return bool(story.rows)
        # Where nothing was posted there is nothing to withdraw either.
        is_withdrawal = self.delivery.kind == RETRACTION
        return is_withdrawal or story.is_overtaken(self.delivery.edition)

    async def save(self, posted: Posted) -> None:
        """Write down what stands there now."""
        async with self.ledger.write() as tx:
            edition = await find_edition(tx, self.delivery.session, self.delivery.edition)
            if edition is None:
                return
            publication = Publication(
                edition_id=edition.id,
                channel=CHANNEL,
                target=self.delivery.target,
                slug=self.slug,
                remote_id=str(posted.message_id),
                url="",
                content_hash=self.content_hash,
                state=posted.rung,
            )
            await save_publication(tx, publication, self.clock())
