"""A disk that fills under the ledger is named and told; with room again the desk goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.alerts import AlertDesk
from bot.edition import NOTE
from bot.health import Watch, health_app
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import list_deliveries
from bot.ledger.migrate import upgrade
from bot.ledger_trouble import LedgerTrouble
from bot.outbox import Outbox
from bot.schedule import ExchangeSessions, Runner
from bot.worker import Worker
from tests.bot.fakes import NOW, Bulletin, FakeClock, PaperChannel, Pen

FULL = "the ledger cannot be used: the disk is full"
ALL_THE_ROOM = 2**30


@dataclass
class Disk:
    """Lets the database grow to so many pages, or as far as it likes."""

    pages: int = ALL_THE_ROOM

    def watch(self, engine: AsyncEngine) -> None:
        """Hold every connection to it."""
        event.listen(engine.sync_engine, "checkout", self._limit)

    def _limit(self, connection: AsyncAdapt_aiosqlite_connection, *_others: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {self.pages}")
        cursor.close()


@dataclass
class Pager:
    """Keeps what it is told."""

    told: list[str] = field(default_factory=list)
    way: str = "pager"

    async def tell(self, words: str) -> None:
        """Take one sentence."""
        self.told.append(words)


@pytest_asyncio.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """Open a ledger on a disk of its own."""
    one = open_ledger(str(tmp_path / "undertow.sqlite3"))
    await upgrade(one)
    yield one
    await one.close()


async def until(worker: Worker, clock: FakeClock, *, in_trouble: bool) -> None:
    """Let a minute after the other go by until the ledger takes what is written, or does not."""
    for _ in range(500):
        if (worker.trouble.words is not None) is in_trouble:
            return
        clock.move(minutes=1)
        await asyncio.sleep(0.02)
    raise AssertionError(f"in five hundred minutes: {worker.trouble.words}")


async def test_a_note_that_finds_no_room_is_published_once_when_there_is_some(
    ledger: Ledger,
) -> None:
    paper, clock, bulletin, disk = PaperChannel(), FakeClock(), Bulletin(), Disk(pages=1)
    disk.watch(ledger.engine)
    outbox = Outbox(ledger, [paper], clock, "ana", bulletin.alarm, over=bulletin.clear)
    pen = Pen(data="a long story, " * 20_000)
    runner = Runner(ledger, {NOTE: pen}, [paper], ExchangeSessions(), clock, "ana", bulletin)
    worker = Worker(outbox, runner, poll=timedelta(milliseconds=5))
    watch = Watch(ledger, clock, trouble=lambda: worker.trouble.words)

    running = asyncio.create_task(worker.run())
    await until(worker, clock, in_trouble=True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(health_app(watch)), base_url="http://desk.test"
    ) as client:
        ready = await client.get("/readyz")
    disk.pages = ALL_THE_ROOM
    while not paper.got:
        clock.move(minutes=1)
        await asyncio.sleep(0.02)
    worker.stopping.set()
    await running

    assert (ready.status_code, ready.json()["problems"]) == (503, [FULL])
    assert worker.trouble.words is None
    assert [delivery.session for delivery in paper.got] == [NOW.date()]
    async with ledger.read() as tx:
        assert [row.state for row in await list_deliveries(tx)] == ["sent"]


async def test_a_fault_that_lasts_five_minutes_is_told_and_a_passing_one_is_not() -> None:
    clock, bulletin = FakeClock(), Bulletin()
    trouble = LedgerTrouble(clock, bulletin.alarm, bulletin.clear)
    fault = OSError(28, "No space left on device")

    await trouble.met("sending", fault)
    await trouble.passed("sending")
    clock.move(minutes=4)
    await trouble.met("schedule", fault)
    clock.move(minutes=4)
    await trouble.met("schedule", fault)
    early = dict(bulletin.standing)
    clock.move(minutes=1)
    await trouble.met("schedule", fault)
    late = dict(bulletin.standing)
    await trouble.passed("sending")
    still = trouble.words
    await trouble.passed("schedule")

    assert early == {}
    assert late == {
        "ledger": "the ledger cannot be used: no space left on device; "
        "what is promised waits until it can"
    }
    assert still == "the ledger cannot be used: no space left on device"
    assert (trouble.words, bulletin.standing) == (None, {})


async def test_a_trouble_that_no_ledger_can_note_is_told_all_the_same_and_once() -> None:
    away = open_ledger("postgresql://desk:geheim@127.0.0.1:1/undertow")
    pager, clock = Pager(), FakeClock()
    desk = AlertDesk(away, clock, (pager,))

    for minutes in (0, 1, 359):
        clock.move(minutes=minutes)
        await desk.alarm("ledger", FULL)
    await away.close()

    assert pager.told == [f"Undertow: {FULL}"] * 2
