"""A desk is killed with -9 in the middle of a post; the next one neither loses nor doubles it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.clock import real_clock
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot, discord_channel
from bot.edition import NOTE
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.guilds import GuildChannel, join_guild, save_guild_channel
from bot.outbox import Outbox, enqueue_edition
from tests.bot.discord.notes import a_note
from tests.bot.discord.wire import TOKEN, Fault, Kind, WireServer
from tests.bot.fakes import AlarmBook

LEASE = timedelta(seconds=1)
PATIENCE_SECONDS = 600.0
"""A process of its own takes its time to start where many others do."""


def be_a_desk(address: str, api_base: str) -> None:
    """Send whatever is due until nothing is left, as a process of its own."""
    asyncio.run(_send(address, api_base))


async def _send(address: str, api_base: str) -> None:
    ledger = open_ledger(address)
    bot = discord_bot(DiscordValues(TOKEN, api_base=api_base), ledger, real_clock)
    channel = discord_channel(bot)
    outbox = Outbox(ledger, [channel], real_clock, f"desk {os.getpid()}", AlarmBook(), LEASE)
    while await _unsettled(ledger):
        if await outbox.run_once() == 0:
            await asyncio.sleep(0.05)
    await bot.close()
    await ledger.close()


async def _unsettled(ledger: Ledger) -> int:
    async with ledger.read() as tx:
        rows = await list_deliveries(tx)
    return sum(row.state in {"pending", "sending"} for row in rows)


async def until_asked(wire: WireServer) -> None:
    """Wait until a post has reached the wire."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not wire.asked("POST", "/messages"):
            await asyncio.sleep(0.02)


async def ended(process: BaseProcess) -> None:
    """Wait until a process is over."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while process.is_alive():
            await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [Kind.HANG, Kind.DONE_THEN_HANG], ids=["before the post", "after the post"]
)
async def test_killed_in_the_middle_of_a_post_the_channel_has_it_once(
    ledger: Ledger, wire: WireServer, guild: int, place: int, tmp_path: Path, kind: Kind
) -> None:
    now = real_clock()
    async with ledger.write() as tx:
        await join_guild(tx, guild, now)
        await save_guild_channel(tx, GuildChannel(place, guild), now)
        row = await freeze(tx, a_note(), Terms(NOTE), now)
    bot = discord_bot(DiscordValues(TOKEN), ledger, real_clock)
    await enqueue_edition(ledger, [discord_channel(bot)], row, now)
    wire.fault(Fault("POST", "/channels/*/messages", kind))
    context = multiprocessing.get_context("spawn")
    given = (f"{tmp_path}/undertow.sqlite3", wire.api_base)

    first = context.Process(target=be_a_desk, args=given)
    first.start()
    await until_asked(wire)
    await asyncio.sleep(0.2)
    os.kill(first.pid or 0, signal.SIGKILL)
    await ended(first)
    second = context.Process(target=be_a_desk, args=given)
    second.start()
    await ended(second)

    async with ledger.read() as tx:
        [delivery] = await list_deliveries(tx)
    assert (first.exitcode, second.exitcode) == (-signal.SIGKILL, 0)
    assert [message["id"] for message in wire.messages(place)] == [delivery.reference]
    assert delivery.state == "sent"
