"""The desk as a running service: schedule, outbox and pages in one process, or sending only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from bot.alerts import AlertDesk
from bot.channels import Channel
from bot.clock import Clock, real_clock
from bot.health import Watch, health_app, health_router
from bot.ledger import Ledger, LedgerError
from bot.ledger.migrate import check_revision, current_revision, upgrade
from bot.outbox import Outbox
from bot.schedule import ExchangeSessions, Runner, SessionCalendar, Times, read_closures
from bot.schedule.runner import AfterNote, Write
from bot.worker import Worker, process_name, stop_on_signals

if TYPE_CHECKING:
    from fastapi import FastAPI


Companion = Callable[[asyncio.Event], Coroutine[object, object, None]]
"""Something that runs beside the desk until the event is set."""


@dataclass(frozen=True)
class Service:
    """What a process needs to be a desk.

    ``writers`` has a function for each kind of edition this desk makes, at least ``note``;
    without a ``calendar`` the exchange's is kept, less the closures in `closures_file`;
    ``after_note`` is awaited once a note is promised to its readers.
    """

    ledger: Ledger
    channels: Sequence[Channel]
    alerts: AlertDesk
    writers: Mapping[str, Write] = field(default_factory=dict)
    calendar: SessionCalendar | None = None
    times: Times = field(default_factory=Times)
    clock: Clock = real_clock
    owner: str = field(default_factory=process_name)
    after_note: AfterNote | None = None

    def outbox(self) -> Outbox:
        """Return this process's hands on the outbox."""
        return Outbox(self.ledger, self.channels, self.clock, self.owner, self.alerts.alarm)

    def runner(self) -> Runner:
        """Return this process's hands on the schedule."""
        return Runner(
            self.ledger,
            self.writers,
            self.channels,
            self.calendar or sessions_of(self.ledger),
            self.clock,
            self.owner,
            self.alerts,
            self.times,
            after_note=self.after_note,
        )


def closures_file(ledger: Ledger) -> Path:
    """Return where the operator writes unplanned closures.

    Beside an SQLite ledger; with PostgreSQL in the folder the desk runs in.
    """
    database = ledger.engine.url.database
    folder = Path(database).parent if ledger.is_sqlite and database else Path()
    return folder / "closures.csv"


def sessions_of(ledger: Ledger) -> ExchangeSessions:
    """Return the exchange's sessions less the operator's closures."""
    path = closures_file(ledger)
    return ExchangeSessions(lambda: read_closures(path))


async def prepare(ledger: Ledger) -> None:
    """Create the tables where there are none; bring SQLite's up to date; else only check.

    A PostgreSQL ledger may have other machines on it, so its tables change only when an
    operator says so.

    Raises
    ------
    LedgerError
        If the database does not answer, or its tables are of another version.
    """
    try:
        await _prepare(ledger)
    except (DBAPIError, OSError) as error:
        raise LedgerError(
            f"the ledger does not answer ({type(error).__name__}); check UNDERTOW_DATABASE_URL"
        ) from error


async def _prepare(ledger: Ledger) -> None:
    if ledger.is_sqlite or await current_revision(ledger) is None:
        await upgrade(ledger)
    await check_revision(ledger)


async def serve(
    service: Service,
    *,
    pages: FastAPI | None = None,
    host: str = "127.0.0.1",
    port: int = 8080,
    beside: Sequence[Companion] = (),
) -> None:
    """Run schedule, outbox and pages until SIGTERM; then finish what is in hand.

    Each of ``beside`` runs along, such as a bot, and ends when the event it is given is set.
    """
    import uvicorn

    worker = Worker(service.outbox(), service.runner())
    watch = Watch(service.ledger, service.clock, worker.runner, lambda: worker.bell)
    if pages is None:
        app = health_app(watch)
    else:
        app = pages
        app.include_router(health_router(watch))
    await prepare(service.ledger)
    # Ours first: uvicorn puts its own handlers on top and passes the signal on when it is done.
    stop_on_signals(worker.stopping)
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_config=None, timeout_graceful_shutdown=10)
    )
    try:
        await _until_one_ends(worker, server.serve(), beside)
    finally:
        server.should_exit = True
        await service.ledger.close()


async def _until_one_ends(
    worker: Worker, pages: Coroutine[object, object, None], beside: Sequence[Companion]
) -> None:
    # If the pages fall over the worker stops in good order, and the process ends, to be
    # restarted by whatever watches it.
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        served = tasks.create_task(pages)
        for companion in beside:
            tasks.create_task(companion(worker.stopping))
        await asyncio.wait([served])
        worker.stopping.set()


async def work(service: Service) -> None:
    """Send from the outbox until SIGTERM, without schedule or pages."""
    await check_revision(service.ledger)
    worker = Worker(service.outbox())
    stop_on_signals(worker.stopping)
    try:
        await worker.run()
    finally:
        await service.ledger.close()
