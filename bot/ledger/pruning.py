"""Forget old deliveries, so that a large desk's ledger stays the size of its recent past.

Only who was sent what, and each attempt at it, is forgotten. Never pruned: editions and their
texts, claims and grades, runs, publications, readers and their consents, and any delivery that
still waits, is under way, or stands in doubt for a person to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, select

from bot.ledger.database import Ledger, LedgerError, Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.runs import Job, RunEnd, RunState, claim_run, end_run
from bot.ledger.tables import attempts, deliveries, runs

SETTLED = (
    DeliveryState.SENT,
    DeliveryState.FAILED,
    DeliveryState.SKIPPED,
    DeliveryState.EXPIRED,
)
FEWEST_DAYS = 60
"""A desk that was off looks 45 days back; what it may still promise must not be forgotten."""

AT_ONCE = 2_000
"""Deliveries forgotten in one commit: others wait for a moment, not for minutes."""

PRUNED = "pruned"
"""A run of this kind marks the newest session whose deliveries may have been forgotten."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was forgotten."""

    through: date
    deliveries: int
    attempts: int


async def prune(ledger: Ledger, keep_days: int, now: datetime) -> Pruned:
    """Forget the settled deliveries of sessions more than ``keep_days`` ago [days].

    It may run beside a desk at work, and be stopped and run again.

    Raises
    ------
    LedgerError
        If fewer days are to be kept than the desk itself may need.
    """
    if keep_days < FEWEST_DAYS:
        raise LedgerError(
            f"keeping {keep_days} days is too few: the desk itself may look back that far; "
            f"keep at least {FEWEST_DAYS}"
        )
    through = now.date() - timedelta(days=keep_days)
    # Marked first: from here on nobody may take a missing row for one that was never sent.
    async with ledger.write() as tx:
        await _mark(tx, through, now)
    rows = tries = 0
    while True:
        async with ledger.write() as tx:
            some = await _forget_some(tx, through)
        if some == (0, 0):
            return Pruned(through, rows, tries)
        rows, tries = rows + some[0], tries + some[1]


async def pruned_through(tx: Transaction) -> date | None:
    """Return the newest session whose deliveries may have been forgotten."""
    query = select(func.max(runs.c.session)).where(runs.c.kind == PRUNED)
    newest: date | None = (await tx.execute(query)).scalar_one()
    return newest


async def _mark(tx: Transaction, through: date, now: datetime) -> None:
    job = Job(through, PRUNED)
    await claim_run(tx, job, PRUNED, now, timedelta(0))
    await end_run(tx, job, PRUNED, RunEnd(RunState.DONE, "older deliveries are forgotten"), now)


async def _forget_some(tx: Transaction, through: date) -> tuple[int, int]:
    query = (
        select(deliveries.c.id)
        .where(deliveries.c.session <= through, deliveries.c.state.in_(SETTLED))
        .limit(AT_ONCE)
    )
    ids = list((await tx.execute(query)).scalars())
    if not ids:
        return 0, 0
    tries = await tx.execute(delete(attempts).where(attempts.c.delivery_id.in_(ids)))
    rows = await tx.execute(delete(deliveries).where(deliveries.c.id.in_(ids)))
    return rows.rowcount, tries.rowcount
