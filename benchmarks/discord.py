"""How fast the bot answers, how fast it fans out, and how much memory many guilds take.

    python -m benchmarks.discord [--commands 2000] [--in-flight 200] [--guilds 2500]

Against the wire server of the tests, in a process of its own. Two times are printed for a
command: in the bot, from the moment it has read the interaction to the moment the callback's
headers are sent; and as the server sees it, which has the server's own work and the queue
between them in it. Then a note is posted to 500 channels.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import structlog
from simcord import interactions

# The command line's package sets the pace of the garbage collector, here as in a real run.
import undertow  # noqa: F401
from benchmarks.outbox import memory_mib
from bot.alerts import AlertDesk
from bot.clock import real_clock
from bot.discord.client import UndertowBot
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot, discord_channel, run_discord
from bot.edition import NOTE
from bot.ledger import Ledger
from bot.ledger.claiming import has_work
from bot.ledger.database import open_ledger
from bot.ledger.editions import Terms, freeze
from bot.ledger.guilds import GuildChannel, join_guild, save_guild_channel
from bot.ledger.migrate import upgrade
from bot.outbox import Outbox, enqueue_edition
from bot.worker import process_name
from tests.bot.discord.notes import a_note
from tests.bot.discord.wire import TOKEN, WireServer

POSTS = 500
COMMAND = 2


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    commands: int
    in_flight: int
    guilds: int


@dataclass
class Stopwatch:
    """When the bot read each interaction and when it sent its callback."""

    read_at: dict[str, float] = field(default_factory=dict)
    sent_at: dict[str, float] = field(default_factory=dict)

    def trace(self) -> aiohttp.TraceConfig:
        """Return what tells us of every request's headers."""
        config = aiohttp.TraceConfig()
        config.on_request_headers_sent.append(self._sent)
        return config

    async def _sent(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        told: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        parts = told.url.path.split("/")
        if "interactions" in parts:
            self.sent_at[parts[parts.index("interactions") + 1]] = time.monotonic()

    def watch(self, bot: UndertowBot) -> None:
        """Note when the bot has read an interaction."""
        bot.callbacks.trace = self.trace()
        parsers = bot._connection.parsers
        parse = parsers["INTERACTION_CREATE"]

        def noting(data: Any) -> None:  # noqa: ANN401 - a gateway payload is anything
            self.read_at[data["id"]] = time.monotonic()
            parse(data)

        parsers["INTERACTION_CREATE"] = noting

    @property
    def times_ms(self) -> list[float]:
        """How long each answered interaction took [ms]."""
        both = self.read_at.keys() & self.sent_at.keys()
        return [1e3 * (self.sent_at[one] - self.read_at[one]) for one in both]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that a share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def be_discord(plan: Plan, pipe: Connection) -> None:
    """Be Discord in a process of its own, and ask for commands when told to."""
    asyncio.run(_serve(plan, pipe))


async def _serve(plan: Plan, pipe: Connection) -> None:
    async with WireServer() as wire:
        rooms = []
        for number in range(plan.guilds):
            guild = wire.backend.create_guild(f"guild {number}")
            room = wire.backend.create_channel(guild.id, "notes")
            rooms.append((int(guild.id), int(room.id)))
        users = [
            int(wire.backend.make_user(f"u{n}").id)
            for n in range(plan.commands // 4 + plan.in_flight)
        ]
        for user in users:
            wire.backend.add_member(rooms[0][0], user)
        pipe.send((wire.api_base, rooms))
        await asyncio.to_thread(pipe.recv)
        # The first of each connection pays for opening it, and is not counted.
        await _ask(replace(plan, commands=2 * plan.in_flight), wire, rooms[0][1], users)
        pipe.send("warm")
        await asyncio.to_thread(pipe.recv)
        begun, begun_cpu = time.monotonic(), time.process_time()
        took = await _ask(plan, wire, rooms[0][1], users)
        seconds = time.monotonic() - begun
        pipe.send((took, seconds, time.process_time() - begun_cpu))
        await asyncio.to_thread(pipe.recv)
        pipe.send(sum(len(wire.backend.messages.get(room, {})) for _, room in rooms))
        await asyncio.to_thread(pipe.recv)


async def _ask(plan: Plan, wire: WireServer, channel_id: int, users: list[int]) -> list[float]:
    waiting = list(range(plan.commands))
    data = wire.command(channel_id, "flow today", {})
    guild_id = wire.backend.get_channel(channel_id).guild_id
    took: list[float] = []

    async def one_after_the_other() -> None:
        while waiting:
            number = waiting.pop()
            record, payload = interactions.base_payload(
                wire.backend,
                type=COMMAND,
                channel_id=channel_id,
                guild_id=guild_id,
                user_id=users[number % len(users)],
                data=data,
            )
            begun = time.monotonic()
            wire.backend.emit("INTERACTION_CREATE", payload)
            while not record.responded:
                await asyncio.sleep(0.002)
            took.append(1e3 * (wire.rest.answered_at[str(record.id)] - begun))

    await asyncio.gather(*(one_after_the_other() for _ in range(plan.in_flight)))
    return took


async def a_ledger(folder: Path) -> Ledger:
    """Return a ledger with one published note."""
    ledger = open_ledger(str(folder / "ledger.sqlite3"))
    await upgrade(ledger)
    async with ledger.write() as tx:
        await freeze(tx, a_note(), Terms(NOTE), real_clock())
    return ledger


async def measure(plan: Plan, pipe: Connection, folder: Path) -> None:
    """Be the bot, and print what was measured."""
    api_base, rooms = await asyncio.to_thread(pipe.recv)
    ledger = await a_ledger(folder)
    values = DiscordValues(TOKEN, api_base=api_base)
    before = memory_mib()
    bot = discord_bot(values, ledger, real_clock)
    watch = Stopwatch()
    watch.watch(bot)
    stopping = asyncio.Event()
    running = asyncio.create_task(
        run_discord(values, ledger, real_clock, bot=bot, stopping=stopping)
    )
    while not bot.is_ready():
        await asyncio.sleep(0.05)
    await asyncio.sleep(1.0)
    print(f"{len(bot.guilds):,} guilds: the bot grew by {memory_mib() - before:.0f} MiB")
    pipe.send("warm up")
    await asyncio.to_thread(pipe.recv)
    watch.read_at.clear()
    pipe.send("ask")
    begun_cpu = time.process_time()
    took, seconds, server_cpu = await asyncio.to_thread(pipe.recv)
    cpu = (time.process_time() - begun_cpu, server_cpu)
    _print_commands(plan, watch.times_ms, took, seconds, cpu)
    await fan_out(ledger, bot, rooms[:POSTS])
    pipe.send("count")
    print(f"messages that stand on the server: {await asyncio.to_thread(pipe.recv)}")
    pipe.send("stop")
    stopping.set()
    await running
    await ledger.close()


def _print_commands(
    plan: Plan,
    ours_ms: list[float],
    theirs_ms: list[float],
    seconds: float,
    cpu: tuple[float, float],
) -> None:
    print(
        f"{len(ours_ms)} x /flow today, {plan.in_flight} in flight: "
        f"{len(ours_ms) / seconds:.0f}/s; "
        f"processor time {1e3 * cpu[0] / len(ours_ms):.2f} ms each in the bot, "
        f"{1e3 * cpu[1] / len(ours_ms):.2f} ms in the server"
    )
    for who, times in (("in the bot", ours_ms), ("seen by the server", theirs_ms)):
        print(
            f"  {who}: median {statistics.median(times):.1f} ms, "
            f"p99 {percentile(times, 0.99):.1f} ms, worst {max(times):.1f} ms"
        )


async def fan_out(ledger: Ledger, bot: UndertowBot, rooms: list[tuple[int, int]]) -> None:
    """Post one note to many guilds, and print how long it took."""
    now = real_clock()
    async with ledger.write() as tx:
        for guild_id, channel_id in rooms:
            await join_guild(tx, guild_id, now)
            await save_guild_channel(tx, GuildChannel(channel_id, guild_id), now)
        row = await freeze(tx, a_note(with_picture=False), Terms(NOTE), now)
    channel = discord_channel(bot)
    await enqueue_edition(ledger, [channel], row, now)
    outbox = Outbox(
        ledger, [channel], real_clock, process_name(), AlertDesk(ledger, real_clock).alarm
    )
    begun = time.monotonic()
    while True:
        moved = await outbox.run_once()
        async with ledger.read() as tx:
            if not await has_work(tx, channel.name, real_clock()):
                break
        if moved == 0:
            await asyncio.sleep(0.05)
    seconds = time.monotonic() - begun
    print(
        f"{len(rooms)} guilds posted to in {seconds:.1f} s ({len(rooms) / seconds:.0f}/s, cap 40/s)"
    )


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description="the Discord bot under load")
    parser.add_argument("--commands", type=int, default=2_000)
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--guilds", type=int, default=2_500)
    options = parser.parse_args()
    plan = Plan(options.commands, options.in_flight, options.guilds)
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    discord = context.Process(target=be_discord, args=(plan, theirs))
    discord.start()
    with tempfile.TemporaryDirectory(prefix="undertow-discord-") as name:
        asyncio.run(measure(plan, ours, Path(name)))
    discord.join()


if __name__ == "__main__":
    main()
