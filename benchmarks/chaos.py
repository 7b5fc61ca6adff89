"""Kill the desk again and again, and count what its readers got.

Two worker processes publish session after session and are killed with ``kill -9`` at random
moments, over fetching, writing, freezing, promising and sending, while the far side refuses,
falls silent and hangs up. Half of the kills are on SQLite, half on a PostgreSQL of our own. At
the end the ledger is held against what really arrived, and one line is printed::

    kills 400 lost 0 doubled 0 in_doubt 31 (listed 31) editions 210

``lost`` is promised and neither sent nor in doubt, or called sent and not there, or never
promised; ``doubled`` is there twice. Run it with ``make chaos`` or ``make chaos KILLS=20``.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import multiprocessing
import multiprocessing.process
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks.chaos_sink import Sink, running_sink
from benchmarks.chaos_worker import Plan, channels_of, run_worker
from benchmarks.private_postgres import NoPostgresError, new_database, private_postgres
from bot.ledger import Ledger
from bot.ledger.database import open_ledger
from bot.ledger.deliveries import DeliveryRow, DeliveryState, count_deliveries, list_deliveries
from bot.ledger.editions import EditionRow, edition_text, list_editions
from bot.ledger.migrate import upgrade
from bot.ledger.pacing import list_channel_states

WORKERS = 2
READERS = 6
MEAN_LIFE_SECONDS = 0.8
SETTLE_WITHIN_SECONDS = 600.0
"""On a machine with other work a far side is often late, and every late answer is tried again."""
EDITIONS_AT_LEAST = 5


@dataclass
class Verdict:
    """What a campaign came to."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    in_doubt: int = 0
    listed: int = 0
    editions: int = 0
    arrived_in_doubt: int = 0

    def __add__(self, other: Verdict) -> Verdict:
        """Add up two campaigns."""
        return Verdict(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Verdict)))

    def __str__(self) -> str:
        """Return the line that is printed."""
        return (
            f"kills {self.kills} lost {self.lost} doubled {self.doubled} "
            f"in_doubt {self.in_doubt} (listed {self.listed}) editions {self.editions}"
        )

    @property
    def is_clean(self) -> bool:
        """Whether the desk kept its word."""
        return self.lost == 0 and self.doubled == 0 and self.in_doubt == self.listed


async def campaign(database: str, folder: Path, kills: int, seed: int) -> Verdict:
    """Run two workers on a database, kill them ``kills`` times, and judge what is left."""
    ledger = open_ledger(database)
    await upgrade(ledger)
    async with running_sink(seed) as sink:
        plan = Plan(database, sink.port, folder, READERS, hashlib.sha256(b"chaos").hexdigest())
        await _storm(plan, kills, np.random.default_rng(seed + 1), ledger)
        verdict = await judge(ledger, plan, sink)
    await ledger.close()
    verdict.kills = kills
    return verdict


async def _storm(plan: Plan, kills: int, rng: np.random.Generator, ledger: Ledger) -> None:
    workers = [_spawn(plan) for _ in range(WORKERS)]
    for _ in range(kills):
        await asyncio.sleep(rng.exponential(MEAN_LIFE_SECONDS / WORKERS))
        place = int(rng.integers(WORKERS))
        workers[place].kill()
        await asyncio.to_thread(workers[place].join)
        workers[place] = _spawn(plan)
    while len(await _editions(ledger)) < EDITIONS_AT_LEAST:
        await asyncio.sleep(0.1)
    plan.enough.touch()
    deadline = time.monotonic() + SETTLE_WITHIN_SECONDS
    for worker in workers:
        await asyncio.to_thread(worker.join, max(deadline - time.monotonic(), 0.1))
        if worker.is_alive():
            worker.kill()
            async with ledger.read() as tx:
                print(
                    "a worker did not come to an end:",
                    await count_deliveries(tx),
                    await list_channel_states(tx),
                    file=sys.stderr,
                )


