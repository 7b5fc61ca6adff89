"""Jobs wake the workers; what is sent is still decided by the outbox."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks.private_postgres import new_database
from bot.edition import NOTE, Edition
from bot.fanout import QUEUE, do_jobs, fan_out, fanout_app, prepare_fanout
from bot.ledger import Ledger, LedgerError
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target, list_deliveries
from bot.ledger.editions import Terms, freeze
from bot.ledger.migrate import upgrade
from bot.outbox import Outbox, enqueue_edition
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


def test_an_sqlite_desk_is_told_that_it_needs_none() -> None:
    with pytest.raises(LedgerError, match="needs a PostgreSQL ledger"):
        fanout_app("var/undertow.sqlite3")
