"""Marking the ledger's own claims once their last close is in, and reading the live record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from bot.ledger import Ledger
from bot.ledger.record import ClaimRow, Grade, grade_claim, graded_claims, ungraded_claims

if TYPE_CHECKING:
    from analysis.market import Market
    from analysis.record import Record


async def grade_due(ledger: Ledger, market: Market, now: datetime) -> int:
    """Grade the claims that the market can settle, and return how many those were.

    Each is graded once; a claim whose closes are not all in stays open.
    """
    async with ledger.read() as tx:
        waiting = await ungraded_claims(tx, market.sessions[-1].date())
    made = await asyncio.to_thread(_grades, market, waiting)
    async with ledger.write() as tx:
        return sum([await grade_claim(tx, claim_id, grade, now) for claim_id, grade in made])


async def live_record(ledger: Ledger, market: Market) -> Record:
    """Return the record of what was published, graded and still open."""
    async with ledger.read() as tx:
        rows = [row for row, _ in await graded_claims(tx)]
        rows += await ungraded_claims(tx, date.max)
    return await asyncio.to_thread(_record, market, rows)


def _grades(market: Market, rows: Sequence[ClaimRow]) -> list[tuple[int, Grade]]:
    from analysis.record import grade

    due = grade(_sheet(market, rows))
    return [
        (
            int(line["claim_id"]),
            Grade(
                came_true=bool(line["outcome"]),
                brier=float(line["brier"]),
                log_loss=float(line["log_loss"]),
                base_rate_brier=float(line["base_rate_brier"]),
                control_brier=None if isnan(line["control_brier"]) else line["control_brier"],
                evidence=f"closes of the index after {line['session']:%Y-%m-%d}",
            ),
        )
        for line in due.to_dict("records")
    ]


def _sheet(market: Market, rows: Sequence[ClaimRow]) -> pd.DataFrame:
    """Set claims out as the grading wants them, with what has become of them by now."""
    from analysis.base_rates import QUESTIONS
    from analysis.gate import control_forecasts
    from analysis.odds import base_rows
    from analysis.record import CLAIM_COLUMNS

    controls = {
        question.key: control_forecasts(market, question, base_rows(market, question))
        for question in QUESTIONS
        if question.key in {row.claim.key for row in rows}
    }
    lines = [
        {
            "claim_id": row.id,
            "session": session,
            "key": row.claim.key,
            "probability": row.claim.probability,
            "base_rate": row.claim.base_rate,
            "control": controls[row.claim.key].get(session, float("nan")),
            "low": row.claim.interval[0],
            "high": row.claim.interval[1],
            "n": float(row.claim.n),
            "outcome": _outcome(market, row.claim.key, session),
        }
        for row, session in ((row, pd.Timestamp(row.session)) for row in rows)
        if row.claim.key in controls
    ]
    return pd.DataFrame(lines, columns=["claim_id", *CLAIM_COLUMNS, "outcome"])


def _outcome(market: Market, key: str, session: pd.Timestamp) -> float:
    from analysis.record import settle

    if session not in market.sessions:
        return float("nan")
    became = settle(market, key, session)
    return float("nan") if became is None else float(became)


def _record(market: Market, rows: Sequence[ClaimRow]) -> Record:
    from analysis.backfill import backfill
    from analysis.record import record_of

    claims = _sheet(market, rows)
    known = market.sessions[market.sessions.isin(pd.DatetimeIndex(claims["session"]))]
    first, last = (known[0], known[-1]) if len(known) else (market.sessions[-1],) * 2
    return record_of(claims, market, backfill(market, first, last), hindsight=False)
