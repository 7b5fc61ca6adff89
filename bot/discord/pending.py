"""Say once that a session's data are late; the post becomes the note when they come."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.channels import Channel
from bot.discord.editions import PENDING, REASON_TEXT, RETRACTION
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.editions import EditionRow, Terms, find_edition, freeze
from bot.ledger.runs import begun_on
from bot.outbox import enqueue_edition
from bot.schedule.calendar import Session

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
    return await _promise(bot.ledger, channel, session.day, PENDING, b"data pending", now)


async def withdraw(
    ledger: Ledger, channel: Channel, session: date, reason: str, now: datetime
) -> EditionRow:
    """Take a note back: its posts are changed, and every answer says so from now on."""
    return await _promise(ledger, channel, session, RETRACTION, reason.encode("utf-8"), now)


async def _promise(
    ledger: Ledger, channel: Channel, session: date, kind: str, words: bytes, now: datetime
) -> EditionRow:
    digest = hashlib.sha256(f"{session}/{kind}/".encode() + words).hexdigest()
    edition = Edition(session, {REASON_TEXT: words}, f"sha256:{digest}")
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(kind), now)
    await enqueue_edition(ledger, [channel], row, now)
    return row
