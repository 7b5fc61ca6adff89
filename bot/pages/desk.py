"""What the newsletter's pages work with, and what they have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import HTMLResponse

from bot.clock import Clock
from bot.ledger import Ledger
from bot.newsletter.lifecycle import Origin, reader_of
from bot.newsletter.tokens import Purpose, agent_hash
from bot.pages.headers import OF_READERS
from bot.pages.limits import Limits, kept_prefix
from templates.consents import consent_words, current_consent
from templates.reader_pages import reader_page

ANSWER_SECONDS = 0.25
"""Every answer to a click takes at least this long: what we did for it cannot be timed."""

AT_THE_TOP = ("subscribe", "asked")
"""Pages that stand beside the site's first; the others stand one folder below it. Links are
relative, so a desk may live under any path of its host."""


@dataclass(frozen=True)
class ReaderDesk:
    """What the pages need: the ledger, the desk's secret, a clock, the limits.

    ``sends_mail`` says whether there is a mail channel; ``answer_seconds`` how long every answer
    to a click takes at the least.
    """

    ledger: Ledger
    key: str = field(repr=False)
    clock: Clock
    limits: Limits = field(default_factory=Limits)
    sends_mail: bool = True
    answer_seconds: float = ANSWER_SECONDS

    def origin(self, request: Request, source: str, version: str | None = None) -> Origin:
        """Return what is kept of where a click came from."""
        shown = current_consent().version
        if version in {words.version for words in consent_words()}:
            shown = version or shown
        agent = request.headers.get("user-agent")
        return Origin(
            shown,
            source,
            kept_prefix(host_of(request)),
            None if agent is None else agent_hash(self.key, agent),
        )

    async def knows(self, token: str, purpose: Purpose) -> bool:
        """Whether a link is one of ours: the forged ones never get as far as a write."""
        async with self.ledger.read() as tx:
            return await reader_of(tx, self.key, token, purpose, self.clock()) is not None

    @asynccontextmanager
    async def in_even_time(self) -> AsyncIterator[None]:
        """Take as long for one answer as for another, whatever was found."""
        timer = asyncio.create_task(asyncio.sleep(self.answer_seconds))
        try:
            yield
        finally:
            await timer


def host_of(request: Request) -> str | None:
    """Return the address a request came from; behind a proxy, the one the proxy names."""
    return None if request.client is None else request.client.host


def page(name: str, facts: Mapping[str, object] | None = None, status: int = 200) -> HTMLResponse:
    """Return a page of the newsletter, with its headers."""
    root = "./" if name in AT_THE_TOP else "../"
    return HTMLResponse(reader_page(name, root=root, **(facts or {})), status, dict(OF_READERS))
