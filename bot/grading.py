"""The ledger's own claims, marked when their last close is in.

A grade is written once and never changed; it names the closes it rests on. A simulated
market grades nothing: only what was published and what really happened make a live record.
"""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from math import log, sqrt
from typing import TYPE_CHECKING

from bot.ledger.record import ClaimRow, Grade, grade_claim, graded_claims, ungraded_claims

if TYPE_CHECKING:
    import pandas as pd

    from analysis.market import Market
    from analysis.record import Record
    from bot.ledger import Ledger

CLIP = 1e-6
"""A logarithmic loss is taken of probabilities this far from certainty [0 to 1]."""


async def grade_due(ledger: Ledger, market: Market, now: datetime) -> int:
    """Grade every claim whose closes the market knows, and return how many were graded."""
    if market.simulated or not len(market.sessions):
        return 0
    async with ledger.read() as tx:
        due = await ungraded_claims(tx, market.sessions[-1].date())
    grades = [(row.id, grade_of(row, market)) for row in due]
    written = 0
    async with ledger.write() as tx:
        for claim_id, grade in grades:
            if grade is not None:
                written += await grade_claim(tx, claim_id, grade, now)
    return written


def grade_of(row: ClaimRow, market: Market) -> Grade | None:
    """Return what became of a claim; None while a close it needs is not known.

    A claim of a kind that today's method no longer makes stays ungraded: nobody can say any
    more how it was meant to be settled.
    """
    import pandas as pd

    from analysis.base_rates import QUESTIONS
    from analysis.market import INDEX
    from analysis.record import settle

    session = pd.Timestamp(row.session)
    known = {question.key for question in QUESTIONS}
    if row.claim.key not in known or session not in market.sessions:
        return None
    outcome = settle(market, row.claim.key, session)
    if outcome is None:
        return None
    told, truth = row.claim.probability, float(outcome)
    close = market.closes(INDEX)
    later = close[close.index > session].iloc[: row.claim.horizon_sessions]
    closes = ", ".join(f"{price:,.2f}" for price in later)
    return Grade(
        came_true=outcome,
        brier=(told - truth) ** 2,
        log_loss=-log(max(CLIP, told if outcome else 1.0 - told)),
        base_rate_brier=(row.claim.base_rate - truth) ** 2,
        evidence=f"{INDEX} closed at {close[session]:,.2f} on {row.session}, then at {closes}",
        control_brier=_control_brier(row, market, truth),
    )


def _control_brier(row: ClaimRow, market: Market, truth: float) -> float | None:
    """Return the loss of the VIX-only control on the same claim, where it had a word."""
    import pandas as pd

    from analysis.base_rates import QUESTIONS
    from analysis.gate import control_forecasts
    from analysis.odds import base_rows

    session = pd.Timestamp(row.session)
    then = market.until(session)
    question = next(question for question in QUESTIONS if question.key == row.claim.key)
    told = float(control_forecasts(then, question, base_rows(then, question))[session])
    return None if told != told else (told - truth) ** 2


async def live_claims(ledger: Ledger) -> pd.DataFrame:
    """Return the ledger's claims in the shape `analysis.record.record_of` grades.

    Pending ones have no outcome. The control's probability is read back from its loss.
    """
    import pandas as pd

    from analysis.record import CLAIM_COLUMNS

    async with ledger.read() as tx:
        graded = await graded_claims(tx)
        pending = await ungraded_claims(tx, date.max)
    lines = [_line(row, grade) for row, grade in graded]
    lines += [_line(row, None) for row in pending]
    return pd.DataFrame(lines, columns=[*CLAIM_COLUMNS, "outcome"])


def _line(row: ClaimRow, grade: Grade | None) -> dict[str, object]:
    import pandas as pd

    claim, nothing = row.claim, float("nan")
    control = nothing
    if grade is not None and grade.control_brier is not None:
        miss = sqrt(grade.control_brier)
        control = 1.0 - miss if grade.came_true else miss
    return {
        "session": pd.Timestamp(row.session),
        "key": claim.key,
        "probability": claim.probability,
        "base_rate": claim.base_rate,
        "control": control,
        "low": claim.interval[0],
        "high": claim.interval[1],
        "n": float(claim.n),
        "outcome": nothing if grade is None else float(grade.came_true),
    }


async def live_record(ledger: Ledger, market: Market) -> Record:
    """Return the record of what was published: graded claims and those still open."""
    claims = await live_claims(ledger)
    return await asyncio.to_thread(_record_of, claims, market)


def _record_of(claims: pd.DataFrame, market: Market) -> Record:
    import pandas as pd

    from analysis.backfill import backfill
    from analysis.record import record_of

    known = market.sessions[market.sessions.isin(pd.DatetimeIndex(claims["session"]))]
    first, last = (known[0], known[-1]) if len(known) else (market.sessions[-1],) * 2
    return record_of(claims, market, backfill(market, first, last), hindsight=False)
