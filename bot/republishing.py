"""Publishing a withdrawn note again: what `undertow publish --again` does.

A withdrawal is an edition of its own, and so is what undoes it: a copy of the note as it last
stood, or, with ``corrected``, the note written anew from what is known now. It goes to every
channel that can take a post back, and each of them changes the post that stands there. What is
frozen first stands: saying it again, or after a crash at any point, adds only what is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.channels import Channel
from bot.edition import AGAIN, CHANGES_TEXT, NOTE, Edition, WritingError, in_turn
from bot.errors import BadArgumentError, DeskError
from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryRow, DeliveryState, deliveries_of
from bot.ledger.editions import EditionRow, Terms, edition_text, every_text_of, freeze
from bot.ledger.overtaking import hold_back, let_go
from bot.ledger.story import Story, read_story
from bot.outbox import EXPIRY, enqueue_edition
from bot.publishing import REPORT
from bot.revisions import with_changes
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
    row = await _frozen(service, session, anew)
    now = service.clock()
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


async def _frozen(service: Service, session: date, anew: Edition | None) -> EditionRow:
    """Fix what is published again, or return what an earlier try has fixed."""
    now = service.clock()
    async with service.ledger.write() as tx:
        story = await read_story(tx, session)
        known = story.again
        if story.opened is None and known is not None:
            return known
        stood = story.standing
        if stood is None:
            raise LookupError(f"the note of {session} vanished while it was published again")
        is_new = anew is not None and anew.content_hash != stood.content_hash
        edition = (
            await _corrected(tx, stood, anew) if anew and is_new else await _copy(tx, story, stood)
        )
        terms = Terms(in_turn(AGAIN, story.turns + 1), late=stood.late, corrects=stood.id)
        row = await freeze(tx, edition, terms, now)
        await hold_back(tx, session, await read_story(tx, session), now)
        if not is_new:
            await let_go(tx, session, _of_one_go(service), now, now + EXPIRY)
    return row


def _of_one_go(service: Service) -> list[str]:
    """Return the channels that cannot take anything back, such as mail."""
    return [channel.name for channel in service.channels if AGAIN not in channel.carries]


async def _copy(tx: Transaction, story: Story, stood: EditionRow) -> Edition:
    texts = await every_text_of(tx, stood.id)
    if story.correction is not None and story.original is not None:
        # What was a correction when it was withdrawn is one when it comes back.
        texts.setdefault(CHANGES_TEXT, _corrects(story.original))
    return Edition(stood.session, texts, stood.content_hash)


async def _corrected(tx: Transaction, stood: EditionRow, anew: Edition) -> Edition:
    before = await edition_text(tx, stood.id, REPORT)
    told = with_changes(anew, stood.content_hash, before)
    # The note's own claims are what counts; a second set would be graded beside them.
    return replace(told, claims=(), texts={CHANGES_TEXT: _corrects(stood), **told.texts})


def _corrects(row: EditionRow) -> bytes:
    return f"Corrects {row.content_hash}.\n".encode()


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
