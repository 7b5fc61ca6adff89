"""Senders, letters and readers to make messages of."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.mail.address import Address, mailbox_of
from bot.mail.message import Letter, Reader, Sender
from templates.mailing import PICTURE_OF_DRIVERS, READER_FOOTER

KEY = "k" * 32
SENDER = Sender(
    mailbox=mailbox_of("Undertow <note@desk.test>"),
    site="https://undertow.example",
    postal="Undertow, 1 Main Street\nSpringfield",
    key=KEY,
    bounces=Address("bounce@desk.test"),
)
LETTER = Letter(
    session=date(2025, 11, 21),
    edition="note",
    level="plain",
    content_hash="sha256:" + "ab" * 32,
    text="Subject: Funds had to buy\nPreheader: They did\n\nFunds had to buy.\n.\n.. dots = fine\n",
    page=f"<html><body><p>Funds had to buy €3</p>{PICTURE_OF_DRIVERS}{READER_FOOTER}</body></html>",
)
READER = Reader(
    address=Address("ana@reader.test"),
    leave_url="https://undertow.example/u/Ti3kuyCSxG_tm9YsPtAdYw",
    preferences_url="https://undertow.example/preferences/AAAAuyCSxG_tm9YsPtAdYw",
    message_id="<7.cum7rnu6z2ldg3eb@desk.test>",
    at=datetime(2025, 11, 21, 22, 15, tzinfo=UTC),
)
