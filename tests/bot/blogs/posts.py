"""A frozen note as blogs get it, and a desk that sends it through the outbox."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import httpx

from bot.alerts import AlertDesk
from bot.blogs.channel import Blog, BlogChannel
from bot.blogs.post import Post, read_post
from bot.channels.ghost import Ghost
from bot.channels.wordpress import WordPress
from bot.edition import AGAIN, NOTE, RETRACTION, REVISION, Edition
from bot.errors import DeskError
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryRow, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.publications import Publication, find_publication
from bot.ledger.settling import retry_by_hand
from bot.outbox import EXPIRY, Outbox
from bot.outbox.enqueue import enqueue_for_channel
from bot.republishing import Wish, publish_again
from bot.service import Service
from bot.withdrawing import announce
from tests.bot.blogs.serving import LONG_SECONDS
from tests.bot.fakes import AlarmBook, FakeClock, a_delivery

FRIDAY = date(2025, 11, 21)
SLUG = "2025-11-21"
EVENING = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)

HEAD = """---
title: 'S&P 500: "the close" cost <shorts>'
date: '2025-11-21T21:30:00Z'
slug: '2025-11-21'
description: "Funds had to buy, 'twice': {{ site.title }}"
tags:
- mechanical
- month_end
content_hash: sha256:a1
---
"""
BODY = """# S&P 500

*Friday, 21 November 2025*

Funds had to buy about $29 billion. {words}

## 1. Why they {{% had %}} to

- Bull funds {{{{< do >}}}} it, and $$bear$$ funds.
- {{: .loud }} &lt;script>alert(1)&lt;/script> \\[a\\](javascript:x)

*Report sha256:a1.*
"""


def png(shade: int = 200) -> bytes:
    """Return a small picture, whole and valid."""
    rows = (b"\0" + bytes([shade, 90, 30]) * 48) * 24
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 48, 24, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def texts(
    words: str = "Nobody asked them.", shade: int = 200, digest: str = "a1"
) -> dict[str, bytes]:
    """Return the frozen texts of a note full of what templates and markup could take for theirs."""
    head = HEAD.replace("{digest}", digest)
    return {
        "blog.md": (head + BODY.format(words=words, digest=digest)).encode(),
        "drivers.png": png(shade),
        "drivers.png.alt.txt": b'Bars: [shorts] {{ 7 }} "bought" 3% & more.',
    }


@dataclass
class BlogDesk:
    """One blog on an outbox of its own, and a clock that the test moves."""

    ledger: Ledger
    blog: Blog
    clock: FakeClock = field(default_factory=lambda: FakeClock(EVENING))
    alarms: AlarmBook = field(default_factory=AlarmBook)
    longest_seconds: float = 30.0

    @property
    def channel(self) -> BlogChannel:
        """The blog on the outbox."""
        return BlogChannel(self.blog, self.ledger, self.clock, self.longest_seconds)

    async def publish(
        self, kind: str = NOTE, words: str = "Nobody asked them.", shade: int = 200
    ) -> DeliveryRow:
        """Freeze a note or its correction, send it, and return what became of it.

        It is promised whatever became of the note, as by a desk that has not heard of it yet.
        """
        edition = Edition(FRIDAY, texts(words, shade), f"sha256:{kind}")
        async with self.ledger.write() as tx:
            row = await freeze(tx, edition, Terms(kind), self.clock())
        await enqueue_for_channel(self.ledger, self.channel, row, self.clock() + EXPIRY)
        return await self.send(kind)

    async def correct(self, words: str = "Somebody did.", shade: int = 200) -> DeliveryRow:
        """Send a correction the next morning."""
        self.clock.move(hours=15)
        return await self.publish(REVISION, words, shade)

    async def withdraw(self, kind: str = RETRACTION) -> DeliveryRow:
        """Take the note back."""
        words = "A price file was wrong."
        told = await announce(self.ledger, [self.channel], FRIDAY, kind, words, self.clock())
        return await self.send(told.edition)

    async def publish_again(self, edition: str = AGAIN, corrected: str = "") -> DeliveryRow:
        """Publish it again as an operator does, as it stood or written anew with other words."""
        pen = Edition(FRIDAY, texts(corrected), "sha256:anew")
        service = Service(
            self.ledger,
            [self.channel],
            AlertDesk(self.ledger, self.clock),
            writers={NOTE: lambda session: pen},
            clock=self.clock,
        )
        with suppress(DeskError):
            await publish_again(service, FRIDAY, Wish(corrected=bool(corrected)))
        return await self.row(edition)

    async def send(self, kind: str = NOTE) -> DeliveryRow:
        """Send what is due now."""
        outbox = Outbox(self.ledger, [self.channel], self.clock, "desk", self.alarms)
        await outbox.run_once()
        return await self.row(kind)

    def in_a_hurry(self) -> BlogDesk:
        """Return the same desk with little patience for a site that is slow."""
        short, blog = httpx.Timeout(LONG_SECONDS / 3), self.blog
        if isinstance(blog, WordPress):
            return replace(self, blog=replace(blog, api=replace(blog.api, timeout=short)))
        assert isinstance(blog, Ghost)
        return replace(self, blog=replace(blog, api=replace(blog.api, timeout=short)))

    async def try_again(self, kind: str = NOTE) -> DeliveryRow:
        """Send after the longest pause between attempts."""
        self.clock.now += timedelta(minutes=75)
        return await self.send(kind)

    async def retry_by_hand(self, kind: str = NOTE) -> DeliveryRow:
        """Do what `undertow deliveries retry` does, and send."""
        row = await self.row(kind)
        async with self.ledger.write() as tx:
            await retry_by_hand(tx, row.id, self.clock(), self.clock() + EXPIRY)
        return await self.send(kind)

    async def row(self, kind: str = NOTE) -> DeliveryRow:
        """Return the delivery of a kind."""
        async with self.ledger.read() as tx:
            rows = await list_deliveries(tx, session=FRIDAY)
        return next(row for row in rows if row.edition == kind)

    async def standing(self) -> Publication | None:
        """Return what the ledger says stands there."""
        async with self.ledger.read() as tx:
            return await find_publication(tx, self.channel.name, self.blog.target, SLUG)


def a_post(words: str = "Nobody asked them.") -> Post:
    """Return the post without a desk around it."""
    return read_post(a_delivery(texts=texts(words)), EVENING)
