"""How long it takes to promise a note to many readers, and what memory it needs.

    python -m benchmarks.newsletter_fanout 10000 100000 1000000

Each size runs in a process of its own on a fresh SQLite ledger (WAL, synchronous=FULL): readers of
three cadences in five time zones, a big day, one delivery a daily or big-days reader.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select, text

from bot.channels import AfterSilence, Delivery, HandOver, Load, Receipt, Refused
from bot.edition import NOTE, Edition
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import Target
from bot.ledger.editions import EditionRow, Terms, freeze
from bot.ledger.migrate import upgrade
from bot.ledger.pacing import Pace
from bot.ledger.tables import deliveries
from bot.newsletter.fanout import mail_targets
from bot.outbox import enqueue_for_channel
from bot.publishing import REPORT

EVENING = datetime(2025, 11, 21, 22, 15, tzinfo=UTC)
BIG_DAY = b'{"index": {"day_return": -0.031, "usual_move": 0.011}}'

MANY_READERS = """
INSERT INTO subscribers (id, address_key, address, state, cadence, level, text_only, zone, hour,
    topics, bounce_score, confirms_sent, created_at, changed_at)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
SELECT i, 'reader' || i || '@example.org', 'reader' || i || '@example.org', 'confirmed',
    CASE i % 5 WHEN 0 THEN 'weekly' WHEN 1 THEN 'big' ELSE 'daily' END, 'plain', 0,
    CASE i % 7 WHEN 0 THEN 'Asia/Tokyo' WHEN 1 THEN 'Europe/Berlin' WHEN 2 THEN 'Europe/London'
        WHEN 3 THEN 'Asia/Kolkata' ELSE 'America/New_York' END,
    CASE WHEN i % 3 = 0 THEN NULL ELSE i % 24 END, '[]', 0.0, 0,
    '2025-11-01 00:00:00', '2025-11-01 00:00:00'
FROM n
"""


@dataclass
class Post:
    """A mail channel that only knows its readers."""

    ledger: Ledger
    name: str = "mail"
    wants: tuple[str, ...] = ()
    carries: frozenset[str] = frozenset({NOTE})
    keeps_archive: bool = False
    after_silence: AfterSilence = AfterSilence.DOUBT
    pace: Pace = field(default_factory=Pace)
    load: Load = field(default_factory=Load)

    def targets(self, edition: EditionRow) -> AsyncIterator[Sequence[Target]]:
        """Give the readers."""
        return mail_targets(self.ledger, edition)

    async def send(self, delivery: Delivery, hand_over: HandOver) -> Receipt:
        """Send nothing."""
        return Refused("a benchmark")


async def measure(count: int, folder: str) -> tuple[float, int, float]:
    """Return the seconds of a fan-out, its deliveries, and the peak memory it added [MB]."""
    ledger = open_ledger(f"{folder}/ledger.sqlite3")
    await upgrade(ledger)
    async with ledger.write() as tx:
        await tx.execute(text(MANY_READERS), {"count": count})
        session = date(2025, 11, 21)
        edition = Edition(session, {REPORT: BIG_DAY}, "sha256:" + "ab" * 32)
        row = await freeze(tx, edition, Terms(NOTE), EVENING)
    before = peak_mb()
    begun = time.perf_counter()
    await enqueue_for_channel(ledger, Post(ledger), row, EVENING + timedelta(hours=18))
    seconds = time.perf_counter() - begun
    async with ledger.read() as tx:
        made = (await tx.execute(select(func.count()).select_from(deliveries))).scalar_one()
    await ledger.close()
    return seconds, made, peak_mb() - before


def peak_mb() -> float:
    """Return the most memory this process has held [MB]."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(count: int) -> None:
    """Measure one size and print its line."""
    with tempfile.TemporaryDirectory() as folder:
        seconds, made, added = asyncio.run(measure(count, folder))
    print(
        f"{count:>9,} readers  {made:>9,} deliveries  {seconds:6.1f} s  {made / seconds:>7,.0f}/s"
        f"  +{added:.0f} MB, {peak_mb():.0f} in all"
    )


if __name__ == "__main__":
    for size in [int(word) for word in sys.argv[1:]] or [10_000, 100_000]:
        process = multiprocessing.get_context("spawn").Process(target=run, args=(size,))
        process.start()
        process.join()
