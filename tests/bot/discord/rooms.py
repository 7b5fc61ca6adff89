"""A server with a channel and a reader, in process: simcord's Discord around our bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import discord
import simcord
from simcord.backend import Backend
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.clock import Clock
from bot.discord.client import UndertowBot
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.editions import Terms, freeze
from bot.schedule.calendar import Session
from tests.bot.fakes import NOW, FakeClock

THURSDAY = date(2025, 11, 20)
COMPONENT_LIMIT, TEXT_LIMIT = 40, 4_000
PATIENT_SECONDS = 60.0
"""How long an answer may take on a crowded machine: the first picture takes seconds."""


class Weekdays:
    """Trades from Monday to Friday, until nine in the evening UTC."""

    def sessions(self, first: date, last: date) -> list[Session]:
        """Return the weekdays."""
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        close = NOW.replace(hour=21, minute=0)
        return [
            Session(day, close.replace(year=day.year, month=day.month, day=day.day))
            for day in days
            if day.weekday() < 5
        ]


@dataclass
class Room:
    """A server with a channel and a reader, and the reader's own direct messages."""

    env: simcord.Env
    bot: UndertowBot
    ledger: Ledger
    clock: FakeClock
    channel: simcord.ChannelHandle
    alice: simcord.MemberActor

    async def publish(self, edition: Edition, kind: str = NOTE) -> None:
        """Freeze an edition."""
        async with self.ledger.write() as tx:
            await freeze(tx, edition, Terms(kind), self.clock())
        self.forget_what_was_read()

    def forget_what_was_read(self) -> None:
        """Let the bot look at the ledger again at once."""
        self.bot.archive.look_anew()

    async def ask(self, command: str, **options: object) -> str:
        """Let Alice give a command in the server, and return all that is said to her."""
        result = await self.alice.slash(self.channel, command, **options)
        assert result.response is not None
        return words_of(result.response.components)


def words_of(components: list[dict[str, Any]]) -> str:
    """Return everything components say, and hold them to Discord's limits."""
    found, count = [], 0
    waiting = list(components)
    while waiting:
        one = waiting.pop(0)
        count += 1
        found.append(one.get("content") or one.get("label") or "")
        assert len(one.get("custom_id") or "") <= 100
        assert len(one.get("label") or "") <= 38
        waiting += one.get("components") or []
    assert count <= COMPONENT_LIMIT
    assert sum(map(len, found)) <= TEXT_LIMIT
    return "\n".join(found)


def the_bot(ledger: Ledger, clock: Clock) -> UndertowBot:
    """Return a bot of a desk that has pages."""
    values = DiscordValues("x.y.z", public_url="https://desk.example")
    return discord_bot(values, ledger, clock, Weekdays())


@asynccontextmanager
async def a_room(ledger: Ledger) -> AsyncIterator[Room]:
    """Give a room with a bot in it.

    One task opens and closes it: simcord wants both in the same context, and fixtures have two.
    """
    opened: asyncio.Future[Room] = asyncio.get_running_loop().create_future()
    done = asyncio.Event()

    async def keep() -> None:
        clock = FakeClock(NOW)
        bot = the_bot(ledger, clock)
        bot.rest.was_used = True
        async with simcord.run(
            bot, shard_count=1, check_errors=False, settle_timeout=PATIENT_SECONDS
        ) as env:
            await bot.sync_commands()
            guild = env.create_guild("Market desk")
            channel = guild.create_text_channel("market-close")
            alice = guild.add_member(env.create_user("alice"))
            opened.set_result(Room(env, bot, ledger, clock, channel, alice))
            await done.wait()

    keeper = asyncio.create_task(keep())
    waiting: set[asyncio.Future[Any]] = {keeper, opened}
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if keeper.done():
        keeper.result()
    yield await opened
    done.set()
    await keeper


def deny(backend: Backend, channel_id: int, **denied: bool) -> None:
    """Take permissions from the bot in one channel; without any, give them back."""
    value = discord.Permissions(**denied).value
    overwrite = Overwrite(
        target_id=backend.bot_user.id, type=OverwriteType.MEMBER, allow=0, deny=value
    )
    backend.set_overwrite(channel_id, overwrite)
