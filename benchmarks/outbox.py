"""A million deliveries: how fast they are promised, claimed and settled, and in what memory.

    python -m benchmarks.outbox [--rows 1000000] [--workers 2]

On SQLite (WAL, synchronous FULL) and on a PostgreSQL of our own. Nothing is sent: the channel
says yes at once, so the figures are those of the ledger. Three costs are measured apart:
promising (one row a reader), settling through the outbox as a channel without a hand-over does,
and settling with the hand-over marked, in groups of ten as mail does.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from multiprocessing.queues import Queue
from pathlib import Path

import structlog
from sqlalchemy import text

from benchmarks.chaos_worker import Mute
from benchmarks.private_postgres import NoPostgresError, new_database, private_postgres
from bot.channels import EVERY_KIND, AfterSilence, Delivery, HandOver, Load, Receipt, Sent
from bot.clock import real_clock
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.claiming import Lease, claim_deliveries
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.ledger.migrate import upgrade
from bot.ledger.pacing import Pace
from bot.ledger.vitals import take_vitals
from bot.outbox import Outbox, enqueue_edition
from bot.worker import process_name

SESSION = date(2025, 4, 9)
PAGE = 2_000
SECONDS_A_TRIAL = 20.0
PLAIN, MARKED = Load(connections=1, group=200), Load(connections=4, group=10)


Result = tuple[int, float, float, float]
"""Deliveries settled, seconds taken, processor seconds used, peak memory [MiB]."""


@dataclass
class Yes:
    """A channel that takes everything at once, until its time is up."""

    rows: int
    load: Load
    marks: bool
    name: str = "yes"
    wants: tuple[str, ...] = ("note.json",)
    carries: frozenset[str] = EVERY_KIND
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    pace: Pace = field(default_factory=Pace)
    taken: int = 0

    async def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give a page of readers at a time."""
        for start in range(0, self.rows, PAGE):
            page = range(start, min(start + PAGE, self.rows))
            yield [Target(f"reader {number}") for number in page]

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Take it."""
        if self.marks:
            await hand_over()
        self.taken += 1
        return Sent()


def peak_mib() -> float:
    """Return the most memory this process ever held [MiB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def memory_mib() -> float:
    """Return the memory this process holds now [MiB]."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def settle_for_a_while(database: str, load: Load, marks: bool, answer: Queue[Result]) -> None:
    """Be a worker for some seconds, and report how many were settled and in what memory."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    answer.put(asyncio.run(_settle(database, load, marks)))


async def _settle(database: str, load: Load, marks: bool) -> Result:
    ledger, channel = open_ledger(database), Yes(0, load, marks)
    outbox = Outbox(ledger, [channel], real_clock, process_name(), Mute().alarm)
    begun, begun_cpu = time.monotonic(), time.process_time()
    while time.monotonic() - begun < SECONDS_A_TRIAL and await outbox.run_once():
        pass
    seconds = time.monotonic() - begun
    await ledger.close()
    return channel.taken, seconds, time.process_time() - begun_cpu, peak_mib()


async def promise(ledger: Ledger, rows: int) -> float:
    """Freeze an edition, promise it to everyone, and return the seconds it took."""
    texts = {"note.json": b"{}" * 10_000}
    async with ledger.write() as tx:
        row = await freeze(tx, Edition(SESSION, texts, "sha256:x"), Terms(NOTE), real_clock())
    begun = time.monotonic()
    await enqueue_edition(ledger, [Yes(rows, PLAIN, False)], row, real_clock())
    return time.monotonic() - begun


async def bare_claims(ledger: Ledger, claims: int, size: int) -> float:
    """Return how many deliveries a second can be claimed, and do nothing with them."""
    begun = time.monotonic()
    for _ in range(claims):
        async with ledger.write() as tx:
            lease = Lease("bench", real_clock(), timedelta(minutes=10))
            await claim_deliveries(tx, "yes", lease, size)
    return claims * size / (time.monotonic() - begun)


async def trial(title: str, database: str, rows: int, workers: int) -> None:
    """Measure one database and print its lines."""
    ledger = open_ledger(database)
    await upgrade(ledger)
    seconds = await promise(ledger, rows)
    print(
        f"{title}: {rows:,} promised in {seconds:.0f} s ({rows / seconds:,.0f}/s), "
        f"holding {memory_mib():.0f} MiB"
    )
    if not ledger.is_sqlite:
        async with ledger.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as raw:
            await raw.execute(text("ANALYZE"))
    for size in (20, 200):
        print(
            f"{title}: claimed alone {size} at a time: "
            f"{await bare_claims(ledger, min(100, rows // (10 * size)), size):,.0f}/s"
        )
    for load, marks, words in (
        (PLAIN, False, "no mark, groups of 200"),
        (MARKED, True, "marked, groups of 10"),
    ):
        for count in sorted({1, workers}):
            done = await asyncio.to_thread(_race, database, load, marks, count)
            rate = sum(taken / seconds for taken, seconds, _, _ in done)
            cpu_us = 1e6 * sum(r[2] for r in done) / max(sum(r[0] for r in done), 1)
            print(
                f"{title}: settled by {count} worker(s), {words}: {rate:,.0f}/s, "
                f"{cpu_us:.0f} us of processor each, worker peak {max(r[3] for r in done):.0f} MiB"
            )
    begun = time.monotonic()
    async with ledger.read() as tx:
        await take_vitals(tx, SESSION)
    print(f"{title}: counted for /metrics in {time.monotonic() - begun:.2f} s")
    await ledger.close()


def _race(database: str, load: Load, marks: bool, workers: int) -> list[Result]:
    context = multiprocessing.get_context("forkserver")
    answers: Queue[Result] = context.Queue()
    crew = [
        context.Process(target=settle_for_a_while, args=(database, load, marks, answers))
        for _ in range(workers)
    ]
    for process in crew:
        process.start()
    results = [answers.get() for _ in crew]
    for process in crew:
        process.join()
    return results


async def run(rows: int, workers: int) -> None:
    """Measure both databases."""
    print(f"load average before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="undertow-outbox-") as name:
        await trial("SQLite", str(Path(name) / "ledger.sqlite3"), rows, workers)
    try:
        async with private_postgres() as server:
            database = await new_database(server, "undertow_outbox")
            await trial("PostgreSQL", database, rows, workers)
    except NoPostgresError as error:
        print(f"PostgreSQL: not run: {error}", file=sys.stderr)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description="a million deliveries")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    asyncio.run(run(options.rows, options.workers))


if __name__ == "__main__":
    main()
