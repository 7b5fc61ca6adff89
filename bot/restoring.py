"""Say of a withdrawn note that it stands again: freeze what comes back, and promise it.

A withdrawal is an edition of its own, and so is what undoes it. What is frozen first stands:
saying it again, or after a crash at any point, adds only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.channels import Channel
from bot.edition import AGAIN, CHANGES_TEXT, Edition, in_turn
from bot.ledger import Ledger
from bot.ledger.database import Transaction
from bot.ledger.editions import EditionRow, Terms, edition_text, every_text_of, freeze
from bot.ledger.overtaking import hold_back, let_go
from bot.ledger.story import Story, read_story
from bot.outbox import EXPIRY, enqueue_edition
from bot.publishing import REPORT
from bot.revisions import with_changes
from bot.withdrawing import PATIENCE


async def put_back(
    ledger: Ledger, channels: Sequence[Channel], session: date, now: datetime
) -> EditionRow:
    """Publish a withdrawn note again as it stood, wherever it can be taken back.

    Those that cannot take anything back, such as mail, get the note only if it was held back
    from them.
    """
    row = await freeze_again(ledger, channels, session, None, now)
    able = [channel for channel in channels if AGAIN in channel.carries]
    await enqueue_edition(ledger, able, row, now, expiry=PATIENCE)
    return row


async def freeze_again(
    ledger: Ledger,
    channels: Iterable[Channel],
    session: date,
    anew: Edition | None,
    now: datetime,
) -> EditionRow:
    """Fix what is published again, or return what an earlier try has fixed.

    ``anew`` is the note written from what is known now; without it the note comes back as it
    last stood. ``channels`` are all of the desk's.

    Raises
    ------
    LookupError
        If the session has no note.
    """
    async with ledger.write() as tx:
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
            await let_go(tx, session, _of_one_go(channels), now, now + EXPIRY)
    return row


def _of_one_go(channels: Iterable[Channel]) -> list[str]:
    """Return the channels that cannot take anything back, such as mail."""
    return [channel.name for channel in channels if AGAIN not in channel.carries]


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
