"""Say once that a session's data are late; the post becomes the note when they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels import Channel
from bot.discord.editions import PENDING
from bot.edition import NOTE, RETRACTION
from bot.ledger import Ledger
from bot.ledger.editions import EditionRow, find_edition
from bot.ledger.runs import begun_on
from bot.schedule.calendar import Session
from bot.withdrawing import announce

if TYPE_CHECKING:
    from bot.discord.client import UndertowBot

PENDING_AFTER_CLOSE = timedelta(minutes=90)
PENDING_UNTIL = timedelta(hours=6)


def is_late(session: Session, now: datetime) -> bool:
    """Say whether a session's note should be out by now, and is still waited for."""
    return PENDING_AFTER_CLOSE <= now - session.closes_at < PENDING_UNTIL


async def post_pending(bot: UndertowBot, channel: Channel) -> EditionRow | None:
    """Promise the "data pending" post of today's session if its note is not out."""
    now = bot.clock()
    session = await bot.coming.today()
    if session is None or not is_late(session, now):
        return None
    async with bot.ledger.read() as tx:
        note = await find_edition(tx, session.day, NOTE)
        begun = await begun_on(tx)
    if begun is None or begun > session.day or (note is not None and note.is_frozen):
        return None
    return await announce(bot.ledger, [channel], session.day, PENDING, "data pending", now)


async def withdraw(
    ledger: Ledger,
    channel: Channel,
    session: date,
    reason: str,
    now: datetime,
    elsewhere: Sequence[Channel] = (),
) -> EditionRow:
    """Take a note back: its posts are changed, and every answer says so from now on.

    ``elsewhere`` are the desk's other channels, which take their posts back as well.
    """
    return await announce(ledger, [channel, *elsewhere], session, RETRACTION, reason, now)
