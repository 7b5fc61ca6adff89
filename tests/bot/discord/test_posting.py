"""The note reaches a channel once, whatever happens on the way."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import discord
import pytest

from bot.discord.editions import PENDING
from bot.discord.pending import withdraw
from bot.edition import AGAIN, REVISION
from bot.ledger.discord import find_guild_channel
from bot.ledger.guilds import GuildChannel
from tests.bot.discord.conftest import PostingDesk
from tests.bot.discord.notes import FRIDAY, a_note
from tests.bot.discord.rooms import deny
from tests.bot.discord.wire import Fault, Kind, WireServer

POST = "/channels/*/messages"


def texts(message: dict[str, Any]) -> str:
    """Return everything a message says, its components' words too."""
    found = [message.get("content") or ""]
    found += [embed.get("description") or "" for embed in message.get("embeds") or []]
    waiting = list(message.get("components") or [])
    while waiting:
        one = waiting.pop(0)
        found.append(one.get("content") or "")
        waiting = list(one.get("components") or []) + waiting
    return "\n".join(found)


async def test_a_note_is_one_post_with_its_picture_and_three_buttons(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()

    [row] = await desk.deliver()

    [message] = desk.wire.messages(place)
    assert (row.state, row.reference) == ("sent", message["id"])
    said = texts(message)
    assert "Most of the buying was forced" in said
    assert "about $9.2 billion" in said
    assert [one["filename"] for one in message["attachments"]] == ["drivers.png"]
    assert discord.MessageFlags._from_value(message["flags"]).components_v2


async def test_a_note_nobody_asked_for_goes_nowhere(desk: PostingDesk, place: int) -> None:
    await desk.promise()

    assert await desk.deliver() == []
    assert desk.wire.messages(place) == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_is_tried_again_and_posts_once(
    desk: PostingDesk, guild: int, place: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.http.asyncio.sleep", _no_sleep)
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.fault(Fault("POST", POST, Kind.STATUS, status=status))

    [row] = await desk.deliver()

    assert row.state == "sent"
    assert len(desk.wire.messages(place)) == 1


async def _no_sleep(_seconds: float) -> None:
    return None


@pytest.mark.parametrize("kind", [Kind.DONE_THEN_DROP, Kind.DONE_THEN_STATUS])
async def test_an_answer_lost_after_the_post_doubles_nothing(
    desk: PostingDesk, guild: int, place: int, kind: Kind
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.fault(Fault("POST", POST, kind, status=503))

    [row] = await desk.deliver()

    assert row.state == "sent"
    assert len(desk.wire.messages(place)) == 1


async def test_with_every_answer_lost_the_post_is_found_in_the_channel(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.fault(Fault("POST", POST, Kind.DONE_THEN_DROP, times=3))

    [row] = await desk.deliver()

    assert row.state == "sent"
    assert [message["id"] for message in desk.wire.messages(place)] == [row.reference]


async def test_with_discord_away_the_note_waits_and_then_is_posted_once(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.fault(Fault("*", POST, Kind.STATUS, status=503, times=4))

    [waiting] = await desk.deliver()
    desk.clock.move(minutes=2)
    [row] = await desk.deliver()

    assert (waiting.state, row.state, row.attempts) == ("pending", "sent", 2)
    assert len(desk.wire.messages(place)) == 1


async def test_without_the_right_to_look_nobody_guesses(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    deny(desk.wire.backend, place, read_message_history=True)
    desk.wire.fault(Fault("POST", POST, Kind.DONE_THEN_DROP, times=3))

    [row] = await desk.deliver()

    assert row.state == "in_doubt"
    assert len(desk.wire.messages(place)) == 1


async def test_two_guilds_get_a_post_each_though_discord_compares_nonces_by_author(
    desk: PostingDesk, guild: int, place: int
) -> None:
    other = int(desk.wire.backend.create_guild("Another desk").id)
    there = int(desk.wire.backend.create_channel(other, "notes").id)
    await desk.ask_for_notes(guild, place)
    await desk.ask_for_notes(other, there)
    await desk.promise()

    await desk.deliver()

    assert (len(desk.wire.messages(place)), len(desk.wire.messages(there))) == (1, 1)


async def test_a_missing_permission_is_told_and_not_tried_again(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    deny(desk.wire.backend, place, send_messages=True)

    [row] = await desk.deliver()
    desk.clock.move(minutes=10)
    await desk.deliver()

    async with desk.ledger.read() as tx:
        kept = await find_guild_channel(tx, place)
    assert row.state == "failed"
    assert len(desk.wire.asked("POST", "/messages")) == 1
    assert kept is not None
    assert (kept.health, kept.enabled, kept.failures) == ("missing:50013", True, 1)


async def test_a_deleted_channel_is_switched_off(desk: PostingDesk, guild: int, place: int) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.backend.delete_channel(place)

    [row] = await desk.deliver()

    async with desk.ledger.read() as tx:
        kept = await find_guild_channel(tx, place)
    assert (row.state, row.code) == ("failed", "10003")
    assert kept is not None
    assert (kept.health, kept.enabled) == ("channel_gone", False)


async def test_a_refused_token_stops_every_further_request(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.wire.fault(Fault("POST", POST, Kind.STATUS, status=401))

    [row] = await desk.deliver()
    asked = len(desk.wire.rest.log)
    desk.clock.move(hours=7)
    await desk.deliver()

    assert desk.bot.rest.refused.is_set()
    assert (row.state, row.code) == ("pending", "401")
    assert len(desk.wire.rest.log) == asked


async def test_the_ban_of_an_address_stops_the_whole_channel(
    desk: PostingDesk, guild: int, place: int
) -> None:
    more = [int(desk.wire.backend.create_channel(guild, f"room-{n}").id) for n in range(3)]
    for one in (place, *more):
        await desk.ask_for_notes(guild, one)
    await desk.promise()
    desk.wire.fault(Fault("POST", POST, Kind.STATUS, status=429, headers={}, times=9))

    await desk.deliver()
    asked = len(desk.wire.asked("POST", "/messages"))
    desk.clock.move(minutes=5)
    await desk.deliver()

    assert len(desk.wire.asked("POST", "/messages")) == asked


async def test_components_refused_become_an_embed_and_then_text(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    refused = {"message": "Invalid Form Body", "code": 50035}
    desk.wire.fault(Fault("POST", POST, Kind.STATUS, status=400, body=refused))

    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert message["embeds"][0]["title"] == "Most of the buying was forced"
    assert len(message["attachments"]) == 1


async def test_a_picture_too_large_leaves_the_bars(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    too_large = {"message": "Request entity too large", "code": 40005}
    desk.wire.fault(Fault("POST", POST, Kind.STATUS, status=413, body=too_large))

    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert message["attachments"] == []
    assert "▰▰▰▰▰" in texts(message)


async def test_a_revision_changes_the_post_that_stands(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    await desk.deliver()
    await desk.promise(a_note(title="Half of the buying was forced"), REVISION)

    rows = await desk.deliver()

    [message] = desk.wire.messages(place)
    assert [row.state for row in rows] == ["sent", "sent"]
    assert "Half of the buying was forced" in texts(message)
    assert "Corrected <t:" in texts(message)


async def test_late_data_are_said_once_and_the_post_becomes_the_note(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise(kind=PENDING)
    await desk.deliver()
    [before] = desk.wire.messages(place)
    await desk.promise()

    await desk.deliver()

    [after] = desk.wire.messages(place)
    assert "Data pending" in texts(before)
    assert after["id"] == before["id"]
    assert "Most of the buying was forced" in texts(after)


async def test_a_withdrawn_note_says_so_in_place_and_is_posted_nowhere_else(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    await desk.deliver()
    await withdraw(desk.ledger, desk.channel, FRIDAY, "A price file was wrong.", desk.clock())

    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert "This note was withdrawn" in texts(message)
    assert "A price file was wrong." in texts(message)
    assert "$9.2 billion" not in texts(message)


async def test_a_note_published_again_is_back_in_the_post_that_said_it_was_withdrawn(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    await desk.deliver()
    [first] = desk.wire.messages(place)
    await withdraw(desk.ledger, desk.channel, FRIDAY, "A price file was wrong.", desk.clock())
    await desk.deliver()

    await desk.promise(kind=AGAIN)
    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert message["id"] == first["id"]
    assert "$9.2 billion" in texts(message)
    assert "Withdrawn for a while; published again <t:" in texts(message)
    assert [one["filename"] for one in message["attachments"]] == ["drivers.png"]


async def test_a_note_published_again_where_it_never_came_is_posted_once(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    await withdraw(desk.ledger, desk.channel, FRIDAY, "A price file was wrong.", desk.clock())
    await desk.deliver()
    before = desk.wire.messages(place)

    await desk.promise(kind=AGAIN)
    desk.wire.fault(Fault("POST", POST, Kind.DONE_THEN_DROP, times=3))
    await desk.deliver()
    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert before == []
    assert "$9.2 billion" in texts(message)


async def test_followers_get_the_note_and_a_failure_to_reach_them_costs_nothing(
    desk: PostingDesk, guild: int
) -> None:
    news = int(desk.wire.backend.create_channel(guild, "news", type=5).id)
    await desk.want(GuildChannel(news, guild, kind="news", crosspost=True))
    await desk.promise()
    desk.wire.fault(Fault("POST", "*/crosspost", Kind.STATUS, status=403))

    [row] = await desk.deliver()

    assert row.state == "sent"
    assert len(desk.wire.asked("POST", "/crosspost")) == 1


async def test_a_forum_gets_a_thread_of_its_own(desk: PostingDesk, guild: int) -> None:
    forum = int(desk.wire.backend.create_channel(guild, "notes", type=15).id)
    await desk.want(GuildChannel(forum, guild, kind="forum"))
    await desk.promise()

    [row] = await desk.deliver()

    assert row.state == "sent"
    assert len(desk.wire.asked("POST", "/threads")) == 1


async def test_a_revision_changes_what_opens_a_forums_thread(desk: PostingDesk, guild: int) -> None:
    forum = int(desk.wire.backend.create_channel(guild, "notes", type=15).id)
    await desk.want(GuildChannel(forum, guild, kind="forum"))
    await desk.promise()
    await desk.deliver()
    await desk.promise(a_note(title="Half of the buying was forced"), REVISION)

    rows = await desk.deliver()

    [thread] = [one for one in desk.wire.backend.channels.values() if one.parent_id == forum]
    [message] = desk.wire.messages(thread.id)
    assert [row.state for row in rows] == ["sent", "sent"]
    assert "Half of the buying was forced" in texts(message)


async def test_a_channel_with_an_hour_of_its_own_waits_for_it(
    desk: PostingDesk, guild: int, place: int
) -> None:
    hour = time(7, 30)
    await desk.want(GuildChannel(place, guild, "text", False, hour, "Europe/Berlin"))
    await desk.promise()

    [row] = await desk.deliver()

    assert row.state == "pending"
    assert row.not_before - desk.clock() == timedelta(hours=8, minutes=15)


async def test_only_the_role_that_was_asked_for_is_called(
    desk: PostingDesk, guild: int, place: int
) -> None:
    role = int(desk.wire.backend.create_role(guild, "readers").id)
    await desk.want(GuildChannel(place, guild, role_id=role))
    await desk.promise()

    await desk.deliver()

    [asked] = desk.wire.asked("POST", "/messages")
    assert asked.body["allowed_mentions"] == {"parse": [], "roles": [role]}


async def test_the_bucket_of_a_route_is_waited_for(
    desk: PostingDesk, guild: int, place: int, wire: WireServer
) -> None:
    rooms = [place, *(int(wire.backend.create_channel(guild, f"r{n}").id) for n in range(2))]
    for room in rooms:
        await desk.ask_for_notes(guild, room)
    await desk.promise()
    wire.fault(
        Fault(
            "POST",
            POST,
            Kind.STATUS,
            status=429,
            body={"message": "slow down", "retry_after": 0.3, "global": True},
        )
    )

    rows = await desk.deliver()

    assert [row.state for row in rows] == ["sent"] * 3
    assert [len(wire.messages(room)) for room in rooms] == [1, 1, 1]
