"""A session is written, judged and published once, whoever is at work and whatever fails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.edition import NOTE, REVISION, WEEKLY, Edition, WritingError
from bot.ledger import Ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.editions import EditionRow, EditionState, find_edition, list_editions
from bot.ledger.runs import Job, RunState, claim_run, find_run
from bot.schedule import ExchangeSessions, Runner
from bot.schedule.due import PUBLISH
from bot.schedule.runner import ClockError
from tests.bot.fakes import Bulletin, FakeClock, PaperChannel, Pen

THURSDAY, FRIDAY, MONDAY = date(2025, 11, 20), date(2025, 11, 21), date(2025, 11, 24)
EVENING = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)


@dataclass
class House:
    """A desk in miniature."""

    ledger: Ledger
    pen: Pen = field(default_factory=Pen)
    clock: FakeClock = field(default_factory=lambda: FakeClock(EVENING))
    mail: PaperChannel = field(default_factory=lambda: PaperChannel("mail"))
    shelf: PaperChannel = field(default_factory=lambda: PaperChannel("shelf", keeps_archive=True))
    alarms: Bulletin = field(default_factory=Bulletin)

    def runner(self, owner: str = "ana") -> Runner:
        """Return one process of it."""
        return Runner(
            self.ledger,
            {NOTE: self.pen, WEEKLY: Pen(data="the week")},
            [self.mail, self.shelf],
            ExchangeSessions(),
            self.clock,
            owner,
            self.alarms,
        )

    async def ring_at(self, moment: str) -> list[tuple[str, str]]:
        """Ring once, and return what was done."""
        self.clock.now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        done = await self.runner().ring()
        return [(f"{d.job.kind} {d.job.session:%a}", f"{e.state}: {e.detail}") for d, e in done]

    async def edition(self, session: date, kind: str = NOTE) -> EditionRow | None:
        """Return an edition."""
        async with self.ledger.read() as tx:
            return await find_edition(tx, session, kind)

    async def deliveries(self) -> list[str]:
        """Return who was promised what."""
        async with self.ledger.read() as tx:
            return [f"{r.channel} {r.session:%a} {r.edition}" for r in await list_deliveries(tx)]


@pytest.fixture
def house(ledger: Ledger) -> House:
    """Return a desk that begins on Friday 21 November 2025."""
    return House(ledger)


async def test_a_day_goes_from_draft_to_note_to_morning_revision_to_digest(house: House) -> None:
    assert await house.ring_at("2025-11-21 20:30") == [
        ("publish Thu", "done: published, late: 2 deliveries")
    ]
    assert await house.ring_at("2025-11-21 21:35") == [("draft Fri", "done: the draft passes")]
    assert await house.ring_at("2025-11-21 22:15") == [
        ("publish Fri", "done: published: 2 deliveries")
    ]
    assert await house.ring_at("2025-11-21 22:16") == []
    assert await house.ring_at("2025-11-22 14:00") == [
        ("digest Fri", "done: published: 2 deliveries")
    ]
    house.pen.data = "with the night's figures"
    assert await house.ring_at("2025-11-24 13:33") == [
        ("revise Fri", "done: published: 2 deliveries")
    ]

    note, revision = await house.edition(FRIDAY), await house.edition(FRIDAY, REVISION)
    assert note is not None
    assert revision is not None
    assert (note.late, revision.corrects) == (False, note.id)
    assert len(await house.deliveries()) == 8


async def test_a_revision_that_would_say_the_same_is_not_made(house: House) -> None:
    await house.ring_at("2025-11-21 22:15")

    assert ("revise Fri", "done: nothing changed overnight") in await house.ring_at(
        "2025-11-24 13:33"
    )
    assert await house.edition(FRIDAY, REVISION) is None


async def test_a_desk_that_was_off_for_days_sends_the_last_note_and_shelves_the_others(
    house: House,
) -> None:
    await house.ring_at("2025-11-19 22:15")

    done = await house.ring_at("2025-11-24 15:00")

    # Friday first: it is still news. Thursday goes to the shelf only.
    assert done == [
        ("publish Fri", "done: published, late: 2 deliveries"),
        ("publish Thu", "done: to the archive only, late: 1 deliveries"),
    ]
    thursday, friday = await house.edition(THURSDAY), await house.edition(FRIDAY)
    assert thursday is not None
    assert friday is not None
    assert (thursday.state, thursday.reason) == (
        EditionState.ARCHIVED,
        "the desk was off when it was news",
    )
    assert (friday.state, friday.late) == (EditionState.FROZEN, True)
    assert "mail Thu note" not in await house.deliveries()


async def test_a_new_desk_owes_nobody_the_past(house: House) -> None:
    await house.ring_at("2025-11-21 12:00")

    async with house.ledger.read() as tx:
        assert [row.session for row in await list_editions(tx)] == [THURSDAY]


async def test_a_clock_that_was_put_back_before_the_desk_began_is_named(house: House) -> None:
    await house.ring_at("2025-11-21 22:15")

    with pytest.raises(ClockError, match=r"says 2024-11-21, .* sessions from 2025-11-21 on; set"):
        await house.ring_at("2024-11-21 22:15")

    assert await house.ring_at("2025-11-21 22:16") == []


async def test_a_note_in_doubt_is_held_with_its_reason_and_tried_again(house: House) -> None:
    house.pen.trouble = lambda session: ("no option chain", "prices of Thursday")

    held = await house.ring_at("2025-11-21 22:15")
    too_soon = await house.ring_at("2025-11-21 22:20")
    standing = dict(house.alarms.standing)
    edition = await house.edition(FRIDAY)
    house.pen.trouble = lambda session: ()
    better = await house.ring_at("2025-11-21 22:25")

    assert held == [("publish Fri", "waiting: no option chain; prices of Thursday")]
    assert too_soon == []
    assert standing == {
        "held:publish:2025-11-21": (
            "publish of 2025-11-21 is held: no option chain; prices of Thursday"
        )
    }
    assert edition is not None
    assert (edition.state, edition.reason) == (
        EditionState.HELD,
        "no option chain; prices of Thursday",
    )
    assert better == [("publish Fri", "done: published: 2 deliveries")]
    assert house.alarms.standing == {}


async def test_a_note_that_never_came_right_is_given_up_with_its_reason(house: House) -> None:
    house.pen.trouble = lambda session: ("no prices",) if session == FRIDAY else ()
    await house.ring_at("2025-11-21 22:15")

    done = await house.ring_at("2025-11-24 22:15")

    assert done == [
        ("publish Mon", "done: published: 2 deliveries"),
        ("publish Fri", "given_up: never published: no prices"),
    ]
    assert house.alarms.standing == {}
    assert await house.ring_at("2025-11-24 22:40") == []


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (WritingError(FRIDAY, "no source answers"), "2025-11-21: no source answers"),
        (KeyError("AAPL"), "the writer failed: KeyError; the log has more"),
    ],
    ids=["foreseen", "a fault"],
)
async def test_a_writer_that_fails_holds_one_note_and_not_the_desk(
    house: House, trouble: Exception, reason: str
) -> None:
    house.pen.trouble = lambda session: trouble

    assert await house.ring_at("2025-11-21 22:15") == [("publish Fri", f"waiting: {reason}")]


async def test_yesterdays_figures_never_pass_for_todays(house: House) -> None:
    await house.ring_at("2025-11-20 22:15")
    stale = house.pen(THURSDAY)
    house.pen.trouble = lambda session: ()
    runner = house.runner()
    runner.writers = {NOTE: lambda session: Edition(session, stale.texts, stale.content_hash)}
    house.clock.now = EVENING

    [(_, end)] = await runner.ring()

    assert (end.state, end.detail) == (
        RunState.WAITING,
        "it holds the same figures as the session before",
    )


async def test_two_desks_on_one_ledger_publish_once(house: House) -> None:
    both = await asyncio.gather(house.runner("ana").ring(), house.runner("bo").ring())

    assert sorted(len(done) for done in both) == [0, 1]
    assert house.pen.written == [FRIDAY]
    assert len(await house.deliveries()) == 2


async def test_what_a_desk_froze_before_it_died_is_promised_by_the_next(house: House) -> None:
    await house.ring_at("2025-11-21 22:15")
    house.pen.data = "other words"
    async with house.ledger.write() as tx:
        # The run as it stood when the process was killed: claimed, its lease over.
        await tx.exec_driver_sql(
            "UPDATE runs SET state = 'running', lease_until = started_at, finished_at = NULL "
            "WHERE kind = 'publish'"
        )
        await tx.exec_driver_sql("DELETE FROM deliveries WHERE channel = 'mail'")

    done = await house.ring_at("2025-11-21 22:20")

    assert done == [("publish Fri", "done: published: 2 deliveries")]
    assert sorted(await house.deliveries()) == ["mail Fri note", "shelf Fri note"]
    assert house.pen.written == [FRIDAY]


async def test_a_long_job_is_not_taken_from_the_one_who_does_it(house: House) -> None:
    runner = house.runner()
    runner.lease = timedelta(seconds=0.03)

    def slowly(session: date) -> Edition:
        house.clock.move(seconds=0.1)
        return house.pen(session)

    runner.writers = {NOTE: slowly}
    await runner.ring()

    async with house.ledger.read() as tx:
        run = await find_run(tx, Job(FRIDAY, PUBLISH))
    assert run is not None
    assert (run.state, run.tries) == (RunState.DONE, 1)


async def test_an_operator_may_publish_any_session_and_not_twice(house: House) -> None:
    long_ago = date(2025, 4, 9)

    first = await house.runner().publish(long_ago)
    second = await house.runner().publish(long_ago)

    assert (first.detail, second.detail) == (
        "published: 2 deliveries",
        "published: 2 deliveries",
    )
    assert await house.deliveries() == ["mail Wed note", "shelf Wed note"]
    assert house.pen.written == [long_ago]


async def test_an_operator_need_not_wait_for_a_held_note(house: House) -> None:
    house.pen.trouble = lambda session: ("no prices",)
    await house.ring_at("2025-11-21 22:15")
    house.pen.trouble = lambda session: ()

    end = await house.runner().publish(FRIDAY)

    assert end.state is RunState.DONE


async def test_an_operator_is_told_when_another_process_is_writing(house: House) -> None:
    async with house.ledger.write() as tx:
        await claim_run(tx, Job(FRIDAY, PUBLISH), "bo", EVENING, timedelta(minutes=2))

    end = await house.runner().publish(FRIDAY)

    assert (end.state, end.detail) == (RunState.WAITING, "another process is writing it now")
