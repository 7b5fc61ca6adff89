"""Wake many machines at once: jobs on procrastinate, for desks with more than a few workers.

A worker of its own accord looks at the outbox once a second, and so do fifty. With the extra
``scale`` a publication instead defers one job for each channel and share of its readers, and
PostgreSQL tells a waiting machine the moment it is there; idle machines then ask nothing.

``undertow worker --on-call`` makes procrastinate's tables in the ledger's database and waits
for jobs there. Their being there is the switch: a desk that finds them defers jobs whenever it
publishes, and one that does not, or has not the extra, asks nobody to hurry.

The jobs carry no truth. A job says "look at this channel", and what is found there is decided by
the outbox. A job that is lost, stalled in ``doing`` or run twice changes nothing: whatever is
still pending is found by the next job, or by any plain worker, of which at least one must run.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.ledger.database import LedgerError, ledger_url
from bot.service import ASK_ANYWAY
from bot.worker import AFTER_A_FAULT

if TYPE_CHECKING:
    from bot.ledger import Ledger
    from bot.outbox import Outbox

log = structlog.get_logger(__name__)

QUEUE = "outbox"
TASK = "send_channel"
SHARES = 4
"""Jobs a channel gets at publication: how many machines can be woken for it."""

RENEW = timedelta(minutes=10)
"""How long a worker on call listens before it begins anew: procrastinate's listener does not
come back by itself after a lost connection, and says nothing."""


def fanout_app(address: str, outbox: Outbox | None = None) -> App:
    """Return the application that defers jobs and, given an outbox, does them.

    Parameters
    ----------
    address
        The ledger's, which must be PostgreSQL.
    outbox
        This process's. Without one the application can only defer.

    Raises
    ------
    LedgerError
        For an SQLite ledger: there one process has all the work anyway.
    """
    url = ledger_url(address)
    if url.get_backend_name() != "postgresql":
        raise LedgerError("fan-out needs a PostgreSQL ledger; on SQLite the desk needs no help")
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(connector=PsycopgConnector(conninfo=plain))

    @app.task(name=TASK, queue=QUEUE)
    async def send_channel(channel: str, share: int) -> int:
        return await send_all(outbox, channel) if outbox is not None else 0

    return app


async def send_all(outbox: Outbox, channel_name: str) -> int:
    """Send what is due on one channel until nothing is, and return how many moved."""
    moved = 0
    for channel in outbox.channels:
        if channel.name == channel_name:
            while not outbox.stopping.is_set() and (step := await outbox.run_channel(channel)):
                moved += step
    return moved


async def prepare_fanout(ledger: Ledger, app: App) -> None:
    """Create procrastinate's tables beside the ledger's, unless they are there."""
    if not await _has_tables(ledger):
        await app.schema_manager.apply_schema_async()


async def _has_tables(ledger: Ledger) -> bool:
    async with ledger.read() as tx:
        found = (await tx.execute(text("SELECT to_regclass('procrastinate_jobs')"))).scalar_one()
    return found is not None


def waker(address: str, ledger: Ledger) -> Callable[[Iterable[str]], Awaitable[None]]:
    """Return what wakes the machines on call for some channels, where there may be any.

    That nobody could be woken never holds a note up: plain workers find it within a second.
    """

    async def wake(channels: Iterable[str]) -> None:
        try:
            if await _has_tables(ledger):
                app = fanout_app(address)
                async with app.open_async():
                    await fan_out(app, channels)
        except (ConnectorException, DBAPIError, OSError) as error:
            log.warning("nobody_woken", problem=type(error).__name__)

    return wake


async def stand_by(address: str, ledger: Ledger, outbox: Outbox) -> None:
    """Do jobs as they are deferred, until the outbox is told to stop.

    While the database is away it waits, as a plain worker does.
    """
    while not outbox.stopping.is_set():
        try:
            await _stand_by_once(address, ledger, outbox)
        except (ConnectorException, DBAPIError, OSError, psycopg.Error) as error:
            log.error("not_on_call", problem=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(outbox.stopping.wait(), AFTER_A_FAULT.total_seconds())


async def _stand_by_once(address: str, ledger: Ledger, outbox: Outbox) -> None:
    app = fanout_app(address, outbox)
    async with app.open_async():
        await prepare_fanout(ledger, app)
        jobs = asyncio.create_task(do_jobs(app))
        told = asyncio.create_task(outbox.stopping.wait())
        await asyncio.wait(
            {jobs, told}, timeout=RENEW.total_seconds(), return_when=asyncio.FIRST_COMPLETED
        )
        told.cancel()
        # A job in hand sees the same event and ends after its group.
        jobs.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await jobs


async def fan_out(app: App, channels: Iterable[str], shares: int = SHARES) -> int:
    """Wake the machines for these channels, and return how many jobs were deferred.

    A job that waits already is not deferred again.
    """
    deferred = 0
    for channel in channels:
        for share in range(shares):
            job = app.configure_task(TASK, queueing_lock=f"{channel}/{share}", queue=QUEUE)
            try:
                await job.defer_async(channel=channel, share=share)
            except AlreadyEnqueued:
                continue
            deferred += 1
    return deferred


async def do_jobs(app: App, *, concurrency: int = SHARES, wait: bool = True) -> None:
    """Do jobs until cancelled, or, without ``wait``, until there are none."""
    await app.run_worker_async(
        queues=[QUEUE],
        concurrency=concurrency,
        wait=wait,
        install_signal_handlers=False,
        # PostgreSQL says when there is one; asking is for the day it could not.
        fetch_job_polling_interval=ASK_ANYWAY.total_seconds(),
        delete_jobs="successful",
    )
