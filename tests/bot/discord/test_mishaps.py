"""What may happen to a server, a role or the token while the desk is running."""

from __future__ import annotations

import asyncio
import json

import discord
import pytest

from bot.alerts import AlertDesk
from bot.discord.guilds import STILL_NEWS
from bot.discord.rest import DiscordValues
from bot.discord.run import answer_beside, discord_bot
from bot.ledger import Ledger
from bot.ledger.discord import standing_guilds
from bot.ledger.guilds import GuildChannel, list_guild_channels
from tests.bot.discord.conftest import Live, PostingDesk
from tests.bot.discord.rooms import deny
from tests.bot.discord.wire import WireServer
from tests.bot.fakes import NOW, FakeClock


async def places_of(desk: PostingDesk) -> list[GuildChannel]:
    """Return every channel's settings."""
    async with desk.ledger.read() as tx:
        return await list_guild_channels(tx)


async def test_a_refused_token_turns_discord_off_and_the_desk_goes_on(
    ledger: Ledger, wire: WireServer
) -> None:
    clock = FakeClock(NOW)
    told: list[str] = []

    class Book(AlertDesk):
        async def alarm(self, key: str, words: str) -> None:
            told.append(f"{key}: {words}")

    bot = discord_bot(DiscordValues("wrong", api_base=wire.api_base), ledger, clock)

    await answer_beside(bot, asyncio.Event(), Book(ledger, clock))

    assert len(told) == 1
    assert told[0].startswith("discord:token: Discord refuses the token in UNDERTOW_DISCORD_TOKEN")
    assert told[0].endswith("Everything but Discord goes on")
    assert len(wire.rest.log) == 1


async def test_a_post_after_a_refused_token_waits_and_asks_nothing(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.bot.rest.refuse()
    await desk.bot.rest.finish()

    [row] = await desk.deliver()

    assert (row.state, row.code) == ("pending", "401")
    assert desk.wire.rest.log == []


async def test_who_comes_back_gets_the_note_again_and_what_was_paused_stays_paused(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    paused = int(wire.backend.create_channel(guild, "paused").id)
    await live.desk.want(GuildChannel(paused, guild, enabled=False))
    await live.bot.guilds_desk.left(guild)
    gone = {one.channel_id: one.enabled for one in await places_of(live.desk)}
    known = live.bot.get_guild(guild)
    assert known is not None

    await live.bot.on_guild_available(known)

    back = {one.channel_id: (one.enabled, one.health) for one in await places_of(live.desk)}
    assert gone == {place: False, paused: False}
    assert back == {place: (True, "ok"), paused: (False, "ok")}
    async with live.desk.ledger.read() as tx:
        assert guild in await standing_guilds(tx)


async def test_a_role_that_is_gone_is_called_no_more(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    role = int(wire.backend.create_role(guild, "readers").id)
    await live.desk.want(GuildChannel(place, guild, role_id=role))
    await asyncio.sleep(0.1)
    wire.backend.delete_role(guild, role)
    await asyncio.sleep(0.2)
    await live.desk.promise()

    await live.desk.deliver()

    [kept] = await places_of(live.desk)
    [message] = wire.messages(place)
    assert kept.role_id is None
    assert str(role) not in json.dumps(message["components"])


async def test_a_role_that_went_unnoticed_is_not_called_either(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    await live.desk.want(GuildChannel(place, guild, role_id=4242))
    await live.desk.promise()

    await live.desk.deliver()

    [message] = wire.messages(place)
    assert "4242" not in json.dumps(message["components"])


async def test_every_night_each_channel_is_looked_at(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    deny(wire.backend, place, send_messages=True)
    await asyncio.sleep(0.1)
    await live.bot.guilds_desk.inspect()
    [silenced] = await places_of(live.desk)
    async with asyncio.timeout(5):
        deny(wire.backend, place)
        await asyncio.sleep(0.1)
    live.desk.clock.move(hours=STILL_NEWS.total_seconds() / 3600)

    await live.bot.guilds_desk.inspect()

    [free] = await places_of(live.desk)
    assert (silenced.health, free.health) == ("missing:send_messages", "ok")


async def test_a_thread_that_was_archived_gets_its_note(
    live: Live, wire: WireServer, guild: int, place: int
) -> None:
    backend = wire.backend
    thread = backend.create_thread(place, "daily", owner_id=backend.bot_user.id)
    await live.desk.want(GuildChannel(int(thread.id), guild, kind="thread"))
    backend.edit_channel(thread.id, {}, thread_metadata={"archived": True})
    await asyncio.sleep(0.1)
    await live.desk.promise()

    await live.desk.deliver()

    assert len([one for one in wire.messages(int(thread.id)) if one["type"] == 0]) == 1


@pytest.mark.parametrize("chosen", [discord.Object(7), "7"])
def test_a_menu_may_name_a_channel_by_its_id_alone(chosen: object) -> None:
    from bot.discord.panel_items import id_of

    assert id_of(chosen) == 7
