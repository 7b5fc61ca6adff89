"""The bell rings, rings again when the clock was set, and never twice at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.schedule.bell import Bell
from tests.bot.fakes import FakeClock


async def until_quiet() -> None:
    """Let everything that is ready run."""
    for _ in range(20):
        await asyncio.sleep(0.01)


async def test_it_rings_at_once_and_stops_when_told() -> None:
    rings: list[int] = []

    async def answer() -> None:
        rings.append(1)

    clock = FakeClock()
    bell = Bell(answer, clock)
    bell.start()
    await until_quiet()
    await bell.stop()
    await until_quiet()

    assert len(rings) == 1
    assert bell.rung_at == clock.now


async def test_a_clock_set_back_an_hour_does_not_silence_it() -> None:
    rings: list[int] = []

    async def answer() -> None:
        rings.append(1)

    clock = FakeClock()
    bell = Bell(answer, clock)
    bell.start()
    await until_quiet()

    steady = bell.check_clock()
    clock.move(hours=-1)
    stepped = bell.check_clock()
    after = bell.check_clock()
    await until_quiet()
    await bell.stop()

    assert (steady, stepped, after) == (False, True, False)
    assert len(rings) == 2


async def test_while_a_ring_is_answered_another_is_not_begun() -> None:
    answering = asyncio.Event()
    begun: list[int] = []

    async def answer() -> None:
        begun.append(1)
        await answering.wait()

    bell = Bell(answer, FakeClock(), every=timedelta(minutes=1))
    first = asyncio.create_task(bell.ring())
    await until_quiet()
    await bell.ring()
    answering.set()
    await first

    assert begun == [1]
