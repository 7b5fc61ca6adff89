"""The desk as a running service: schedule, outbox and pages in one process, or sending only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.alerts import AlertDesk
from bot.channels import Channel
from bot.clock import Clock, real_clock
from bot.errors import DeskError
from bot.health import Watch, health_app, health_router
from bot.ledger import Ledger
from bot.ledger.database import check_file
from bot.ledger.faults import one_sentence
from bot.ledger.migrate import check_revision, current_revision, upgrade
from bot.outbox import Outbox
from bot.schedule import ExchangeSessions, Runner, SessionCalendar, Times, read_closures
from bot.schedule.runner import AfterNote, Wake, Write, wake_nobody
from bot.worker import Worker, process_name, stop_on_signals

if TYPE_CHECKING:
    from fastapi import FastAPI


Companion = Callable[[asyncio.Event], Coroutine[object, object, None]]
"""Something that runs beside the desk until the event is set."""


StandBy = Callable[[Outbox], Coroutine[object, object, None]]
"""Has an outbox send whenever somebody says so, until it is told to stop."""

ASK_ANYWAY = timedelta(minutes=1)
"""A worker on call looks at the outbox this often all the same, for what no job was deferred for:
second tries, readers' hours, and what a stalled job left."""


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
    wake: Wake = wake_nobody

    def outbox(self) -> Outbox:
        """Return this process's hands on the outbox."""
        return Outbox(
            self.ledger,
            self.channels,
            self.clock,
            self.owner,
            self.alerts.alarm,
            over=self.alerts.clear,
        )

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
            wake=self.wake,
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
    with one_sentence():
        check_file(ledger)
        await _prepare(ledger)


async def check_tables(ledger: Ledger) -> None:
    """Refuse a database that does not answer, or whose tables are of another version.

    Raises
    ------
    LedgerError
        With what to do about it.
    """
    with one_sentence():
        check_file(ledger)
        await check_revision(ledger)


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
    watch = Watch(
        service.ledger,
        service.clock,
        worker.runner,
        lambda: worker.bell,
        lambda: worker.trouble.words,
    )
    if pages is None:
        app = health_app(watch)
    else:
        app = pages
        app.include_router(health_router(watch))
    await prepare(service.ledger)
    listener = listening(host, port)
    # Ours first: uvicorn puts its own handlers on top and passes the signal on when it is done.
    stop_on_signals(worker.stopping)
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_config=None, timeout_graceful_shutdown=10)
    )
    try:
        with one_refusal():
            await _until_one_ends(worker, server.serve(sockets=[listener]), beside)
    finally:
        server.should_exit = True
        listener.close()
        await service.ledger.close()


def listening(host: str, port: int) -> socket.socket:
    """Take the pages' port before any work begins.

    Raises
    ------
    DeskError
        If another program has it, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise DeskError(
            f"cannot listen on {host} port {port}: {error.strerror}; "
            "choose another with UNDERTOW_PORT or UNDERTOW_HOST"
        ) from error
    return listener


@contextmanager
def one_refusal() -> Iterator[None]:
    """Let a refusal of one of several tasks end the process as if it had been alone."""
    try:
        yield
    except BaseExceptionGroup as group:
        refusals, others = group.split(DeskError)
        if refusals is None or others is not None:
            raise
        raise _first(refusals) from group


def _first(group: BaseExceptionGroup[DeskError]) -> DeskError:
    one = group.exceptions[0]
    return _first(one) if isinstance(one, BaseExceptionGroup) else one


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


async def work(service: Service, stand_by: StandBy | None = None) -> None:
    """Send from the outbox until SIGTERM, without schedule or pages.

    With ``stand_by`` the process waits to be woken, and looks of its own accord but rarely.
    """
    await check_tables(service.ledger)
    outbox = service.outbox()
    worker = Worker(outbox) if stand_by is None else Worker(outbox, poll=ASK_ANYWAY)
    stop_on_signals(worker.stopping)
    try:
        with one_refusal():
            await _sending(worker, outbox, stand_by)
    finally:
        await service.ledger.close()


async def _sending(worker: Worker, outbox: Outbox, stand_by: StandBy | None) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run())
        if stand_by is not None:
            tasks.create_task(stand_by(outbox))
