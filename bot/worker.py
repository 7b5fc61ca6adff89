"""The loop of a process: listen for the bell, work on the outbox, stop when told to.

``undertow serve`` runs one with a schedule, ``undertow worker`` one without. Any number of
either may share a ledger: what a job or a delivery may be done by is decided there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from bot.errors import DeskError
from bot.ledger_trouble import LedgerTrouble
from bot.outbox import Outbox
from bot.schedule.bell import Bell
from bot.schedule.runner import Runner

log = structlog.get_logger(__name__)

POLL = timedelta(seconds=1)
AFTER_A_FAULT = timedelta(seconds=5)
STANDS_STILL = "schedule"
"""The alert that no job can be found."""


def process_name() -> str:
    """Return a name no other process has, nor this one in another life."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


@dataclass
class Worker:
    """One process at work; without a ``runner`` it only sends."""

    outbox: Outbox
    runner: Runner | None = None
    poll: timedelta = POLL
    bell: Bell | None = None
    # What an earlier process told of the schedule is not known here: the first good ring clears it.
    _stood_still: bool = field(default=True, repr=False)
    trouble: LedgerTrouble = field(init=False)
    """How the ledger fares."""

    def __post_init__(self) -> None:
        self.trouble = LedgerTrouble(self.outbox.clock, self.outbox.alarm, self.outbox.over)

    @property
    def stopping(self) -> asyncio.Event:
        """Set it, and the worker finishes what it has in hand and returns."""
        return self.outbox.stopping

    async def run(self) -> None:
        """Work until told to stop."""
        if self.runner is not None:
            self.bell = Bell(self._answer, self.outbox.clock)
            self.bell.start()
        log.info("worker_started", owner=self.outbox.owner, schedule=self.runner is not None)
        try:
            while not self.stopping.is_set():
                await self._turn()
        finally:
            if self.bell is not None:
                await self.bell.stop()
            await self.outbox.rest()
        log.info("worker_stopped", owner=self.outbox.owner)

    async def _turn(self) -> None:
        moved, wait = 0, self.poll
        try:
            moved = await self.outbox.run_once()
            await self.trouble.passed("sending")
        except (DBAPIError, OSError) as error:
            # The database is away. Nothing is lost: what was claimed comes back by its lease.
            await self.trouble.met("sending", error)
            wait = AFTER_A_FAULT
        if self.bell is not None:
            self.bell.check_clock()
        if moved == 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait.total_seconds())

    async def _answer(self) -> None:
        if self.runner is None:
            return
        try:
            await self.runner.ring(self.stopping)
            if self._stood_still:
                await self.runner.alarms.clear(STANDS_STILL)
                self._stood_still = False
            await self.trouble.passed("schedule")
        except (DBAPIError, OSError) as error:
            await self.trouble.met("schedule", error)
        except DeskError as error:
            # A slip in the closures file, for one. Sending goes on; a person must know.
            self._stood_still = True
            await self.runner.alarms.alarm(STANDS_STILL, f"the schedule stands still: {error}")


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Let SIGTERM and Ctrl+C ask for an orderly end; a second one is not needed and not heard."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
