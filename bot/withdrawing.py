"""Say something of a session that is not a note: that it is late, or that it is withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bot.channels import Channel
from bot.edition import REASON_TEXT, WITHDRAWALS, Edition, in_turn
from bot.ledger import Ledger
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.ledger.overtaking import hold_back
from bot.ledger.story import read_story
from bot.outbox import EXPIRY, enqueue_edition

PATIENCE = timedelta(days=7)
"""How long a withdrawal is tried: a wrong note does not get less wrong overnight."""


async def announce(
    ledger: Ledger,
    channels: Iterable[Channel],
    session: date,
    kind: str,
    words: str,
    now: datetime,
) -> EditionRow:
    """Freeze a word about a session and promise it to those channels that carry its kind.

    The first words of a kind stand; saying it again only adds the channels that lack it. A note
    that was published again meanwhile is withdrawn in the next turn.
    """
    body = words.encode("utf-8")
    digest = hashlib.sha256(f"{session}/{kind}/".encode() + body).hexdigest()
    edition = Edition(session, {REASON_TEXT: body}, f"sha256:{digest}")
    async with ledger.write() as tx:
        turns = (await read_story(tx, session)).turns if kind in WITHDRAWALS else 0
        row = await freeze(tx, edition, Terms(in_turn(kind, turns + 1)), now)
        await hold_back(tx, session, await read_story(tx, session), now)
    expiry = PATIENCE if kind in WITHDRAWALS else EXPIRY
    await enqueue_edition(ledger, channels, row, now, expiry=expiry)
    return row