def _spawn(plan: Plan) -> multiprocessing.process.BaseProcess:
    # A fork server has everything imported, so a worker is at work a moment after its birth
    # and kills fall on its work and not on its imports.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.chaos_worker", "asyncpg", "aiosqlite"])
    process = context.Process(target=run_worker, args=(plan,), daemon=True)
    process.start()
    return process


async def judge(ledger: Ledger, plan: Plan, sink: Sink) -> Verdict:
    """Hold the ledger against what arrived."""
    editions = await _editions(ledger)
    rows = await _all_deliveries(ledger)
    verdict = Verdict(editions=len(editions))
    for edition in editions:
        own = [row for row in rows if row.edition_id == edition.id]
        expected = {channel.name: READERS for channel in channels_of(plan)} | {"folder": 1}
        promised = Counter(row.channel for row in own)
        verdict.lost += sum(max(expected[name] - promised[name], 0) for name in expected)
        async with ledger.read() as tx:
            body = await edition_text(tx, edition.id, "note.json") or b""
        for row in own:
            _judge_delivery(verdict, row, _copies(row, plan, sink), body)
    async with ledger.read() as tx:
        counts = await count_deliveries(tx)
    verdict.in_doubt = sum(
        count for (_, state), count in counts.items() if state is DeliveryState.IN_DOUBT
    )
    verdict.listed = len(await _all_deliveries(ledger, DeliveryState.IN_DOUBT))
    return verdict


def _judge_delivery(verdict: Verdict, row: DeliveryRow, copies: list[str], body: bytes) -> None:
    right = copies.count(hashlib.sha256(body).hexdigest())
    verdict.doubled += max(len(copies) - 1, 0)
    if row.state is DeliveryState.IN_DOUBT:
        verdict.arrived_in_doubt += bool(copies)
    elif row.state is not DeliveryState.SENT or right != len(copies) or right == 0:
        verdict.lost += 1


def _copies(row: DeliveryRow, plan: Plan, sink: Sink) -> list[str]:
    if row.channel != "folder":
        return sink.got[f"{row.session}/{row.edition}/{row.channel}/{row.target}"]
    files = (plan.folder / "notes").glob(f"{row.session}*.json")
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


async def _editions(ledger: Ledger) -> list[EditionRow]:
    async with ledger.read() as tx:
        return [row for row in await list_editions(tx) if row.is_frozen]


async def _all_deliveries(ledger: Ledger, state: DeliveryState | None = None) -> list[DeliveryRow]:
    async with ledger.read() as tx:
        return await list_deliveries(tx, state=state, limit=None)


async def run(kills: int, seed: int) -> Verdict:
    """Run a campaign on each database there is, and add them up."""
    with tempfile.TemporaryDirectory(prefix="undertow-chaos-") as name:
        home = Path(name)
        (home / "sqlite").mkdir()
        (home / "postgres").mkdir()
        try:
            async with private_postgres() as server:
                database = await new_database(server, "undertow_chaos")
                second = await campaign(database, home / "postgres", kills - kills // 2, seed + 2)
                print(
                    f"PostgreSQL: {second}, of those in doubt {second.arrived_in_doubt} arrived",
                    file=sys.stderr,
                )
            on_sqlite = kills // 2
        except NoPostgresError as error:
            print(f"PostgreSQL: not run, all kills on SQLite: {error}", file=sys.stderr)
            second, on_sqlite = Verdict(), kills
        first = await campaign(
            str(home / "sqlite" / "ledger.sqlite3"), home / "sqlite", on_sqlite, seed
        )
        print(
            f"SQLite: {first}, of those in doubt {first.arrived_in_doubt} arrived", file=sys.stderr
        )
    return first + second


def main() -> int:
    """Run, print the line, and answer with 1 if the desk broke its word."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=400)
    parser.add_argument("--seed", type=int, default=20250409)
    options = parser.parse_args()
    verdict = asyncio.run(run(options.kills, options.seed))
    print(verdict)
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    raise SystemExit(main())
