"""Forget, hour by hour, those who asked and never confirmed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.ledger import Ledger
from bot.ledger.dossier import forget_unconfirmed
from bot.newsletter.lifecycle import FORGET_AFTER

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)


async def forget_stale(ledger: Ledger, clock: Clock) -> int:
    """Forget all who asked a week ago and never confirmed; return how many that were."""
    total = 0
    while True:
        now = clock()
        async with ledger.write() as tx:
            forgotten = await forget_unconfirmed(tx, now - FORGET_AFTER, now)
        if forgotten == 0:
            return total
        total += forgotten


def forgetful(
    ledger: Ledger, clock: Clock, every: timedelta = EVERY
) -> Callable[[asyncio.Event], Coroutine[object, object, None]]:
    """Return what runs beside a desk and forgets, until the desk stops."""

    async def run(stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            try:
                forgotten = await forget_stale(ledger, clock)
            except (DBAPIError, OSError) as error:
                log.error("ledger_fault", problem=type(error).__name__)
            else:
                if forgotten:
                    log.info("unconfirmed_forgotten", count=forgotten)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), every.total_seconds())

    return run
