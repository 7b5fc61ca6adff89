"""Late data are said once, ninety minutes after the close, and never before."""

from __future__ import annotations

import pytest

from bot.discord.pending import post_pending
from bot.ledger.runs import begin_on
from tests.bot.discord.conftest import PostingDesk
from tests.bot.discord.notes import FRIDAY
from tests.bot.discord.rooms import Weekdays
from tests.bot.discord.test_posting import texts

CLOSE_HOUR = 21


async def begun(desk: PostingDesk) -> None:
    """Let the desk have begun with Friday."""
    desk.bot.coming.calendar = Weekdays()
    async with desk.ledger.write() as tx:
        await begin_on(tx, FRIDAY, "the desk", desk.clock())


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(22, 29, 0), (22, 30, 1), (23, 59, 1)],
    ids=["89 minutes after the close", "90 minutes", "much later"],
)
async def test_only_after_ninety_minutes_the_channel_hears_of_late_data(
    desk: PostingDesk, guild: int, place: int, hour: int, minute: int, expected: int
) -> None:
    await begun(desk)
    await desk.ask_for_notes(guild, place)
    desk.clock.now = desk.clock.now.replace(hour=hour, minute=minute)

    for _ in range(3):
        await post_pending(desk.bot, desk.channel)
        await desk.deliver()

    assert len(desk.wire.messages(place)) == expected


async def test_a_published_note_is_never_called_pending(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await begun(desk)
    await desk.ask_for_notes(guild, place)
    await desk.promise()
    desk.clock.now = desk.clock.now.replace(hour=CLOSE_HOUR + 2)

    await post_pending(desk.bot, desk.channel)
    await desk.deliver()

    [message] = desk.wire.messages(place)
    assert "Data pending" not in texts(message)


async def test_a_day_without_trading_is_not_waited_for(
    desk: PostingDesk, guild: int, place: int
) -> None:
    await begun(desk)
    await desk.ask_for_notes(guild, place)
    desk.clock.move(days=1, hours=1)

    await post_pending(desk.bot, desk.channel)

    assert await desk.deliver() == []


@pytest.mark.slow
async def test_five_hundred_servers_get_the_note_inside_the_limits(desk: PostingDesk) -> None:
    backend = desk.wire.backend
    desk.wire.limit("POST", "/channels/*/messages", 5, 5.0)
    rooms = []
    for number in range(500):
        guild = int(backend.create_guild(f"server {number}").id)
        rooms.append(int(backend.create_channel(guild, "notes").id))
        await desk.ask_for_notes(guild, rooms[-1])
    await desk.promise()

    while any(row.state == "pending" for row in await desk.rows()):
        await desk.deliver()
        desk.clock.move(seconds=1)

    assert {row.state for row in await desk.rows()} == {"sent"}
    assert [len(desk.wire.messages(room)) for room in rooms] == [1] * 500
    assert desk.wire.rest.limits.refusals == 0
