"""Kill the workers while they mail thousands of readers, and count what reached the mailboxes.

    python -m benchmarks.mail_kills [--readers 10000] [--kills 20] [--postgres]

A real Postfix takes the mail. Two worker processes are killed with ``kill -9`` at random moments
and started again, until everything is settled and at least so many kills have fallen. Then the
ledger is held against the mailboxes, and one line is printed::

    readers 10000 kills 26 lost 0 doubled 0 in_doubt 180 (at most 1040, listed 180, 95 arrived)

``lost`` is neither in the mailbox nor in doubt, or called sent and not there; ``doubled`` is
there twice.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import multiprocessing.process
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.mail_crowd import channel_at, promise_note, subscribe_crowd
from benchmarks.mail_worker import BATCH, CONNECTIONS, Plan, unsettled, work
from benchmarks.private_postfix import MailServers, private_postfix
from benchmarks.private_postgres import new_database, private_postgres
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryState, list_deliveries
from bot.ledger.migrate import upgrade

WORKERS = 2
SIZE_BYTES = 8_000
DOMAIN = "many.test"
SETTLE_WITHIN_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a campaign came to."""

    readers: int
    kills: int
    lost: int
    doubled: int
    in_doubt: int
    listed: int
    doubtful_arrived: int

    @property
    def most_in_doubt(self) -> int:
        """What the batch of the marks allows."""
        return self.kills * CONNECTIONS * BATCH

    def __str__(self) -> str:
        """Return the line that is printed."""
        return (
            f"readers {self.readers} kills {self.kills} lost {self.lost} doubled {self.doubled} "
            f"in_doubt {self.in_doubt} (at most {self.most_in_doubt}, listed {self.listed}, "
            f"{self.doubtful_arrived} arrived)"
        )


async def campaign(
    database: str, servers: MailServers, readers: int, kills: int, seed: int
) -> Verdict:
    """Mail a crowd under fire, and judge what came of it."""
    ledger = open_ledger(database)
    await upgrade(ledger)
    await subscribe_crowd(ledger, readers, DOMAIN)
    plan = Plan(database, servers.smtp_port)
    await promise_note(ledger, channel_at(ledger, plan.port, 1, 1), SIZE_BYTES)
    fallen = await _storm(plan, ledger, kills, np.random.default_rng(seed))
    while await asyncio.to_thread(servers.waiting):
        await asyncio.sleep(0.2)
    verdict = await judge(ledger, servers, fallen)
    await ledger.close()
    return verdict


async def _storm(plan: Plan, ledger: Ledger, kills: int, rng: np.random.Generator) -> int:
    """Kill worker after worker, spread over the sending, and return how many fell."""
    begun = await unsettled(ledger)
    workers = [_spawn(plan) for _ in range(WORKERS)]
    deadline, fallen = time.monotonic() + SETTLE_WITHIN_SECONDS, 0
    while (left := await unsettled(ledger)) and time.monotonic() < deadline:
        # A kill falls due each time another share of the work is done, and a random moment later.
        is_due = fallen < kills and left <= begun * (1.0 - fallen / kills)
        await asyncio.sleep(rng.exponential(0.1) if is_due else 0.1)
        if is_due:
            place = int(rng.integers(WORKERS))
            workers[place].kill()
            await asyncio.to_thread(workers[place].join)
            workers[place], fallen = _spawn(plan), fallen + 1
    for worker in workers:
        await asyncio.to_thread(worker.join, 10.0)
        worker.kill()
    return fallen


def _spawn(plan: Plan) -> multiprocessing.process.BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.mail_worker", "asyncpg", "aiosqlite"])
    process = context.Process(target=work, args=(plan,), daemon=True)
    process.start()
    return process


async def judge(ledger: Ledger, servers: MailServers, kills: int) -> Verdict:
    """Hold the ledger against the mailboxes."""
    async with ledger.read() as tx:
        rows = await list_deliveries(tx, limit=1_000_000)
        listed = await list_deliveries(tx, state=DeliveryState.IN_DOUBT, limit=1_000_000)
    arrived = Counter(await asyncio.to_thread(lambda: list(servers.recipients_of_many())))
    copies = {row.id: arrived[f"r{int(row.target) - 1}@{DOMAIN}"] for row in rows}
    doubtful = [row for row in rows if row.state is DeliveryState.IN_DOUBT]
    certain = [row for row in rows if row.state is not DeliveryState.IN_DOUBT]
    lost = [row for row in certain if row.state is not DeliveryState.SENT or not copies[row.id]]
    return Verdict(
        readers=len(rows),
        kills=kills,
        lost=len(lost),
        doubled=sum(max(count - 1, 0) for count in copies.values()),
        in_doubt=len(doubtful),
        listed=len(listed),
        doubtful_arrived=sum(bool(copies[row.id]) for row in doubtful),
    )


async def run(readers: int, kills: int, *, on_postgres: bool, seed: int = 20250409) -> Verdict:
    """Run one campaign on a database of its own."""
    async with private_postfix() as servers:
        if on_postgres:
            async with private_postgres() as server:
                database = await new_database(server, "undertow_mail_kills")
                return await campaign(database, servers, readers, kills, seed)
        with tempfile.TemporaryDirectory(prefix="undertow-mail-kills-") as folder:
            database = str(Path(folder) / "ledger.sqlite3")
            return await campaign(database, servers, readers, kills, seed)


def main() -> int:
    """Run, print the line, and answer with 1 if the desk broke its word."""
    parser = argparse.ArgumentParser(description="kill the workers that mail the note")
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    begun = time.monotonic()
    verdict = asyncio.run(run(options.readers, options.kills, on_postgres=options.postgres))
    where = "PostgreSQL" if options.postgres else "SQLite"
    print(f"{where}: {verdict}, {time.monotonic() - begun:.0f} s in all")
    return 0 if verdict.lost == verdict.doubled == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
