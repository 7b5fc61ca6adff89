"""However many ask at once, the bot takes on what it can answer, and answers what it took on."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from bot.discord.in_hand import InHand
from tests.bot.discord.conftest import Live
from tests.bot.discord.test_ops import answer_of
from tests.bot.discord.wire import Fault, Kind, WireServer


class Door:
    """The archive behind a door: nobody is answered before it opens."""

    def __init__(self, live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = asyncio.Event()
        self.sessions = live.bot.archive.sessions
        monkeypatch.setattr(live.bot.archive, "sessions", self.ask)

    async def ask(self) -> object:
        """Wait for the door, then ask the archive."""
        await self.opened.wait()
        return await self.sessions()


async def given_up(asking: Sequence[asyncio.Task[object]]) -> None:
    """Wait for those no longer who were turned away."""
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def until(live: Live, in_hand: int, turned_away: int = 0) -> None:
    """Wait until so many answers are in hand and so many askers were turned away."""
    async with asyncio.timeout(30):
        while (len(live.bot.in_hand), live.bot.in_hand.turned_away) != (in_hand, turned_away):
            await asyncio.sleep(0.01)


async def test_beyond_what_can_be_answered_in_time_nobody_is_taken_on(
    live: Live, wire: WireServer, place: int, reader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live.publish()
    door = Door(live, monkeypatch)
    live.bot.in_hand.most = 3

    asking: list[asyncio.Task[object]] = [
        asyncio.create_task(wire.slash((place, reader), "flow today", share=number == 0))
        for number in range(5)
    ]
    await until(live, in_hand=3, turned_away=2)
    door.opened.set()
    await until(live, in_hand=0)
    after = await wire.slash((place, reader), "flow newsletter")

    answered = {one.path.split("/")[2] for one in wire.asked("POST", "/callback")}
    assert len(answered - {str(after.id)}) == 3
    assert after.responded
    await given_up(asking)


async def test_buttons_and_what_is_offered_while_typing_are_counted_too(
    live: Live, wire: WireServer, place: int, reader: int
) -> None:
    await live.desk.promise()
    await live.desk.deliver()
    [post] = wire.messages(place)
    live.bot.in_hand.most = 0

    asking: list[asyncio.Task[object]] = [
        asyncio.create_task(
            wire.click((place, reader), int(post["id"]), "ut:drivers:20251121:note")
        ),
        asyncio.create_task(wire.complete((place, reader), "flow date", "date", "")),
    ]
    await until(live, in_hand=0, turned_away=2)

    await given_up(asking)


async def test_a_desk_that_stops_gives_the_answers_it_has_in_hand(
    live: Live, wire: WireServer, place: int, reader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live.publish()
    door = Door(live, monkeypatch)
    asking = asyncio.create_task(wire.slash((place, reader), "flow today"))
    await until(live, in_hand=1)

    live.stopping.set()
    async with asyncio.timeout(30):
        while not live.bot.in_hand.is_closing:
            await asyncio.sleep(0.01)
    door.opened.set()
    record = await asking
    await live.running

    assert "Most of the buying was forced" in answer_of(wire, record)


async def test_an_answer_that_discord_never_takes_is_logged_and_let_go(
    live: Live,
    wire: WireServer,
    place: int,
    reader: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await live.publish()
    wire.fault(Fault("POST", "/interactions/*", Kind.DROP, times=100))

    asking = asyncio.create_task(wire.slash((place, reader), "flow newsletter"))
    async with asyncio.timeout(30):
        while not wire.asked("POST", "/callback"):
            await asyncio.sleep(0.01)
    await until(live, in_hand=0)
    asking.cancel()

    said = capsys.readouterr().out
    assert "command_failed" in said
    assert "error_not_told" in said


async def test_what_a_task_fails_with_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    in_hand = InHand()

    async def answer() -> date:
        in_hand.take()
        return date.fromisoformat("no day")

    await asyncio.gather(asyncio.create_task(answer()), return_exceptions=True)

    assert "answer_failed" in capsys.readouterr().out
    assert len(in_hand) == 0


async def test_an_answer_nobody_can_be_given_any_more_is_given_up() -> None:
    in_hand = InHand(longest_seconds=0.0)

    async def answer() -> None:
        in_hand.take()
        await asyncio.Event().wait()

    task = asyncio.create_task(answer())
    await asyncio.wait({task}, timeout=30)

    assert task.cancelled()
    assert len(in_hand) == 0
