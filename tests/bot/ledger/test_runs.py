"""A job of a session is done by one machine, and by another when the first one dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.ledger import Ledger
from bot.ledger.runs import Job, RunEnd, RunRow, RunState, claim_run, end_run, extend_run, find_run
from tests.bot.conftest import AFTER_THE_CLOSE, FRIDAY

PUBLISH = Job(FRIDAY, "publish")
LEASE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)


async def claim(ledger: Ledger, owner: str, minutes: float = 0) -> RunRow | None:
    async with ledger.write() as tx:
        return await claim_run(tx, PUBLISH, owner, AFTER_THE_CLOSE + minutes * MINUTE, LEASE)


async def end(ledger: Ledger, owner: str, how: RunEnd) -> bool:
    async with ledger.write() as tx:
        return await end_run(tx, PUBLISH, owner, how, AFTER_THE_CLOSE)


async def test_of_ten_that_hear_the_bell_one_gets_the_job(ledger: Ledger) -> None:
    claims = await asyncio.gather(*(claim(ledger, f"worker {n}") for n in range(10)))

    assert sum(row is not None for row in claims) == 1


async def test_a_job_done_is_never_done_again(ledger: Ledger) -> None:
    await claim(ledger, "ana")

    assert await end(ledger, "ana", RunEnd(RunState.DONE))
    assert await claim(ledger, "bo", minutes=600) is None


async def test_a_dead_workers_job_is_taken_over_and_its_late_word_ignored(ledger: Ledger) -> None:
    await claim(ledger, "ana")

    too_early = await claim(ledger, "bo", minutes=1)
    taken = await claim(ledger, "bo", minutes=2)

    assert too_early is None
    assert taken is not None
    assert (taken.owner, taken.tries) == ("bo", 2)
    assert not await end(ledger, "ana", RunEnd(RunState.DONE))


async def test_a_long_job_keeps_its_lease(ledger: Ledger) -> None:
    await claim(ledger, "ana")
    async with ledger.write() as tx:
        kept = await extend_run(tx, PUBLISH, "ana", AFTER_THE_CLOSE + MINUTE, LEASE)
        stolen = await extend_run(tx, PUBLISH, "bo", AFTER_THE_CLOSE + MINUTE, LEASE)

    assert (kept, stolen) == (True, False)
    assert await claim(ledger, "bo", minutes=2.5) is None


async def test_a_held_job_waits_for_its_time_with_its_reason(ledger: Ledger) -> None:
    await claim(ledger, "ana")
    again_at = AFTER_THE_CLOSE + 10 * MINUTE
    await end(ledger, "ana", RunEnd(RunState.WAITING, "no prices yet", not_before=again_at))

    too_early = await claim(ledger, "bo", minutes=9)
    async with ledger.read() as tx:
        waiting = await find_run(tx, PUBLISH)
    taken = await claim(ledger, "bo", minutes=10)

    assert too_early is None
    assert waiting is not None
    assert (waiting.detail, waiting.is_finished) == ("no prices yet", False)
    assert taken is not None
