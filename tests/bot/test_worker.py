"""A process works until it is told to stop, and stops only between one thing and the next."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from pathlib import Path

from bot.channels import Delivery, HandOver, Receipt
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.outbox import Outbox, enqueue_edition
from bot.schedule import ExchangeSessions, Runner, read_closures
from bot.worker import Worker, process_name, stop_on_signals
from tests.bot.fakes import NOW, AlarmBook, Bulletin, FakeClock, PaperChannel, Pen


class SlowChannel(PaperChannel):
    """Is in the middle of something when the signal comes."""

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Send ourselves a SIGTERM, and take our time."""
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.05)
        return await super().send(delivery, hand_over)


async def test_sigterm_lets_the_claim_in_hand_be_finished(ledger: Ledger, edition: Edition) -> None:
    slow = SlowChannel()
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [slow], row, NOW)
    worker = Worker(Outbox(ledger, [slow], FakeClock(), process_name(), AlarmBook()))
    stop_on_signals(worker.stopping)

    await asyncio.wait_for(worker.run(), 10)

    async with ledger.read() as tx:
        assert [row.state for row in await list_deliveries(tx)] == ["sent"]


async def test_the_bell_has_a_process_write_and_send(ledger: Ledger) -> None:
    paper, clock, bulletin = PaperChannel(), FakeClock(), Bulletin()
    outbox = Outbox(ledger, [paper], clock, "ana", bulletin.alarm)
    runner = Runner(ledger, {NOTE: Pen()}, [paper], ExchangeSessions(), clock, "ana", bulletin)
    worker = Worker(outbox, runner, poll=timedelta(milliseconds=5))

    running = asyncio.create_task(worker.run())
    while not paper.got:
        await asyncio.sleep(0.01)
    worker.stopping.set()
    await running

    assert [delivery.session for delivery in paper.got] == [NOW.date()]


async def test_a_slip_in_the_closures_file_is_told_and_sending_goes_on(
    ledger: Ledger, edition: Edition, tmp_path: Path
) -> None:
    (tmp_path / "closures.csv").write_text("date,close,reason\n9 January,,x\n", "utf-8")
    calendar = ExchangeSessions(lambda: read_closures(tmp_path / "closures.csv"))
    paper, clock, bulletin = PaperChannel(), FakeClock(), Bulletin()
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [paper], row, NOW)
    outbox = Outbox(ledger, [paper], clock, "ana", bulletin.alarm)
    runner = Runner(ledger, {NOTE: Pen()}, [paper], calendar, clock, "ana", bulletin)
    worker = Worker(outbox, runner, poll=timedelta(milliseconds=5))

    running = asyncio.create_task(worker.run())
    while not paper.got or not bulletin.standing:
        await asyncio.sleep(0.01)
    assert "closures.csv, line 2" in bulletin.standing["schedule"]

    (tmp_path / "closures.csv").write_text("date,close,reason\n", "utf-8")
    while bulletin.standing:
        clock.move(minutes=1)
        await asyncio.sleep(0.01)
    worker.stopping.set()
    await running


async def test_what_an_earlier_process_told_of_the_schedule_is_taken_back(ledger: Ledger) -> None:
    clock, bulletin = FakeClock(), Bulletin({"schedule": "the schedule stands still: a slip"})
    outbox = Outbox(ledger, [], clock, "ana", bulletin.alarm)
    runner = Runner(ledger, {NOTE: Pen()}, [], ExchangeSessions(), clock, "ana", bulletin)
    worker = Worker(outbox, runner, poll=timedelta(milliseconds=5))

    running = asyncio.create_task(worker.run())
    while bulletin.standing:
        await asyncio.sleep(0.01)
    worker.stopping.set()
    await running


def test_no_two_processes_share_a_name() -> None:
    assert process_name() != process_name()
