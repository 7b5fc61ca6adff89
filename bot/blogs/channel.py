"""One post a session on somebody's blog, by way of the outbox.

Whatever happens between us and the blog, the next attempt begins by asking what stands there:
first by the number the ledger remembers, else by slug. So a delivery that was handed over and
never answered is handed over again, and still there is one post.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.blogs.faults import BlogError, receipt_of
from bot.blogs.post import ALT_TEXT, NOTE_TEXT, PICTURE_TEXT, Post, UnreadablePostError, read_post
from bot.blogs.standing import WITHDRAWN, Page, Shelf, holds, is_ours_to_show
from bot.channels import (
    AfterSilence,
    Delivery,
    HandOver,
    Load,
    Receipt,
    Refused,
    RetryLater,
    Sent,
    one_target,
)
from bot.clock import Clock, real_clock
from bot.edition import (
    AGAIN,
    CHANGES_TEXT,
    NOTE,
    REASON_TEXT,
    REMOVAL,
    RETRACTION,
    REVISION,
    WITHDRAWALS,
)
from bot.ledger import Ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Pace
from bot.ledger.publications import Publication

LONGEST_SECONDS = 90.0
"""Longest a post may take with all its requests; a claim is leased for two minutes."""


class Blog(Protocol):
    """Anything that holds posts under slugs."""

    @property
    def name(self) -> str:
        """The channel's slug."""
        ...

    @property
    def target(self) -> str:
        """What the ledger calls this blog among others of its kind."""
        ...

    async def put(self, post: Post, remote_id: str | None, *, show: bool) -> Page:
        """Make the post stand there, once, and say where.

        ``remote_id`` is the blog's number of our post, where the ledger knows one; ``show``
        says to put it in readers' sight, else one that is hidden is changed and stays hidden.

        Raises
        ------
        BlogError
            If it does not stand there now.
        """
        ...

    async def take_down(self, slug: str, remote_id: str | None, reason: str) -> Page | None:
        """Take our post out of readers' sight, and say where it was; nothing if there is none."""
        ...

    async def check(self) -> str:
        """Say in a sentence that posts can be published here.

        Raises
        ------
        BlogError
            With what to change if not.
        """
        ...


@dataclass(frozen=True)
class BlogChannel:
    """A blog on the outbox."""

    blog: Blog
    ledger: Ledger
    clock: Clock = real_clock
    longest_seconds: float = LONGEST_SECONDS
    wants: tuple[str, ...] = (NOTE_TEXT, PICTURE_TEXT, ALT_TEXT, REASON_TEXT, CHANGES_TEXT)
    carries: frozenset[str] = frozenset({NOTE, REVISION, RETRACTION, REMOVAL, AGAIN})
    keeps_archive: bool = True
    after_silence: AfterSilence = AfterSilence.RESEND
    pace: Pace = field(default_factory=Pace)
    load: Load = field(default_factory=Load)

    @property
    def name(self) -> str:
        """The blog's kind."""
        return self.blog.name

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the blog itself."""
        return one_target(self.blog.target)

    async def check(self) -> str:
        """Say that posts can be published here, or raise `BlogError` with what to change."""
        try:
            async with asyncio.timeout(self.longest_seconds):
                return await self.blog.check()
        except TimeoutError as error:
            raise self._slow() from error

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Publish, correct or withdraw a session's post, or publish it again."""
        shelf = Shelf(self.ledger, self.clock, delivery, self.name)
        standing = await shelf.standing()
        if await shelf.is_superseded(standing):
            return Sent("a later edition stands")
        if await shelf.is_busy():
            return RetryLater("another edition of this session is on its way", "busy")
        try:
            if delivery.kind in WITHDRAWALS:
                return await self._withdraw(delivery, shelf, standing, hand_over)
            return await self._publish(delivery, shelf, standing, hand_over)
        except UnreadablePostError as error:
            return Refused(str(error), "unreadable", our_fault=True)
        except BlogError as error:
            return receipt_of(error)
        except TimeoutError:
            return receipt_of(self._slow())

    def _slow(self) -> BlogError:
        return BlogError(f"no end within {self.longest_seconds:g} seconds", "timeout")

    async def _publish(
        self, delivery: Delivery, shelf: Shelf, standing: Publication | None, hand_over: HandOver
    ) -> Receipt:
        post = read_post(delivery, self.clock())
        if standing is not None and holds(standing, post.digest):
            return Sent(standing.url)
        await hand_over()
        async with asyncio.timeout(self.longest_seconds):
            page = await self.blog.put(post, _number(standing), show=is_ours_to_show(standing))
        await shelf.save(page, post.digest)
        return Sent(page.url)

    async def _withdraw(
        self, delivery: Delivery, shelf: Shelf, standing: Publication | None, hand_over: HandOver
    ) -> Receipt:
        reason = delivery.texts.get(REASON_TEXT, b"").decode("utf-8")
        await hand_over()
        async with asyncio.timeout(self.longest_seconds):
            page = await self.blog.take_down(post_slug(delivery), _number(standing), reason)
        await shelf.save(page or Page("", ""), "", WITHDRAWN)
        return Sent(f"taken down: {page.url}" if page else "nothing of ours stood there")


def _number(standing: Publication | None) -> str | None:
    """Return the blog's number of our post; a withdrawal that found none has left it empty."""
    return (standing.remote_id or None) if standing else None


def post_slug(delivery: Delivery) -> str:
    """Return what a session's post is called."""
    return delivery.session.isoformat()
