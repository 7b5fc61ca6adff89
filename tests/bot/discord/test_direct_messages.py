"""In a direct message, over the wire: asked, the bot answers; it never writes to anyone first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.discord.client import UndertowBot
from bot.discord.run import discord_bot
from tests.bot.discord.conftest import Live, PostingDesk
from tests.bot.discord.notes import a_note
from tests.bot.discord.rooms import THURSDAY
from tests.bot.discord.test_commands import COMMANDS
from tests.bot.discord.test_ops import answer_of, given
from tests.bot.discord.test_posting import POST, texts
from tests.bot.discord.wire import Fault, Kind, WireServer

CLOSED = {"message": "Cannot send messages to this user", "code": 50007}


@pytest.fixture
def reader(wire: WireServer) -> int:
    """Return the id of somebody who shares no server with the bot."""
    return int(wire.backend.make_user("bea").id)


@pytest.fixture
def message_room(wire: WireServer, reader: int) -> int:
    """Return the id of the reader's direct messages with the bot."""
    return int(wire.backend.get_dm_channel(reader).id)


@pytest.mark.slow
async def test_every_command_answers_in_direct_messages_over_the_wire(
    live: Live, wire: WireServer, reader: int, message_room: int
) -> None:
    await live.publish(a_note(THURSDAY), a_note())

    for command, options in COMMANDS.items():
        said = await given(wire, (message_room, reader), command, **options)
        assert said.strip(), command
        assert "did not work" not in said, command


async def test_who_shut_the_door_to_messages_is_answered_all_the_same_and_never_written_to(
    live: Live, wire: WireServer, reader: int, message_room: int
) -> None:
    await live.publish(a_note(THURSDAY), a_note())
    wire.fault(Fault("POST", "/users/@me/channels", Kind.STATUS, status=403, body=CLOSED))
    wire.fault(Fault("POST", POST, Kind.STATUS, status=403, body=CLOSED, times=100))

    said = await given(wire, (message_room, reader), "flow today")

    assert "Most of the buying was forced" in said
    assert wire.asked("POST", "/users/@me/channels") == []
    assert wire.asked("POST", f"/channels/{message_room}/messages") == []


async def test_a_readers_level_holds_in_direct_messages_and_is_forgotten_there(
    live: Live, wire: WireServer, reader: int, message_room: int
) -> None:
    await live.publish(a_note(THURSDAY), a_note())
    here = (message_room, reader)

    await given(wire, here, "flow level", level="quant")
    kept = await given(wire, here, "privacy")
    await given(wire, here, "delete-my-data")
    gone = await given(wire, here, "privacy")

    assert "your reading level" in kept
    assert "**Of you** I have nothing." in gone


async def test_a_button_pressed_in_direct_messages_is_answered(
    live: Live, wire: WireServer, reader: int, message_room: int
) -> None:
    await live.publish(a_note(THURSDAY), a_note())
    shared = await wire.slash((message_room, reader), "flow today", share=True)
    assert shared.message_id is not None

    pressed = await wire.click(
        (message_room, reader), shared.message_id, "ut:drivers:20251121:note"
    )

    assert "**Leveraged-ETF rebalancing** · extreme buying" in answer_of(wire, pressed)


async def in_messages(desk: PostingDesk, room: int) -> UndertowBot:
    """Give the desk a bot whose settings name somebody's direct messages as the channel."""
    values = replace(desk.bot.values, channel_id=room)
    await desk.bot.close()
    return discord_bot(values, desk.ledger, desk.clock)


async def test_an_operators_own_messages_can_be_the_channel_of_the_settings(
    desk: PostingDesk, wire: WireServer, message_room: int
) -> None:
    desk.bot = await in_messages(desk, message_room)
    await desk.promise()

    [row] = await desk.deliver()

    [message] = wire.messages(message_room)
    assert (row.state, row.reference) == ("sent", message["id"])
    assert "Most of the buying was forced" in texts(message)
    await desk.bot.close()


async def test_messages_that_were_closed_are_asked_once_and_the_note_counts_as_failed(
    desk: PostingDesk, wire: WireServer, message_room: int
) -> None:
    desk.bot = await in_messages(desk, message_room)
    wire.fault(Fault("POST", POST, Kind.STATUS, status=403, body=CLOSED, times=100))
    await desk.promise()

    for _ in range(3):
        await desk.deliver()
        desk.clock.move(minutes=10)

    [row] = await desk.rows()
    assert (row.state, row.code) == ("failed", "50007")
    assert row.detail is not None
    assert "Cannot send messages to this user" in row.detail
    assert len(wire.asked("POST", f"/channels/{message_room}/messages")) == 1
    await desk.bot.close()
