"""Runs: each job of a session is claimed by a unique row, so two machines cannot both do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, and_, func, literal, or_, select, update

from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.tables import runs


class RunState(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    WAITING = "waiting"
    """Held or failed for now; it may be tried again."""
    DONE = "done"
    GIVEN_UP = "given_up"
    """Closed without result, with the reason in ``detail``."""


UNFINISHED = (RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do for one session."""

    session: date
    kind: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the ledger holds it."""

    job: Job
    state: RunState
    owner: str
    lease_until: datetime
    not_before: datetime
    tries: int
    late: bool
    detail: str
    started_at: datetime
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How a try ended, and when the next may begin if it was not the last."""

    state: RunState
    detail: str = ""
    late: bool = False
    not_before: datetime | None = None


async def claim_run(
    tx: Transaction,
    job: Job,
    owner: str,
    now: datetime,
    lease: timedelta,
    *,
    even_if_waiting: bool = False,
) -> RunRow | None:
    """Take a job, or return nothing because it is done, not yet due again, or another's.

    ``even_if_waiting`` takes a held job before its time, for an operator who cannot wait.
    """
    fresh = {
        "state": RunState.RUNNING,
        "owner": owner,
        "lease_until": now + lease,
        "tries": runs.c.tries + 1,
    }
    free = or_(
        and_(
            runs.c.state == RunState.WAITING,
            or_(runs.c.not_before <= now, literal(even_if_waiting)),
        ),
        and_(runs.c.state == RunState.RUNNING, runs.c.lease_until <= now),
    )
    taken = await tx.execute(
        insert_into(tx, runs)
        .values(
            session=job.session,
            kind=job.kind,
            state=RunState.RUNNING,
            owner=owner,
            lease_until=now + lease,
            not_before=now,
            tries=1,
            late=False,
            detail="",
            started_at=now,
        )
        .on_conflict_do_update(index_elements=["session", "kind"], set_=fresh, where=free)
        .returning(runs)
    )
    row = taken.one_or_none()
    return None if row is None else _run(row)


async def extend_run(
    tx: Transaction, job: Job, owner: str, now: datetime, lease: timedelta
) -> bool:
    """Keep a job that takes long; false if another has taken it meanwhile."""
    kept = await tx.execute(
        update(runs).where(*_mine(job, owner)).values(lease_until=now + lease).returning(runs.c.id)
    )
    return kept.scalar_one_or_none() is not None


async def end_run(tx: Transaction, job: Job, owner: str, end: RunEnd, now: datetime) -> bool:
    """Write how a try ended; false if the job was no longer ours to end."""
    finished_at = None if end.state in UNFINISHED else now
    ended = await tx.execute(
        update(runs)
        .where(*_mine(job, owner))
        .values(
            state=end.state,
            detail=end.detail,
            late=end.late,
            not_before=end.not_before or now,
            finished_at=finished_at,
        )
        .returning(runs.c.id)
    )
    return ended.scalar_one_or_none() is not None


async def give_up_waiting(tx: Transaction, job: Job, words: str, now: datetime) -> bool:
    """Close a held job for good, its reason kept; false if it was not waiting."""
    closed = await tx.execute(
        update(runs)
        .where(
            runs.c.session == job.session,
            runs.c.kind == job.kind,
            runs.c.state == RunState.WAITING,
        )
        .values(
            state=RunState.GIVEN_UP, detail=literal(f"{words}: ") + runs.c.detail, finished_at=now
        )
        .returning(runs.c.id)
    )
    return closed.scalar_one_or_none() is not None


async def held_runs(tx: Transaction) -> list[RunRow]:
    """Return the jobs that are held, oldest session first."""
    query = select(runs).where(runs.c.state == RunState.WAITING)
    return [_run(row) for row in await tx.execute(query.order_by(runs.c.session, runs.c.id))]


async def find_run(tx: Transaction, job: Job) -> RunRow | None:
    """Return a job's run, or nothing while nobody has begun it."""
    query = select(runs).where(runs.c.session == job.session, runs.c.kind == job.kind)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _run(row)


async def runs_since(tx: Transaction, first: date) -> list[RunRow]:
    """Return the runs of all sessions from ``first`` on, in order."""
    query = select(runs).where(runs.c.session >= first).order_by(runs.c.session, runs.c.id)
    return [_run(row) for row in await tx.execute(query)]


BEGIN = "begin"
"""A run of this kind marks the first session the desk answers for."""


async def begun_on(tx: Transaction) -> date | None:
    """Return the day this desk last began with, or nothing before it has begun."""
    query = select(func.max(runs.c.session)).where(runs.c.kind == BEGIN)
    begun: date | None = (await tx.execute(query)).scalar_one()
    return begun


async def begin_on(tx: Transaction, day: date, owner: str, now: datetime) -> date:
    """Let the desk begin with ``day`` unless it has begun, and return the day it began with."""
    begun = await begun_on(tx)
    return begun if begun is not None else await begin_anew(tx, day, owner, now)


async def begin_anew(tx: Transaction, day: date, owner: str, now: datetime) -> date:
    """Let the desk answer for the sessions from ``day`` on and for none before, and return it."""
    job = Job(day, BEGIN)
    await claim_run(tx, job, owner, now, timedelta(0))
    await end_run(tx, job, owner, RunEnd(RunState.DONE, "the desk begins here"), now)
    return day


def _mine(job: Job, owner: str) -> tuple[ColumnElement[bool], ...]:
    return (
        runs.c.session == job.session,
        runs.c.kind == job.kind,
        runs.c.owner == owner,
        runs.c.state == RunState.RUNNING,
    )


def _run(row: Row[tuple[object, ...]]) -> RunRow:
    return RunRow(
        Job(row.session, row.kind),
        RunState(row.state),
        row.owner,
        row.lease_until,
        row.not_before,
        row.tries,
        row.late,
        row.detail,
        row.started_at,
        row.finished_at,
    )
