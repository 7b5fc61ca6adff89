"""The process that `benchmarks.chaos` kills: a real desk with hasty leases."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import httpx
import structlog

from bot.channels import AfterSilence, Delivery, InDoubt, Receipt, RetryLater, Sent
from bot.channels.folder import FolderChannel, write_durably
from bot.channels.webhook import WebhookChannel
from bot.clock import real_clock
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, Target, count_deliveries
from bot.ledger.editions import EditionRow
from bot.ledger.pacing import Breaker, Pace
from bot.ledger.runs import runs_since
from bot.outbox import Outbox
from bot.schedule import ExchangeSessions, Runner
from bot.schedule.due import PUBLISH
from bot.worker import process_name

LEASE = timedelta(seconds=1)
STEPS = tuple(timedelta(seconds=seconds) for seconds in (0.05, 0.1, 0.2))
TIMEOUT_SECONDS = 0.4
BREAKER = Breaker(open_for=timedelta(seconds=1))
BACKLOG = 60
"""A worker begins another session when fewer deliveries than this are waiting."""

FIRST_SESSION = date(2024, 1, 2)


@dataclass(frozen=True)
class Plan:
    """What a worker needs to know, small enough to be handed to a new process."""

    database: str
    port: int
    folder: Path
    readers: int
    key: str

    @property
    def enough(self) -> Path:
        """The file that tells the workers to begin nothing new."""
        return self.folder / "enough"


@dataclass(frozen=True)
class Crowd(WebhookChannel):
    """Many receivers behind one address; nobody can be asked afterwards."""

    readers: int = 1

    async def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the readers in two pages, so that a kill can fall between them."""
        names = [Target(f"reader {number:03}") for number in range(self.readers)]
        yield names[: self.readers // 2]
        yield names[self.readers // 2 :]


@dataclass(frozen=True)
class Library(Crowd):
    """The same, but the far side can say what it has."""

    name: str = "library"

    @property
    def after_silence(self) -> AfterSilence:
        """It can be asked."""
        return AfterSilence.LOOK_UP

    async def find(self, delivery: Delivery) -> Receipt:
        """Ask. A request that is still on its way is waited for first."""
        await asyncio.sleep(TIMEOUT_SECONDS)
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client:
            try:
                answer = await client.get(self.url, headers={"Undertow-Delivery": delivery.key})
            except httpx.TransportError:
                return InDoubt("nobody answers")
        there = answer.status_code == httpx.codes.NO_CONTENT
        return Sent("found") if there else RetryLater("not there", after=timedelta(0))


def channels_of(plan: Plan) -> list[Crowd | Library | FolderChannel]:
    """Return the three kinds of channel there are: ask nobody, ask somebody, write again."""
    crowd = Crowd(
        f"http://127.0.0.1:{plan.port}/",
        plan.key,
        allow_private=True,
        pace=Pace(),
        timeout_seconds=TIMEOUT_SECONDS,
        readers=plan.readers,
    )
    shared = {field.name: getattr(crowd, field.name) for field in fields(Crowd)}
    library = Library(**{**shared, "name": "library"})
    return [crowd, library, FolderChannel(plan.folder / "notes", ("note.json",))]


def write_session(plan: Plan, session: date) -> Edition:
    """Fetch and write one session, slowly enough to be killed at either."""
    raw = plan.folder / "archive" / f"{session}.csv"
    if not raw.is_file():
        raw.parent.mkdir(parents=True, exist_ok=True)
        time.sleep(0.02)
        write_durably(raw, f"{session},SPY,6000.0\n".encode() * 200)
    time.sleep(0.02)
    body = b'{"session":"%s","rows":%d}' % (str(session).encode(), raw.stat().st_size)
    digest = hashlib.sha256(body).hexdigest()
    return Edition(session, {"note.json": body}, f"sha256:{digest}")


class Mute:
    """Nobody listens to alarms here."""

    async def alarm(self, key: str, words: str) -> None:
        """Hear nothing."""

    async def clear(self, key: str) -> None:
        """Hear nothing."""


def run_worker(plan: Plan) -> None:
    """Be a worker process, until there is enough and nothing is left to send."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_work(plan))


async def _work(plan: Plan) -> None:
    ledger = open_ledger(plan.database)
    owner, channels = process_name(), channels_of(plan)
    outbox = Outbox(ledger, channels, real_clock, owner, Mute().alarm, LEASE, STEPS, BREAKER)
    runner = Runner(
        ledger,
        {NOTE: lambda session: write_session(plan, session)},
        channels,
        ExchangeSessions(),
        real_clock,
        owner,
        Mute(),
        lease=LEASE,
    )
    while True:
        unsettled = await _unsettled(ledger)
        is_enough = plan.enough.exists()
        todo = await _unfinished(ledger)
        if is_enough and unsettled == 0 and not todo.begun:
            break
        if unsettled < BACKLOG:
            for session in todo.begun if is_enough else (*todo.begun, todo.fresh):
                await runner.publish(session)
        if await outbox.run_once() == 0:
            await asyncio.sleep(0.02)
    await ledger.close()


async def _unsettled(ledger: Ledger) -> int:
    async with ledger.read() as tx:
        counts = await count_deliveries(tx)
    waiting = (DeliveryState.PENDING, DeliveryState.SENDING)
    return sum(count for (_, state), count in counts.items() if state in waiting)


@dataclass(frozen=True)
class Todo:
    """Sessions that somebody began and nobody finished, and the next that nobody began."""

    begun: tuple[date, ...]
    fresh: date


async def _unfinished(ledger: Ledger) -> Todo:
    async with ledger.read() as tx:
        runs = [run for run in await runs_since(tx, FIRST_SESSION) if run.job.kind == PUBLISH]
    last = max((run.job.session for run in runs), default=FIRST_SESSION - timedelta(days=1))
    begun = tuple(run.job.session for run in runs if not run.is_finished)
    return Todo(begun, last + timedelta(days=1))
