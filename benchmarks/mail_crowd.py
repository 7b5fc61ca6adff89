"""Readers by the thousand, a note of a given size, and a desk that mails it to them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice

from sqlalchemy import insert

from bot.channels.mail import MailChannel
from bot.clock import real_clock
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.readers import subscribers
from bot.ledger.subscribers import SubscriberState
from bot.mail.address import Address, mailbox_of
from bot.mail.message import Sender
from bot.mail.relay import relay_of
from bot.mail.throttle import Throttle
from bot.mail.wire import Lines
from bot.outbox import enqueue_edition
from templates.mailing import READER_FOOTER

SESSION = date(2025, 4, 9)
DAWN = datetime(2025, 4, 1, tzinfo=UTC)
KEY = "rehearsal-" * 4
SENDER = Sender(
    mailbox=mailbox_of("Undertow <note@desk.test>"),
    site="https://undertow.example",
    postal="Undertow, 1 Main Street, Springfield",
    key=KEY,
    bounces=Address("bounce@desk.test"),
)
CHUNK = 2_000


async def subscribe_crowd(ledger: Ledger, count: int, domain: str) -> None:
    """Write confirmed readers ``r0@domain``, ``r1@domain`` … into a ledger."""
    rows = (
        {
            "address_key": f"r{number}@{domain}",
            "address": f"r{number}@{domain}",
            "state": SubscriberState.CONFIRMED,
            "cadence": "daily",
            "level": "plain",
            "text_only": False,
            "zone": "America/New_York",
            "topics": [],
            "bounce_score": 0.0,
            "confirms_sent": 1,
            "created_at": DAWN,
            "confirmed_at": DAWN,
            "changed_at": DAWN,
        }
        for number in range(count)
    )
    while chunk := list(islice(rows, CHUNK)):
        async with ledger.write() as tx:
            await tx.execute(insert(subscribers), chunk)


async def promise_note(ledger: Ledger, channel: MailChannel, size_bytes: int) -> int:
    """Freeze a note whose mail has about that size, and promise it to everyone."""
    line = "<p>Funds that promise three times the day's return had to buy by the bell.</p>\n"
    page = f"<html><body>{line * max((size_bytes - 3_000) // 82, 1)}{READER_FOOTER}</body></html>"
    texts = {
        "mail.plain.txt": b"Subject: Funds had to buy\nPreheader: They did\n\nFunds had to buy.\n",
        "mail.plain.html": page.encode(),
    }
    async with ledger.write() as tx:
        row = await freeze(tx, Edition(SESSION, texts, "sha256:x"), Terms(NOTE), real_clock())
    return await enqueue_edition(ledger, [channel], row, real_clock())


def channel_at(ledger: Ledger, port: int, connections: int, batch: int) -> MailChannel:
    """Return a mail channel to a relay on this machine."""
    relay = relay_of(f"smtp://127.0.0.1:{port}")
    return MailChannel(
        ledger=ledger,
        sender=SENDER,
        lines=Lines(relay, "desk.test"),
        clock=real_clock,
        throttle=Throttle(relay.per_second, real_clock),
        connections=connections,
        marker_batch=batch,
    )
