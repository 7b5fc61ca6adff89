"""Jobs wake the workers; what is sent is still decided by the outbox."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from benchmarks.private_postgres import new_database
from bot.channels import Delivery, HandOver, Receipt
from bot.edition import NOTE, Edition
from bot.fanout import QUEUE, do_jobs, fan_out, fanout_app, prepare_fanout, stand_by, waker
from bot.ledger import Ledger, LedgerError
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.outbox import Outbox, enqueue_edition
from bot.outbox.sender import LEASE
from tests.bot.fakes import NOW, AlarmBook, FakeClock, PaperChannel

READERS = tuple(Target(f"reader {number:03}") for number in range(60))


@pytest.fixture
def address(postgres_server: str) -> str:
    """Return the address of an empty PostgreSQL database."""
    return asyncio.run(new_database(postgres_server, "undertow_fanout"))


async def states(ledger: Ledger) -> Counter[str]:
    async with ledger.read() as tx:
        return Counter(row.state.value for row in await list_deliveries(tx))


async def publish(ledger: Ledger, edition: Edition, paper: PaperChannel) -> None:
    async with ledger.write() as tx:
        row = await freeze(tx, edition, Terms(NOTE), NOW)
    await enqueue_edition(ledger, [paper], row, NOW)


@pytest.mark.slow
async def test_woken_workers_send_everything_once(address: str, edition: Edition) -> None:
    ledger, paper = open_ledger(address), PaperChannel(readers=READERS)
    await upgrade(ledger)
    await publish(ledger, edition, paper)
    app = fanout_app(address, Outbox(ledger, [paper], FakeClock(), "woken", AlarmBook()))
    async with app.open_async():
        await prepare_fanout(ledger, app)
        await prepare_fanout(ledger, app)

        first, again = await fan_out(app, ["paper"]), await fan_out(app, ["paper"])
        await do_jobs(app, wait=False)

    assert (first, again) == (4, 0)
    assert await states(ledger) == Counter(sent=60)
    assert Counter(paper.read_by) == Counter(reader.name for reader in READERS)
    await ledger.close()


@pytest.mark.slow
async def test_a_stalled_job_loses_no_delivery(address: str, edition: Edition) -> None:
    ledger, paper = open_ledger(address), PaperChannel(readers=READERS)
    await upgrade(ledger)
    await publish(ledger, edition, paper)
    app = fanout_app(address)
    async with app.open_async():
        await prepare_fanout(ledger, app)
        await fan_out(app, ["paper"], shares=1)
        # A worker takes the job and is never heard of again: it stays in "doing" for ever.
        worker = await app.job_manager.register_worker()
        stalled = await app.job_manager.fetch_job([QUEUE], worker)
        await Outbox(ledger, [paper], FakeClock(), "a plain worker", AlarmBook()).drain()
        [job] = list(await app.job_manager.list_jobs_async(queue=QUEUE))

    assert stalled is not None
    assert job.status == "doing"
    assert await states(ledger) == Counter(sent=60)
    await ledger.close()


@pytest.mark.slow
async def test_the_next_edition_is_not_kept_from_anyone_by_a_stalled_job(
    address: str, edition: Edition
) -> None:
    ledger, paper = open_ledger(address), PaperChannel(readers=READERS)
    await upgrade(ledger)
    app = fanout_app(address, Outbox(ledger, [paper], FakeClock(), "woken", AlarmBook()))
    async with app.open_async():
        await prepare_fanout(ledger, app)
        await fan_out(app, ["paper"], shares=1)
        await app.job_manager.fetch_job([QUEUE], await app.job_manager.register_worker())
        monday = replace(edition, session=edition.session + timedelta(days=3))
        await publish(ledger, monday, paper)

        deferred = await fan_out(app, ["paper"], shares=1)
        await do_jobs(app, wait=False)

    assert deferred == 1
    assert await states(ledger) == Counter(sent=60)
    await ledger.close()


@dataclass
class StuckChannel(PaperChannel):
    """Says that it has a delivery in hand, and never comes to an end."""

    flag: Path = Path("flag")

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Stand still before the hand-over."""
        self.flag.touch()
        await asyncio.sleep(3600)
        return await super().send(delivery, hand_over)


def be_on_call(address: str, flag: Path) -> None:
    """Be a machine that is woken and gets stuck."""

    async def stand() -> None:
        ledger, paper = open_ledger(address), StuckChannel(readers=READERS, flag=flag)
        outbox = Outbox(ledger, [paper], FakeClock(), "stuck", AlarmBook())
        await stand_by(address, ledger, outbox)

    asyncio.run(stand())


@pytest.mark.slow
async def test_a_publication_wakes_a_worker_on_call(address: str, edition: Edition) -> None:
    ledger, paper = open_ledger(address), PaperChannel(readers=READERS)
    await upgrade(ledger)
    wake = waker(address, ledger)
    await wake(["paper"])  # There are no tables yet: nobody is on call, and nothing is done.
    outbox = Outbox(ledger, [paper], FakeClock(), "on call", AlarmBook())
    standing = asyncio.create_task(stand_by(address, ledger, outbox))
    await until(lambda: has_tables(ledger))
    await publish(ledger, edition, paper)

    await wake(["paper"])

    await until(lambda: all_sent(ledger))
    outbox.stopping.set()
    await standing
    assert Counter(paper.read_by) == Counter(reader.name for reader in READERS)
    await ledger.close()


@pytest.mark.slow
async def test_a_worker_killed_in_a_job_loses_no_delivery(
    address: str, edition: Edition, tmp_path: Path
) -> None:
    ledger, paper = open_ledger(address), PaperChannel(readers=READERS)
    await upgrade(ledger)
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=be_on_call, args=(address, tmp_path / "flag"))
    process.start()
    await until(lambda: has_tables(ledger))
    await publish(ledger, edition, paper)
    await waker(address, ledger)(["paper"])
    await until(lambda: there(tmp_path / "flag"))
    process.kill()
    process.join()
    app = fanout_app(address)
    async with app.open_async():
        jobs = list(await app.job_manager.list_jobs_async(queue=QUEUE))

    later = FakeClock(NOW + 2 * LEASE)
    await Outbox(ledger, [paper], later, "a plain worker", AlarmBook()).drain()

    assert "doing" in {job.status for job in jobs}
    assert await states(ledger) == Counter(sent=60)
    assert Counter(paper.read_by) == Counter(reader.name for reader in READERS)
    await ledger.close()


async def test_that_nobody_can_be_woken_holds_nothing_up() -> None:
    address = "postgresql://desk:geheim@127.0.0.1:1/undertow"
    ledger = open_ledger(address)

    await waker(address, ledger)(["paper"])
    await ledger.close()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not await is_so():
            await asyncio.sleep(0.05)


async def all_sent(ledger: Ledger) -> bool:
    return set(await states(ledger)) == {"sent"}


async def has_tables(ledger: Ledger) -> bool:
    async with ledger.read() as tx:
        query = text("SELECT to_regclass('procrastinate_jobs') IS NOT NULL")
        return bool((await tx.execute(query)).scalar_one())


async def there(path: Path) -> bool:
    return path.exists()


def test_an_sqlite_desk_is_told_that_it_needs_none() -> None:
    with pytest.raises(LedgerError, match="needs a PostgreSQL ledger"):
        fanout_app("var/undertow.sqlite3")
