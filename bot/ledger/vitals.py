"""Counts for ``/metrics``: how the desk is doing, in a handful of cheap queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select

from bot.ledger.database import Transaction
from bot.ledger.deliveries import DeliveryState
from bot.ledger.runs import RunState
from bot.ledger.tables import alerts, claims, deliveries, editions, grades, runs


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the desk is doing."""

    deliveries: dict[tuple[str, DeliveryState], int]
    in_doubt: int
    editions: dict[tuple[str, str], int]
    runs_held: int
    runs_late: int
    runs_given_up: int
    last_session: date | None
    last_published_at: datetime | None
    claims_open: int
    claims_graded: int
    brier: float | None
    base_rate_brier: float | None
    alerts_standing: int


async def take_vitals(tx: Transaction, since: date) -> Vitals:
    """Count what there is; deliveries of sessions from ``since`` on only, whatever the history.

    Deliveries in doubt are counted whole: they wait for a person, however old they are.
    """
    held, late, given_up = await _runs(tx)
    last_session, last_published_at = await _last_note(tx)
    made, graded, brier, base = await _record(tx)
    return Vitals(
        deliveries=await _deliveries(tx, since),
        in_doubt=await _in_doubt(tx),
        editions=await _editions(tx),
        runs_held=held,
        runs_late=late,
        runs_given_up=given_up,
        last_session=last_session,
        last_published_at=last_published_at,
        claims_open=made - graded,
        claims_graded=graded,
        brier=brier,
        base_rate_brier=base,
        alerts_standing=(await tx.execute(select(func.count()).select_from(alerts))).scalar_one(),
    )


async def _deliveries(tx: Transaction, since: date) -> dict[tuple[str, DeliveryState], int]:
    query = (
        select(deliveries.c.channel, deliveries.c.state, func.count())
        .where(deliveries.c.session >= since)
        .group_by(deliveries.c.channel, deliveries.c.state)
    )
    rows = await tx.execute(query)
    return {(channel, DeliveryState(state)): count for channel, state, count in rows}


async def _in_doubt(tx: Transaction) -> int:
    query = select(func.count()).where(deliveries.c.state == DeliveryState.IN_DOUBT)
    return (await tx.execute(query)).scalar_one()


async def _editions(tx: Transaction) -> dict[tuple[str, str], int]:
    query = select(editions.c.edition, editions.c.state, func.count()).group_by(
        editions.c.edition, editions.c.state
    )
    return {(kind, state): count for kind, state, count in await tx.execute(query)}


async def _runs(tx: Transaction) -> tuple[int, int, int]:
    query = select(
        func.count(case((runs.c.state == RunState.WAITING, 1))),
        func.count(case((runs.c.late, 1))),
        func.count(case((runs.c.state == RunState.GIVEN_UP, 1))),
    )
    held, late, given_up = (await tx.execute(query)).one()
    return held, late, given_up


async def _last_note(tx: Transaction) -> tuple[date | None, datetime | None]:
    query = (
        select(editions.c.session, editions.c.frozen_at)
        .where(editions.c.edition == "note", editions.c.state == "frozen")
        .order_by(editions.c.session.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    return (None, None) if row is None else (row[0], row[1])


async def _record(tx: Transaction) -> tuple[int, int, float | None, float | None]:
    query = select(
        func.count(claims.c.id),
        func.count(grades.c.claim_id),
        func.avg(grades.c.brier),
        func.avg(grades.c.base_rate_brier),
    ).select_from(claims.outerjoin(grades, grades.c.claim_id == claims.c.id))
    made, graded, brier, base = (await tx.execute(query)).one()
    return made, graded, brier, base
