"""Claims made by notes, and how they were graded. Both are only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping, Select, insert, select

from bot.edition import Claim
from bot.ledger.database import Transaction
from bot.ledger.insert import insert_into
from bot.ledger.tables import claims, editions, grades


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with the session of the note that made it."""

    id: int
    session: date
    claim: Claim


@dataclass(frozen=True, slots=True)
class Grade:
    """What became of a claim; losses are those of the stated probability."""

    came_true: bool
    brier: float
    log_loss: float
    base_rate_brier: float
    evidence: str
    control_brier: float | None = None


async def note_claims(tx: Transaction, edition_id: int, made: Sequence[Claim]) -> None:
    """Write down what an edition claims."""
    rows = [
        {
            "edition_id": edition_id,
            "key": claim.key,
            "words": claim.words,
            "probability": claim.probability,
            "base_rate": claim.base_rate,
            "interval_low": claim.interval[0],
            "interval_high": claim.interval[1],
            "n": claim.n,
            "horizon_sessions": claim.horizon_sessions,
            "resolves_on": claim.resolves_on,
        }
        for claim in made
    ]
    if rows:
        await tx.execute(insert(claims), rows)


async def ungraded_claims(tx: Transaction, through: date) -> list[ClaimRow]:
    """Return the claims that could be graded by the end of ``through`` and are not."""
    query = _claims().where(claims.c.resolves_on <= through, grades.c.claim_id.is_(None))
    return [_claim(row) for row in (await tx.execute(query)).mappings()]


async def grade_claim(tx: Transaction, claim_id: int, grade: Grade, now: datetime) -> bool:
    """Write a claim's grade, once; a second grade is refused and answers false."""
    written = await tx.execute(
        insert_into(tx, grades)
        .values(
            claim_id=claim_id,
            came_true=grade.came_true,
            brier=grade.brier,
            log_loss=grade.log_loss,
            base_rate_brier=grade.base_rate_brier,
            control_brier=grade.control_brier,
            evidence=grade.evidence,
            graded_at=now,
        )
        .on_conflict_do_nothing()
        .returning(grades.c.claim_id)
    )
    return written.scalar_one_or_none() is not None


async def graded_claims(tx: Transaction) -> list[tuple[ClaimRow, Grade]]:
    """Return the record: every graded claim, oldest first."""
    return await _graded(tx, _claims().where(grades.c.claim_id.is_not(None)))


async def claims_settled_between(
    tx: Transaction, first: date, last: date
) -> list[tuple[ClaimRow, Grade]]:
    """Return the graded claims whose last close came in from ``first`` to ``last``."""
    query = _claims().where(
        grades.c.claim_id.is_not(None), claims.c.resolves_on.between(first, last)
    )
    return await _graded(tx, query)


async def _graded(
    tx: Transaction, query: Select[tuple[object, ...]]
) -> list[tuple[ClaimRow, Grade]]:
    return [
        (
            _claim(row),
            Grade(
                row["came_true"],
                row["brier"],
                row["log_loss"],
                row["base_rate_brier"],
                row["evidence"],
                row["control_brier"],
            ),
        )
        for row in (await tx.execute(query)).mappings()
    ]


def _claims() -> Select[tuple[object, ...]]:
    return (
        select(claims, grades, editions.c.session)
        .join(editions, editions.c.id == claims.c.edition_id)
        .outerjoin(grades, grades.c.claim_id == claims.c.id)
        .order_by(editions.c.session, claims.c.id)
    )


def _claim(row: RowMapping) -> ClaimRow:
    claim = Claim(
        key=row["key"],
        words=row["words"],
        probability=row["probability"],
        base_rate=row["base_rate"],
        interval=(row["interval_low"], row["interval_high"]),
        n=row["n"],
        horizon_sessions=row["horizon_sessions"],
        resolves_on=row["resolves_on"],
    )
    return ClaimRow(row["id"], row["session"], claim)
