"""Our hands on Discord's REST: logged in once, and useful whether or not the gateway is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord.receipts import refuses_token
from bot.errors import DeskError


class TokenRefusedError(DeskError):
    """Discord does not know our token. Trying again would get the whole address banned."""

    def __init__(self) -> None:
        super().__init__(
            "Discord refuses the token in UNDERTOW_DISCORD_TOKEN; make a new one under "
            "Bot, Reset Token, in the developer portal, and start again"
        )


class StoppingError(discord.ClientException):
    """The process is about to end; what was not handed over is for the next one."""


LONGEST_DELIVERY_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class DiscordValues:
    """The settings the bot is made from.

    ``api_base`` and ``gateway_url`` replace Discord's own addresses, for a proxy or a test;
    ``channel_id`` is a channel that is posted to without the panel.
    """

    token: str = field(repr=False)
    channel_id: int | None = None
    api_base: str | None = None
    gateway_url: str | None = None
    public_url: str | None = None


def point_library(values: DiscordValues) -> None:
    """Send the library to other addresses. It keeps them for the whole process."""
    if values.api_base:
        Route.BASE = values.api_base.rstrip("/")
    if values.gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(values.gateway_url)


@dataclass
class Rest:
    """A client that logs in when it is first needed, and never again after a refusal."""

    client: discord.Client
    values: DiscordValues
    refused: asyncio.Event = field(default_factory=asyncio.Event)
    logged_in: asyncio.Event = field(default_factory=asyncio.Event)
    was_used: bool = False
    is_closing: bool = False
    _in_use: int = 0
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ready(self) -> discord.Client:
        """Return the client, logged in.

        Raises
        ------
        TokenRefusedError
            If Discord has said once that the token is wrong.
        StoppingError
            If the process is about to end.
        """
        if self.refused.is_set():
            raise TokenRefusedError
        if self.is_closing:
            raise StoppingError
        async with self._line:
            if self.refused.is_set():
                raise TokenRefusedError
            if not self.logged_in.is_set():
                await self._log_in()
            return self.client

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the client open while a delivery is in hand."""
        self._in_use += 1
        try:
            yield
        finally:
            self._in_use -= 1

    async def finish(self, patience_seconds: float = LONGEST_DELIVERY_SECONDS) -> None:
        """Take no more deliveries, and wait for those in hand."""
        self.is_closing = True
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_seconds):
                while self._in_use:
                    await asyncio.sleep(0.05)

    async def _log_in(self) -> None:
        point_library(self.values)
        self.was_used = True
        try:
            await self.client.login(self.values.token)
        except (discord.LoginFailure, discord.HTTPException, OSError, TimeoutError) as error:
            # The library opens a session for each try and leaves closing it to us.
            await self.client.http.close()
            if refuses_token(error):
                self.refuse()
                raise TokenRefusedError from error
            raise
        self.logged_in.set()

    def refuse(self) -> None:
        """Stop everything: the token is worth nothing any more."""
        self.refused.set()
