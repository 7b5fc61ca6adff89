"""Write down who is to get an edition, before anyone does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta

from bot.channels import Channel
from bot.ledger import Ledger
from bot.ledger.deliveries import Target, enqueue
from bot.ledger.editions import EditionRow, EditionState
from bot.ledger.story import read_story

EXPIRY = timedelta(hours=18)
"""After this, yesterday's market note is no longer news."""


async def enqueue_edition(
    ledger: Ledger,
    channels: Iterable[Channel],
    edition: EditionRow,
    now: datetime,
    *,
    expiry: timedelta = EXPIRY,
    even_if_old: bool = False,
) -> int:
    """Promise a frozen edition to all readers of all channels, and return how many that is.

    Doing it again, or after a crash halfway, adds only what is missing. Expiry counts from now.
    What was withdrawn meanwhile, or published again, is promised to nobody any more.
    """
    async with ledger.read() as tx:
        story = await read_story(tx, edition.session)
    if story.is_overtaken(edition.edition):
        return 0
    wanted = [channel for channel in channels if takes(channel, edition, even_if_old=even_if_old)]
    return sum(
        [await enqueue_for_channel(ledger, channel, edition, now + expiry) for channel in wanted]
    )


def takes(channel: Channel, edition: EditionRow, *, even_if_old: bool = False) -> bool:
    """Whether a channel carries an edition; one for the archive goes nowhere else."""
    is_news = edition.state is not EditionState.ARCHIVED or even_if_old
    return edition.kind in channel.carries and (is_news or channel.keeps_archive)


async def plan_edition(
    channels: Iterable[Channel], edition: EditionRow
) -> AsyncIterator[tuple[Channel, Target]]:
    """Give what would go where, and write nothing: the dry run."""
    for channel in channels:
        if takes(channel, edition, even_if_old=True):
            async for page in channel.targets(edition):
                for target in page:
                    yield channel, target


async def enqueue_for_channel(
    ledger: Ledger, channel: Channel, edition: EditionRow, expires_at: datetime
) -> int:
    """Promise an edition to one channel's readers, a page of them in each commit."""
    count = 0
    async for page in channel.targets(edition):
        async with ledger.write() as tx:
            await enqueue(tx, edition, channel.name, page, expires_at)
        count += len(page)
    return count
