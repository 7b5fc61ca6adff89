"""A wire, a ledger with a note in it, and a desk that posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.channels.discord import DiscordChannel
from bot.discord.client import UndertowBot
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot, discord_channel, run_discord, warm_up
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import DeliveryRow, list_deliveries
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.ledger.guilds import GuildChannel, join_guild, save_guild_channel
from bot.outbox import Outbox, enqueue_edition
from templates.charts import render_png
from templates.past_charts import PastScore, score_history
from tests.bot.discord.notes import FRIDAY, a_note
from tests.bot.discord.rooms import Room, a_room
from tests.bot.discord.wire import TOKEN, WireServer
from tests.bot.fakes import NOW, AlarmBook, FakeClock

QUICK = (0.0, 0.0)
"""Pauses of a test's own retries [s]."""


@pytest.fixture(scope="session", autouse=True)
def _loaded() -> None:
    """Load and draw as a desk does when it starts: a simulated server waits five seconds."""
    warm_up()
    render_png(score_history("A driver", [PastScore(session=FRIDAY, score=0.5)], demo=True).spec)


@pytest.fixture(autouse=True)
def _real_addresses() -> Iterator[None]:
    """Give the library its addresses back: it keeps them for the whole process."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@pytest.fixture
def ledger_address(tmp_path: object) -> str:
    """Return the address of an empty SQLite file; the outbox is tested on both databases."""
    return f"{tmp_path}/undertow.sqlite3"


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[WireServer]:
    """Give a Discord on the loopback."""
    async with WireServer() as server:
        yield server


@dataclass
class PostingDesk:
    """A ledger, a bot that only uses REST, and an outbox with its channel."""

    ledger: Ledger
    wire: WireServer
    bot: UndertowBot
    clock: FakeClock
    alarms: AlarmBook = field(default_factory=AlarmBook)

    @property
    def channel(self) -> DiscordChannel:
        """The channel under test."""
        return discord_channel(self.bot)

    async def ask_for_notes(self, guild_id: int, channel_id: int) -> None:
        """Let a guild want the note in a channel."""
        await self.want(GuildChannel(channel_id, guild_id))

    async def want(self, place: GuildChannel) -> None:
        """Store what a guild asked for."""
        async with self.ledger.write() as tx:
            await join_guild(tx, place.guild_id, self.clock())
            await save_guild_channel(tx, place, self.clock())

    async def promise(self, edition: Edition | None = None, kind: str = NOTE) -> EditionRow:
        """Freeze an edition and promise it to every channel."""
        async with self.ledger.write() as tx:
            row = await freeze(tx, edition or a_note(), Terms(kind), self.clock())
        await enqueue_edition(self.ledger, [self.channel], row, self.clock())
        return row

    def outbox(self, owner: str = "the desk") -> Outbox:
        """Return a worker's hands."""
        return Outbox(self.ledger, [self.channel], self.clock, owner, self.alarms)

    async def deliver(self) -> list[DeliveryRow]:
        """Send what is due, and return how every delivery stands."""
        await self.outbox().run_once()
        return await self.rows()

    async def rows(self) -> list[DeliveryRow]:
        """Return every delivery."""
        async with self.ledger.read() as tx:
            return await list_deliveries(tx)


@pytest_asyncio.fixture
async def desk(
    ledger: Ledger, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PostingDesk]:
    """Give a desk whose retries do not wait."""
    monkeypatch.setattr("bot.discord.sending.with_patience.__defaults__", (QUICK,))
    clock = FakeClock(NOW)
    bot = discord_bot(DiscordValues(TOKEN, api_base=wire.api_base), ledger, clock)
    yield PostingDesk(ledger, wire, bot, clock)
    await bot.close()


@pytest.fixture
def guild(wire: WireServer) -> int:
    """Return the id of a guild that has the bot."""
    return int(wire.backend.create_guild("Market desk").id)


@pytest.fixture
def place(wire: WireServer, guild: int) -> int:
    """Return the id of a text channel."""
    return int(wire.backend.create_channel(guild, "market-close").id)


@pytest.fixture
def reader(wire: WireServer, guild: int) -> int:
    """Return the id of a reader."""
    user = int(wire.backend.make_user("alice").id)
    wire.backend.add_member(guild, user)
    return user


@dataclass
class Live:
    """A bot with its gateway, running."""

    desk: PostingDesk
    running: asyncio.Task[None]
    stopping: asyncio.Event

    @property
    def bot(self) -> UndertowBot:
        """The bot."""
        return self.desk.bot

    async def publish(self, *notes: Edition) -> None:
        """Freeze notes; only Friday's if none is named."""
        async with self.desk.ledger.write() as tx:
            for note in notes or (a_note(),):
                await freeze(tx, note, Terms(NOTE), self.desk.clock())


async def ready(bot: UndertowBot) -> None:
    """Wait until the bot has seen its guilds, and a little for what it does then."""
    async with asyncio.timeout(20):
        while not bot.is_ready():
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)


@pytest_asyncio.fixture
async def live(desk: PostingDesk, wire: WireServer, guild: int, place: int) -> AsyncIterator[Live]:
    """Give a connected bot in a guild that asked for the note."""
    await desk.ask_for_notes(guild, place)
    stopping = asyncio.Event()
    running = asyncio.create_task(
        run_discord(desk.bot.values, desk.ledger, desk.clock, bot=desk.bot, stopping=stopping)
    )
    await ready(desk.bot)
    alive = Live(desk, running, stopping)
    yield alive
    stopping.set()
    await alive.running


@pytest_asyncio.fixture
async def room(ledger: Ledger) -> AsyncIterator[Room]:
    """Give a room with a bot in it."""
    async with a_room(ledger) as opened:
        yield opened
