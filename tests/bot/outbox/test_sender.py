"""Every reader gets the note once, or the ledger says why not."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels import Delivery, HandOver, InDoubt, Load, Receipt, Refused, RetryLater
from bot.edition import NOTE, REVISION, WEEKLY, Edition
from bot.ledger import Ledger, LedgerError
from bot.ledger.deliveries import DeliveryRow, DeliveryState, Target, list_deliveries
from bot.ledger.editions import EditionState, Terms, freeze
from bot.ledger.pacing import Pace, channel_state
from bot.ledger.settling import cancel_waiting, history, retry_by_hand, skip_by_hand
from bot.ledger.subscribers import (
    Consent,
    Preferences,
    SubscriberState,
    add_subscriber,
    move_subscriber,
)
from bot.outbox import Outbox, enqueue_edition, plan_edition
from tests.bot.fakes import NOW, AlarmBook, FakeClock, PaperChannel

EIGHTEEN_HOURS = timedelta(hours=18)


def readers(count: int) -> tuple[Target, ...]:
    return tuple(Target(f"reader {n:03}") for n in range(count))


def outbox_of(ledger: Ledger, *channels: PaperChannel, owner: str = "worker 1") -> Outbox:
    return Outbox(ledger, channels, FakeClock(), owner, AlarmBook())


async def publish(
    ledger: Ledger, edition: Edition, *channels: PaperChannel, terms: Terms | None = None
) -> int:
    async with ledger.write() as tx:
        row = await freeze(tx, edition, terms or Terms(NOTE), NOW)
    return await enqueue_edition(ledger, channels, row, NOW)


async def rows(ledger: Ledger) -> list[DeliveryRow]:
    async with ledger.read() as tx:
        return await list_deliveries(tx)


async def states(ledger: Ledger) -> list[str]:
    return [row.state for row in await rows(ledger)]


async def test_every_reader_gets_the_frozen_texts_once(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel(readers=readers(45))
    await publish(ledger, edition, paper)
    await publish(ledger, edition, paper)

    sent = await outbox_of(ledger, paper).drain()

    assert (sent, Counter(await states(ledger))) == (45, Counter(sent=45))
    assert sorted(paper.read_by) == [reader.name for reader in readers(45)]
    assert paper.got[0].texts == {"blog.md": b"# Funds had to buy\n"}
    assert paper.got[0].key == "2025-11-21/note/paper/reader 000"


async def test_two_workers_share_the_readers_and_double_none(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=readers(120), load=Load(connections=3, group=4))
    await publish(ledger, edition, paper)
    workers = [outbox_of(ledger, paper, owner=f"worker {n}") for n in range(2)]

    await asyncio.gather(*(worker.drain() for worker in workers))

    assert sorted(paper.read_by) == [reader.name for reader in readers(120)]
    assert set(await states(ledger)) == {"sent"}


async def test_an_edition_that_can_still_change_is_not_promised_to_anyone(
    ledger: Ledger, edition: Edition
) -> None:
    with pytest.raises(ValueError, match="not frozen"):
        await publish(ledger, edition, PaperChannel(), terms=Terms(NOTE, EditionState.HELD))


async def test_a_channel_gets_only_the_kinds_it_carries_and_only_news(
    ledger: Ledger, edition: Edition
) -> None:
    daily = PaperChannel("daily", carries=frozenset({NOTE}))
    shelf = PaperChannel("shelf", keeps_archive=True)
    old = replace(edition, session=edition.session - timedelta(days=7))

    await publish(ledger, edition, daily, shelf, terms=Terms(REVISION))
    await publish(ledger, old, daily, shelf, terms=Terms(NOTE, EditionState.ARCHIVED))

    assert [row.channel for row in await rows(ledger)] == ["shelf", "shelf"]


async def test_a_busy_channel_is_tried_again_after_one_five_fifteen_and_sixty_minutes(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(script=[RetryLater("busy", "451")] * 5)
    await publish(ledger, edition, paper)
    outbox = outbox_of(ledger, paper)
    clock = FakeClock()
    outbox.clock = clock

    waits = []
    for _ in range(5):
        await outbox.run_once()
        [row] = await rows(ledger)
        waits.append((row.not_before - clock.now) / timedelta(minutes=1))
        clock.now = row.not_before
    await outbox.run_once()

    assert waits == [pytest.approx(minutes, rel=0.2) for minutes in (1.0, 5.0, 15.0, 60.0, 60.0)]
    assert (paper.read_by, await states(ledger)) == (["ana"], ["sent"])
    async with ledger.read() as tx:
        lines = await history(tx, row.id)
    assert [line.outcome for line in lines] == ["later"] * 5 + ["sent"]


async def test_a_note_that_would_arrive_tomorrow_evening_expires(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(script=[RetryLater("busy", after=timedelta(hours=3))])
    await publish(ledger, edition, paper, PaperChannel("deaf"))
    outbox = outbox_of(ledger, paper)
    clock = FakeClock(NOW + timedelta(hours=16))
    outbox.clock = clock

    await outbox.run_once()
    clock.move(hours=2)
    await outbox.run_once()

    assert await states(ledger) == ["expired", "expired"]
    assert paper.got == []


async def test_a_refusal_is_final(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel(script=[Refused("no such mailbox", "550")])
    await publish(ledger, edition, paper)

    await outbox_of(ledger, paper).drain()

    [row] = await rows(ledger)
    assert (row.state, row.code, row.detail) == ("failed", "550", "no such mailbox")
    assert paper.got == []


async def test_a_silent_far_side_leaves_a_doubt_that_only_a_person_ends(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=readers(2), script=[InDoubt("cut off")] * 2)
    await publish(ledger, edition, paper)
    alarms = AlarmBook()
    outbox = Outbox(ledger, [paper], FakeClock(), "worker 1", alarms)

    await outbox.drain()
    first, second = await rows(ledger)
    async with ledger.write() as tx:
        await retry_by_hand(tx, first.id, NOW, NOW + EIGHTEEN_HOURS)
        await skip_by_hand(tx, second.id, NOW)
    await outbox.drain()

    assert (first.state, second.state) == (DeliveryState.IN_DOUBT, DeliveryState.IN_DOUBT)
    assert await states(ledger) == ["sent", "skipped"]
    assert alarms.keys == ["in_doubt:paper"] * 2


async def test_what_was_sent_cannot_be_sent_again_by_hand(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel()
    await publish(ledger, edition, paper)
    await outbox_of(ledger, paper).drain()

    async with ledger.write() as tx:
        with pytest.raises(LedgerError, match="delivery 1 is sent"):
            await retry_by_hand(tx, 1, NOW, NOW + EIGHTEEN_HOURS)
        with pytest.raises(LedgerError, match="there is no delivery 77"):
            await skip_by_hand(tx, 77, NOW)


async def test_a_fault_in_one_channel_costs_an_attempt_and_holds_up_no_other(
    ledger: Ledger, edition: Edition
) -> None:
    broken = PaperChannel("broken", script=[KeyError("chart.png")])
    paper = PaperChannel()
    await publish(ledger, edition, broken, paper)
    alarms = AlarmBook()
    outbox = Outbox(ledger, [broken, paper], FakeClock(), "worker 1", alarms)

    await outbox.drain()

    assert Counter(await states(ledger)) == Counter(pending=1, sent=1)
    assert alarms.raised == [
        ("fault:broken", "channel broken fails with KeyError; the log has more")
    ]


async def test_the_breaker_opens_when_half_of_twenty_go_wrong_and_closes_by_itself(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=readers(60), script=[RetryLater("busy")] * 20)
    await publish(ledger, edition, paper)
    clock, alarms = FakeClock(), AlarmBook()
    outbox = Outbox(ledger, [paper], clock, "worker 1", alarms)

    await outbox.drain()
    in_the_storm = len(paper.got)
    clock.move(minutes=11)
    await outbox.drain()

    assert (in_the_storm, len(paper.got)) == (0, 60)
    assert alarms.keys == ["breaker:paper"]
    assert "20 of 20 attempts went wrong" in alarms.raised[0][1]


async def test_readers_who_are_gone_do_not_open_the_breaker(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=readers(60), script=[Refused("no such mailbox", "550")] * 40)
    await publish(ledger, edition, paper)

    await outbox_of(ledger, paper).drain()

    assert Counter(await states(ledger)) == Counter(failed=40, sent=20)


async def test_a_far_side_that_asks_for_peace_stops_its_whole_channel(
    ledger: Ledger, edition: Edition
) -> None:
    peace = RetryLater("slow down", "429", after=timedelta(minutes=10), whole_channel=True)
    paper = PaperChannel(readers=readers(50), script=[peace])
    await publish(ledger, edition, paper)
    clock = FakeClock()
    outbox = Outbox(ledger, [paper], clock, "worker 1", AlarmBook())

    await outbox.drain()
    before = len(paper.got)
    clock.move(minutes=9, seconds=59)
    await outbox.drain()
    still = len(paper.got)
    clock.move(seconds=1)
    await outbox.drain()

    # What was claimed already is given back: nobody is sent anything before the peace is over.
    assert (before, still, len(paper.got)) == (0, 0, 50)


async def test_two_workers_share_one_rate(ledger: Ledger, edition: Edition) -> None:
    pace = Pace(per_second=5.0, burst=10)
    paper = PaperChannel(readers=readers(40), pace=pace)
    await publish(ledger, edition, paper)
    clock = FakeClock()
    workers = [Outbox(ledger, [paper], clock, f"worker {n}", AlarmBook()) for n in range(2)]

    got = []
    for _ in range(4):
        await asyncio.gather(*(worker.drain() for worker in workers))
        got.append(len(paper.got))
        clock.move(seconds=1)

    assert got == [10, 15, 20, 25]


async def test_a_clock_put_back_does_not_stop_the_rate(ledger: Ledger, edition: Edition) -> None:
    paper = PaperChannel(readers=readers(3), pace=Pace(per_second=1.0, burst=1))
    await publish(ledger, edition, paper)
    clock = FakeClock(NOW + timedelta(hours=3))
    outbox = Outbox(ledger, [paper], clock, "worker 1", AlarmBook())

    await outbox.drain()
    clock.now = NOW + timedelta(hours=1)
    await outbox.drain()
    clock.move(seconds=2)
    await outbox.drain()

    assert len(paper.got) == 2
    async with ledger.read() as tx:
        state = await channel_state(tx, "paper")
    assert state is not None
    assert state.refilled_at == clock.now


async def test_a_reader_who_leaves_before_their_hour_gets_nothing(
    ledger: Ledger, edition: Edition
) -> None:
    consent = Consent("confirm", "2025-01", "form")
    async with ledger.write() as tx:
        ana, _ = await add_subscriber(tx, "ana@reader.test", Preferences(), NOW)
        bo, _ = await add_subscriber(tx, "bo@reader.test", Preferences(), NOW)
        for reader in (ana, bo):
            await move_subscriber(tx, reader.id, SubscriberState.CONFIRMED, consent, NOW)
    at_seven = NOW + timedelta(hours=14)
    targets = tuple(Target(f"subscriber:{r.id}", at_seven, r.id) for r in (ana, bo))
    paper = PaperChannel(readers=targets)
    await publish(ledger, edition, paper)
    clock = FakeClock()
    outbox = Outbox(ledger, [paper], clock, "worker 1", AlarmBook())

    early = await outbox.drain()
    async with ledger.write() as tx:
        left = Consent("unsubscribe", "2025-01", "link")
        await move_subscriber(tx, ana.id, SubscriberState.UNSUBSCRIBED, left, NOW)
    clock.now = at_seven
    await outbox.drain()

    assert (early, paper.read_by) == (0, [f"subscriber:{bo.id}"])
    assert await states(ledger) == ["skipped", "sent"]


async def test_a_slow_far_side_does_not_cost_the_lease_of_those_who_wait(
    ledger: Ledger, edition: Edition
) -> None:
    clock = FakeClock()

    class Slow(PaperChannel):
        """Takes forty seconds for each."""

        async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
            clock.move(seconds=40)
            return await super().send(delivery, hand_over)

    slow, other = Slow(readers=readers(4)), PaperChannel()
    await publish(ledger, edition, slow)
    patient = Outbox(ledger, [slow], clock, "worker 1", AlarmBook())

    await patient.drain()
    await Outbox(ledger, [other], clock, "worker 2", AlarmBook()).drain()

    assert (len(slow.got), other.got) == (4, [])
    assert [row.attempts for row in await rows(ledger)] == [1, 1, 1, 1]


async def test_a_dry_run_names_every_reader_and_promises_nothing(
    ledger: Ledger, edition: Edition
) -> None:
    daily = PaperChannel("daily", readers(2), carries=frozenset({NOTE}))
    weekly = PaperChannel("weekly", carries=frozenset({WEEKLY}))
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)

    plan = [(c.name, target.name) async for c, target in plan_edition([daily, weekly], row)]

    assert plan == [("daily", "reader 000"), ("daily", "reader 001")]
    assert await rows(ledger) == []


async def test_what_waits_for_a_channel_that_was_deleted_is_cancelled(
    ledger: Ledger, edition: Edition
) -> None:
    paper = PaperChannel(readers=readers(2))
    await publish(ledger, edition, paper)

    async with ledger.write() as tx:
        count = await cancel_waiting(tx, "paper", "reader 000", "the channel is gone", NOW)
    await outbox_of(ledger, paper).drain()

    assert (count, await states(ledger)) == (1, ["skipped", "sent"])


async def test_told_to_stop_a_worker_finishes_what_it_has_begun(
    ledger: Ledger, edition: Edition
) -> None:
    class LastOrders(PaperChannel):
        """Rings for closing time while it is serving."""

        async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
            outbox.stopping.set()
            return await super().send(delivery, hand_over)

    paper = LastOrders(readers=readers(10), load=Load(group=3))
    await publish(ledger, edition, paper)
    outbox = outbox_of(ledger, paper)

    await outbox.drain()

    assert Counter(await states(ledger)) == Counter(sent=3, pending=7)
