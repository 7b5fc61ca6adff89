"""The gateway may come late, go away and come back; answers and posts go on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.discord.client import GatewayLostError
from bot.discord.rest import DiscordValues, TokenRefusedError
from bot.discord.run import discord_bot, run_discord
from bot.ledger import Ledger
from bot.ledger.discord import standing_guilds
from bot.ledger.guilds import GuildChannel, list_guild_channels
from tests.bot.discord.conftest import Live, ready
from tests.bot.discord.rooms import deny
from tests.bot.discord.wire import TOKEN, Fault, Kind, WireServer
from tests.bot.discord.wire.gateway import IDENTIFY, RESUME
from tests.bot.fakes import NOW, FakeClock


async def heard(wire: WireServer, op: int, count: int) -> None:
    """Wait until the gateway has heard something that often."""
    async with asyncio.timeout(20):
        while sum(one == op for one, _ in wire.gateway.heard) < count:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "cut",
    [{"code": 4000}, {"code": 1001}, {}, {"ask": True}],
    ids=["closed 4000", "closed 1001", "cut", "asked to reconnect"],
)
@pytest.mark.slow
async def test_a_lost_gateway_is_resumed(live: Live, wire: WireServer, cut: dict[str, Any]) -> None:
    await wire.gateway.lose_sockets(**cut)
    await heard(wire, RESUME, 1)

    assert not live.running.done()
    assert sum(op == IDENTIFY for op, _ in wire.gateway.heard) == 1


@pytest.mark.slow
async def test_a_forgotten_session_is_begun_again(live: Live, wire: WireServer) -> None:
    await wire.gateway.lose_sockets(4000, forget=True)
    await heard(wire, IDENTIFY, 2)

    assert not live.running.done()


async def answered(wire: WireServer, place: int, reader: int) -> None:
    """Let a reader give a command, and wait until it is answered."""
    record = await wire.slash((place, reader), "flow newsletter")
    async with asyncio.timeout(60):
        while not record.responded:
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_a_command_given_while_the_gateway_was_away_is_answered_once_it_is_back(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    await wire.gateway.lose_sockets(4000)

    await answered(wire, place, reader)

    assert sum(op == RESUME for op, _ in wire.gateway.heard) == 1
    assert len(wire.asked("POST", "/callback")) == 1


@pytest.mark.slow
async def test_a_gateway_that_also_refuses_the_way_back_is_met_anew(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    wire.gateway.refusals = 1
    await wire.gateway.lose_sockets(4000)
    await heard(wire, IDENTIFY, 2)

    await answered(wire, place, reader)

    assert not live.running.done()


async def test_the_note_is_posted_while_the_gateway_is_down(
    live: Live, wire: WireServer, place: int
) -> None:
    wire.gateway.refusals = 5
    await wire.gateway.lose_sockets()
    await live.desk.promise()

    [row] = await live.desk.deliver()

    assert row.state == "sent"
    assert len(wire.messages(place)) == 1


@pytest.mark.slow
async def test_a_gateway_that_refuses_the_first_handshake_is_asked_again(
    ledger: Ledger, wire: WireServer, guild: int
) -> None:
    wire.gateway.refusals = 1
    bot = discord_bot(DiscordValues(TOKEN, api_base=wire.api_base), ledger, FakeClock(NOW))
    stopping = asyncio.Event()
    running = asyncio.create_task(
        run_discord(bot.values, ledger, bot.clock, bot=bot, stopping=stopping)
    )

    await ready(bot)

    assert not running.done()
    stopping.set()
    await running


async def test_a_wrong_token_ends_the_process_and_is_not_tried_again(
    ledger: Ledger, wire: WireServer
) -> None:
    values = DiscordValues("wrong", api_base=wire.api_base)

    with pytest.raises(TokenRefusedError, match="UNDERTOW_DISCORD_TOKEN"):
        await run_discord(values, ledger, FakeClock(NOW))

    assert len(wire.rest.log) == 1


async def test_a_token_refused_later_ends_the_process_too(live: Live, wire: WireServer) -> None:
    await live.desk.promise()
    wire.fault(Fault("POST", "/channels/*/messages", Kind.STATUS, status=401))

    await live.desk.deliver()

    with pytest.raises(TokenRefusedError):
        await live.running
    live.running = asyncio.create_task(asyncio.sleep(0))


async def test_commands_are_told_to_discord_only_when_they_changed(
    live: Live, wire: WireServer
) -> None:
    told = len(wire.asked("PUT", "/commands"))

    changed = await live.bot.sync_commands()

    assert (told, changed) == (1, False)
    assert len(wire.asked("PUT", "/commands")) == 1


async def test_a_known_missing_permission_asks_nothing_of_discord(
    live: Live, wire: WireServer, place: int
) -> None:
    deny(wire.backend, place, send_messages=True)
    await asyncio.sleep(0.1)
    await live.desk.promise()

    [row] = await live.desk.deliver()

    async with live.desk.ledger.read() as tx:
        [kept] = await list_guild_channels(tx)
    assert (row.state, row.detail) == ("failed", "missing permissions: Send Messages")
    assert kept.health == "missing:send_messages"
    assert not wire.asked("POST", f"/channels/{place}/messages")


async def test_a_permission_that_comes_back_brings_todays_note(
    live: Live, wire: WireServer, place: int
) -> None:
    deny(wire.backend, place, send_messages=True)
    await asyncio.sleep(0.1)
    await live.desk.promise()
    await live.desk.deliver()
    deny(wire.backend, place)
    await asyncio.sleep(0.3)

    [row] = await live.desk.deliver()

    assert row.state == "sent"
    assert len(wire.messages(place)) == 1


async def test_no_files_leaves_the_bars_and_no_embeds_leaves_text(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    plain = int(wire.backend.create_channel(guild, "plain").id)
    await live.desk.want(GuildChannel(plain, guild))
    deny(wire.backend, place, attach_files=True)
    deny(wire.backend, plain, embed_links=True)
    await asyncio.sleep(0.1)
    await live.desk.promise()

    await live.desk.deliver()

    [bars], [text] = wire.messages(place), wire.messages(plain)
    assert (bars["attachments"], bars["content"]) == ([], "")
    assert text["content"].startswith("**Most of the buying was forced**")
    assert len(text["content"]) <= 2000


async def test_leaving_a_guild_stops_its_posts_and_an_outage_does_not(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    wire.backend.emit("GUILD_DELETE", {"id": str(guild), "unavailable": True})
    await asyncio.sleep(0.2)
    async with live.desk.ledger.read() as tx:
        during_the_outage = await standing_guilds(tx)
    await live.desk.promise()
    wire.backend.remove_guild(guild)
    await asyncio.sleep(0.3)

    [row] = await live.desk.deliver()

    async with live.desk.ledger.read() as tx:
        [kept] = await list_guild_channels(tx)
        assert await standing_guilds(tx) == set()
    assert guild in during_the_outage
    assert (row.state, kept.enabled, kept.health) == ("skipped", False, "left")


async def test_thirty_days_after_leaving_nothing_of_a_guild_is_left(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    await live.desk.promise()
    await live.desk.deliver()
    await live.bot.guilds_desk.left(guild)
    live.desk.clock.move(days=31)

    purged = await live.bot.guilds_desk.purge()

    async with live.desk.ledger.read() as tx:
        assert await list_guild_channels(tx) == []
    [row] = await live.desk.rows()
    assert (purged, row.target, row.reference) == (1, f"forgotten {row.id}", None)


async def test_a_session_that_may_not_go_on_ends_the_process(live: Live, wire: WireServer) -> None:
    invalid_intents = 4013

    await wire.gateway.lose_sockets(invalid_intents)

    with pytest.raises(GatewayLostError, match="start the desk again"):
        await live.running
    live.running = asyncio.create_task(asyncio.sleep(0))


async def test_a_stopping_desk_finishes_what_it_has_in_hand(
    live: Live, wire: WireServer, place: int
) -> None:
    await live.desk.promise()
    wire.fault(Fault("POST", "/channels/*/messages", Kind.SLOW, delay_seconds=0.6))
    sending = asyncio.create_task(live.desk.deliver())
    async with asyncio.timeout(30):
        while not wire.asked("POST", f"/channels/{place}/messages"):
            await asyncio.sleep(0.02)

    live.stopping.set()
    await live.running
    [row] = await sending

    assert row.state == "sent"
    assert len(wire.messages(place)) == 1
