"""The operator's commands and the panel's refusals, on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from simcord.backend.models import Interaction

from bot.discord.pending import withdraw
from bot.discord.rest import DiscordValues
from bot.discord.run import discord_bot, run_discord
from bot.edition import AGAIN
from bot.restoring import put_back
from tests.bot.discord.conftest import PostingDesk, ready
from tests.bot.discord.notes import FRIDAY
from tests.bot.discord.test_posting import texts
from tests.bot.discord.wire import TOKEN, Fault, Kind, WireServer
from tests.bot.discord.wire.server import COMMAND


@pytest.fixture
def owner(wire: WireServer, guild: int) -> int:
    """Return the id of a member of the operator's server."""
    user = int(wire.backend.make_user("operator").id)
    wire.backend.add_member(guild, user)
    return user


@pytest_asyncio.fixture
async def home(desk: PostingDesk, wire: WireServer, place: int) -> AsyncIterator[PostingDesk]:
    """Give a connected desk whose own channel is named in the settings."""
    values = DiscordValues(TOKEN, channel_id=place, api_base=wire.api_base)
    desk.bot = discord_bot(values, desk.ledger, desk.clock)
    stopping = asyncio.Event()
    running = asyncio.create_task(
        run_discord(values, desk.ledger, desk.clock, bot=desk.bot, stopping=stopping)
    )
    await ready(desk.bot)
    yield desk
    stopping.set()
    await running


def answer_of(wire: WireServer, record: Interaction) -> str:
    """Return what an interaction was answered with."""
    asked = [one for one in wire.rest.log if record.token in one.path and one.body]
    body: dict[str, Any] = asked[-1].body
    return texts(body.get("data") or body)


async def given(wire: WireServer, who: tuple[int, int], command: str, /, **options: object) -> str:
    """Let somebody give a command, and return the answer once more than a promise of it came."""
    record = await wire.slash(who, command, **options)
    async with asyncio.timeout(30):
        while not answer_of(wire, record):
            await asyncio.sleep(0.02)
    return answer_of(wire, record)


async def test_the_channel_of_the_settings_gets_the_note_without_a_panel(
    home: PostingDesk, wire: WireServer, place: int
) -> None:
    await home.promise()

    [row] = await home.deliver()

    assert (row.state, row.target) == ("sent", str(place))


async def test_the_operator_withdraws_a_note_and_its_posts_say_so(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.promise()
    await home.deliver()

    said = await given(
        wire, (place, owner), "ops retract", date="2025-11-21", reason="A price was wrong."
    )
    await home.deliver()

    [post] = [one for one in wire.messages(place) if one["type"] == 0]
    assert "is withdrawn" in said
    assert "A price was wrong." in texts(post)


async def test_a_button_pressed_just_before_its_note_was_withdrawn_is_answered(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.promise()
    await home.deliver()
    [post] = wire.messages(place)
    await given(wire, (place, owner), "ops retract", date="2025-11-21", reason="A price was wrong.")
    await home.deliver()

    record = await wire.click((place, owner), int(post["id"]), "ut:drivers:20251121:note")

    assert record.responded
    assert "A price was wrong." in answer_of(wire, record)


async def test_the_operator_puts_a_withdrawn_note_back_into_its_post(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.promise()
    await home.deliver()
    [first] = wire.messages(place)
    await given(wire, (place, owner), "ops retract", date="2025-11-21", reason="A price was wrong.")
    await home.deliver()

    asked = await wire.slash((place, owner), "ops publish-again", date="2025-11-21")
    question = max(wire.backend.messages[place])
    pressed = await wire.click((place, owner), question, "ut:again:20251121:retraction")
    async with asyncio.timeout(30):
        while "stands again" not in answer_of(wire, pressed):
            await asyncio.sleep(0.02)
    await home.deliver()

    post = next(one for one in wire.messages(place) if one["id"] == first["id"])
    assert "Withdrawn, because** A price was wrong." in answer_of(wire, asked)
    assert "$9.2 billion" in texts(post)
    assert "Withdrawn for a while; published again <t:" in texts(post)


async def test_what_failed_to_come_back_is_tried_again_by_republish(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.promise()
    await home.deliver()
    await withdraw(home.ledger, home.channel, FRIDAY, "A price was wrong.", home.clock())
    await home.deliver()
    await put_back(home.ledger, [home.channel], FRIDAY, home.clock())
    wire.fault(Fault("PATCH", "/channels/*/messages/*", Kind.STATUS, status=400))
    failed = [row.state for row in await home.deliver() if row.edition == AGAIN]

    await given(wire, (place, owner), "ops republish", date="2025-11-21")
    rows = [row.state for row in await home.deliver() if row.edition == AGAIN]

    assert (failed, rows) == (["failed"], ["sent"])
    assert any("$9.2 billion" in texts(one) for one in wire.messages(place))


async def test_the_operator_posts_again_where_it_failed(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    wire.fault(Fault("POST", "/channels/*/messages", Kind.STATUS, status=400))
    await home.promise()
    [failed] = await home.deliver()

    said = await given(wire, (place, owner), "ops republish", date="2025-11-21")
    [row] = await home.deliver()

    assert (failed.state, row.state) == ("failed", "sent")
    assert "1 channel in all, 1 tried again" in said


async def test_the_operator_sees_how_deliveries_stand(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.promise()
    await home.deliver()

    assert "discord: 1 sent" in await given(wire, (place, owner), "ops deliveries")


async def test_the_operator_sees_how_channels_stand(
    home: PostingDesk, wire: WireServer, guild: int, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    await home.ask_for_notes(guild, place)

    said = await given(wire, (place, owner), "ops channels")

    assert "1 fine" in said
    assert "1 server on 1 shard" in said


async def test_commands_that_discord_has_already_are_not_replaced(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    before = len(wire.asked("PUT", "/commands"))

    said = await given(wire, (place, owner), "ops resync")

    assert "Discord has today's commands already." in said
    assert len(wire.asked("PUT", "/commands")) == before


async def test_the_operators_commands_are_found_though_nobody_says_whose_they_are(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = owner
    command = wire.command(place, "ops deliveries", {})
    del command["guild_id"]

    record = await wire.act(COMMAND, (place, owner), command)

    assert "Nothing was promised to anyone." in answer_of(wire, record)


async def test_nobody_else_may_use_the_operators_commands(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    home.bot.owner_id = 1

    said = await given(wire, (place, owner), "ops deliveries")

    assert "Only the owner of this application may do that." in said


async def test_the_panel_refuses_those_who_were_only_let_see_the_command(
    home: PostingDesk, wire: WireServer, place: int, owner: int
) -> None:
    said = await given(wire, (place, owner), "flow-setup channel")

    assert "Only those with **Manage Server** may change what I post here." in said
