"""The process that `benchmarks.mail_kills` kills: a worker that mails with hasty leases."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import structlog

from benchmarks.chaos_worker import Mute
from benchmarks.mail_crowd import channel_at
from bot.clock import real_clock
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, count_deliveries
from bot.outbox import Outbox
from bot.worker import process_name

CONNECTIONS, BATCH = 4, 10
LEASE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a worker needs to know."""

    database: str
    port: int


def work(plan: Plan) -> None:
    """Be a worker until nothing is left to send."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(_work(plan))


async def _work(plan: Plan) -> None:
    ledger = open_ledger(plan.database)
    channel = channel_at(ledger, plan.port, CONNECTIONS, BATCH)
    outbox = Outbox(ledger, [channel], real_clock, process_name(), Mute().alarm, LEASE)
    while await unsettled(ledger):
        if await outbox.run_once() == 0:
            await asyncio.sleep(0.05)
    await outbox.rest()
    await ledger.close()


async def unsettled(ledger: Ledger) -> int:
    """Return how many deliveries have not come to an end."""
    async with ledger.read() as tx:
        counts = await count_deliveries(tx)
    waiting = (DeliveryState.PENDING, DeliveryState.SENDING)
    return sum(count for (_, state), count in counts.items() if state in waiting)
