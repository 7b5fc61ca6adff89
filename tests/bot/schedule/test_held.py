"""A held note waits for a person or for its time to pass; neither leaves an alarm standing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.edition import NOTE, REVISION, WritingError
from bot.errors import DeskError
from bot.ledger.deliveries import list_deliveries
from bot.ledger.runs import Job, RunState, find_run, held_runs
from bot.schedule.due import DIGEST, PUBLISH, REVISE
from bot.schedule.held import drop, release
from tests.bot.schedule.test_runner import EVENING, FRIDAY, THURSDAY, House, house

__all__ = ["house"]

DOUBT = ("the same figures as yesterday",)


async def test_an_operator_may_let_a_doubtful_note_go_out(house: House) -> None:
    house.pen.trouble = lambda session: DOUBT
    await house.ring_at("2025-11-21 22:15")
    house.clock.now = EVENING

    end = await release(house.runner(), FRIDAY)

    edition = await house.edition(FRIDAY)
    assert (end.state, end.detail) == (RunState.DONE, "published: 2 deliveries")
    assert edition is not None
    assert edition.is_frozen
    assert edition.reason == "released by hand over: the same figures as yesterday"
    assert house.alarms.standing == {}
    assert await house.deliveries() == ["mail Fri note", "shelf Fri note"]


async def test_a_note_that_cannot_be_written_stays_held_whatever_is_said(house: House) -> None:
    house.pen.trouble = lambda session: WritingError(session, "no prices yet")
    await house.ring_at("2025-11-21 22:15")

    end = await release(house.runner(), FRIDAY)

    assert (end.state, end.detail) == (RunState.WAITING, "2025-11-21: no prices yet")
    assert await house.deliveries() == []


async def test_a_dropped_note_is_given_up_with_its_reason_and_never_tried_again(
    house: House,
) -> None:
    house.pen.trouble = lambda session: DOUBT
    await house.ring_at("2025-11-21 22:15")

    await drop(house.runner(), FRIDAY)

    house.pen.trouble = lambda session: ()
    assert "publish Fri" not in dict(await house.ring_at("2025-11-21 23:00"))
    async with house.ledger.read() as tx:
        run = await find_run(tx, Job(FRIDAY, PUBLISH))
        assert await held_runs(tx) == []
        assert await list_deliveries(tx) == []
    assert run is not None
    assert (run.state, run.detail) == (RunState.GIVEN_UP, f"dropped by hand: {DOUBT[0]}")
    assert house.alarms.standing == {}


@pytest.mark.parametrize("act", [release, drop])
async def test_only_what_is_held_can_be_released_or_dropped(house: House, act: object) -> None:
    await house.ring_at("2025-11-21 22:15")
    assert callable(act)

    with pytest.raises(DeskError, match="is not held, it is done"):
        await act(house.runner(), FRIDAY)
    with pytest.raises(DeskError, match="has not been tried yet"):
        await act(house.runner(), THURSDAY)


async def test_a_held_revision_is_closed_when_its_time_is_over(house: House) -> None:
    await house.ring_at("2025-11-21 22:15")
    house.pen.trouble = lambda session: DOUBT
    await house.ring_at("2025-11-24 13:33")
    assert list(house.alarms.standing) == ["held:revise:2025-11-21"]

    house.pen.trouble = lambda session: ()
    await house.ring_at("2025-11-24 22:30")

    async with house.ledger.read() as tx:
        run = await find_run(tx, Job(FRIDAY, REVISE))
    assert run is not None
    assert (run.state, run.detail) == (RunState.GIVEN_UP, f"its time is over: {DOUBT[0]}")
    assert house.alarms.standing == {}
    assert await house.edition(FRIDAY, REVISION) is None


async def test_the_digest_waits_for_a_held_last_note_until_saturday_night(house: House) -> None:
    house.pen.trouble = lambda session: DOUBT
    await house.ring_at("2025-11-21 22:15")

    assert "digest Fri" not in dict(await house.ring_at("2025-11-22 14:30"))
    assert "digest Fri" in dict(await house.ring_at("2025-11-23 02:01"))
    async with house.ledger.read() as tx:
        assert await find_run(tx, Job(FRIDAY, DIGEST)) is not None


async def test_the_digest_follows_at_once_when_the_last_note_is_out(house: House) -> None:
    house.pen.trouble = lambda session: DOUBT
    await house.ring_at("2025-11-21 22:15")
    house.clock.now = datetime(2025, 11, 22, 14, 30, tzinfo=UTC)
    await release(house.runner(), FRIDAY)

    assert "digest Fri" in dict(await house.ring_at("2025-11-22 14:31"))
    assert (await house.edition(FRIDAY, NOTE)) is not None
