"""Publishing a withdrawn note again: what `undertow publish --again` does.

A withdrawal is an edition of its own, and so is what undoes it: a copy of the note as it last
stood, or, with ``corrected``, the note written anew from what is known now. It goes to every
channel that can take a post back, and each of them changes the post that stands there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.channels import Channel
from bot.edition import AGAIN, NOTE, Edition, WritingError
from bot.errors import BadArgumentError, DeskError
from bot.ledger.deliveries import DeliveryRow, DeliveryState, deliveries_of
from bot.ledger.story import Story, read_story
from bot.outbox import enqueue_edition
from bot.restoring import freeze_again
from bot.schedule.gate import objections
from bot.sending import chosen
from bot.service import Service, prepare
from bot.withdrawing import PATIENCE


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asked for: which channels by name, and whether to write the note anew."""

    channels: Sequence[str] = ()
    corrected: bool = False


async def publish_again(service: Service, session: date, wish: Wish) -> str:
    """Publish a withdrawn note again on all channels, or on those it was taken off by name.

    Raises
    ------
    DeskError
        If nothing was withdrawn, the note cannot be written anew, or a channel refused it.
    """
    await prepare(service.ledger)
    channels = _able(service, wish)
    async with service.ledger.read() as tx:
        story = await read_story(tx, session)
    _check(story, session, wish)
    is_first = story.opened is not None
    anew = await _written(service, session) if wish.corrected and is_first else None
    now = service.clock()
    row = await freeze_again(service.ledger, service.channels, session, anew, now)
    await enqueue_edition(service.ledger, channels, row, now, expiry=PATIENCE)
    await service.outbox().drain()
    async with service.ledger.read() as tx:
        rows = await deliveries_of(tx, session, row.edition)
    return _outcome(session, rows)


def _able(service: Service, wish: Wish) -> list[Channel]:
    channels = chosen(service.channels, wish.channels)
    unable = [channel.name for channel in channels if AGAIN not in channel.carries]
    if wish.channels and unable:
        raise BadArgumentError(
            f"channel {unable[0]!r} was never taken back, so it has nothing to publish again"
        )
    return [channel for channel in channels if AGAIN in channel.carries]


def _check(story: Story, session: date, wish: Wish) -> None:
    """Refuse what makes no sense for a note with this story."""
    if story.standing is None:
        raise DeskError(f"no note of {session} was published; leave out --again to publish it")
    if story.opened is None and story.again is None:
        raise DeskError(
            f"the note of {session} stands and was never taken back; leave out --again to send "
            "what is missing"
        )
    if story.opened is None and wish.corrected and not _is_corrected(story):
        raise DeskError(
            f"the note of {session} stands published again, and what was frozen never changes; "
            "to correct it, take it back first with `undertow unpublish`"
        )
    if wish.channels and story.withdrawn is not None:
        raise BadArgumentError(
            f"the note of {session} is withdrawn everywhere, so it can only be published again "
            "everywhere; leave out --channel"
        )
    if wish.channels and wish.corrected:
        raise BadArgumentError("a correction is for every channel; leave out --channel")


def _is_corrected(story: Story) -> bool:
    """Say whether what was published again is another version than the one withdrawn."""
    known = story.again
    return known is not None and all(
        row.content_hash != known.content_hash for row in story.rows if row.id == known.corrects
    )


async def _written(service: Service, session: date) -> Edition:
    """Write the note from what is known now, and refuse what could not be published."""
    try:
        edition = await asyncio.to_thread(service.writers[NOTE], session)
    except WritingError as error:
        raise DeskError(f"it cannot be written anew: {error}") from error
    problems = objections(edition, session, None)
    if problems:
        raise DeskError(f"it was written anew and does not pass: {'; '.join(problems)}")
    return edition


def _outcome(session: date, rows: Sequence[DeliveryRow]) -> str:
    lines = [
        f"{row.channel} → {row.target}: {row.state.value}  {row.detail or row.reference or ''}"
        for row in rows
    ]
    done = "\n".join(
        [f"{session}: published again", *(map(str.rstrip, lines) or ["no channel held it"])]
    )
    if any(row.state is DeliveryState.FAILED for row in rows):
        raise DeskError(f"{done}\nwhat failed is not back; mend it, then retry")
    return done
