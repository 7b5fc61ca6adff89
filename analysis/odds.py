"""What a note may claim: base rates, unless a model has earned its place.

A note may state a probability only with the number of past cases behind it and an
interval. The probability is the base rate of days like this one (`analysis.base_rates`)
except where, that January, a model had passed the skill gate (`analysis.gate`); the base
rate is printed beside it either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.base_rates import (
    CONDITIONS,
    LEAST_CASES,
    QUESTIONS,
    Question,
    any_day_rates,
    rates_by_session,
)
from analysis.gate import gated
from analysis.history import known
from analysis.market import Market
from analysis.sessions import next_sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A statement the next sessions will mark right or wrong.

    ``any_day`` is how often the same had come true on whatever day, so that a rate near it
    is not taken for an edge; None where the question makes no sense on any day.
    """

    key: str
    claim: str
    probability: float
    base_rate: float
    interval: tuple[float, float]
    n: int
    horizon_sessions: int
    resolves_on: date
    any_day: float | None = None


def claims(market: Market) -> tuple[Claim, ...]:
    """Return what the record says of days like the market's last one.

    Empty where the last return is not known or zero, or too few past cases are.
    """
    return claims_by_session(market, market.sessions[-1:])[market.sessions[-1]]


def claims_by_session(
    market: Market, rows: pd.DatetimeIndex
) -> dict[pd.Timestamp, tuple[Claim, ...]]:
    """Return what the record said on each evening of ``rows``, as `claims` does of the last."""
    asked = {
        question: claim_rows(market, question, rows) for question in QUESTIONS if question.claimed
    }
    any_day = any_day_rates(market).loc[rows]
    made = {
        session: [
            _claim(market, question, sheet.loc[[session]].iloc[0], same)
            for question, sheet in asked.items()
        ]
        for session, (_, same) in zip(rows, any_day.iterrows(), strict=True)
    }
    return {
        session: tuple(claim for claim in told if claim is not None)
        for session, told in made.items()
    }


def _claim(market: Market, question: Question, row: pd.Series, any_day: pd.Series) -> Claim | None:
    if not row["n"] >= LEAST_CASES:
        return None
    session = pd.Timestamp(str(row.name))
    same = question.same_on_any_day(float(market.day_return[session]))
    return Claim(
        key=question.key,
        claim=question.words(float(market.day_return[session])),
        probability=float(row["probability"]),
        base_rate=float(row["base_rate"]),
        interval=(float(row["low"]), float(row["high"])),
        n=int(row["n"]),
        horizon_sessions=question.horizon_sessions,
        resolves_on=next_sessions(session, question.horizon_sessions)[-1].date(),
        any_day=known(any_day[same]) if same else None,
    )


def claim_rows(
    market: Market, question: Question, rows: pd.DatetimeIndex | None = None
) -> pd.DataFrame:
    """Return what each evening's note would have claimed of one question.

    Parameters
    ----------
    rows
        Sessions that are asked about; None stands for all of them.

    Returns
    -------
    shape (n_rows, 6)
        ``probability``, ``base_rate``, the interval's ``low`` and ``high``, ``n`` cases
        settled by that evening, and ``modelled``, 1.0 where a model that had passed the gate
        speaks instead of the base rate. Missing where the question is not asked after such a
        day or too few cases were known.
    """
    counted = base_rows(market, question)
    return gated(market, question, counted, market.sessions if rows is None else rows)


def base_rows(market: Market, question: Question) -> pd.DataFrame:
    """Return what the base rate alone would have claimed, as `claim_rows`."""
    columns = ["probability", "base_rate", "low", "high", "n"]
    answer = pd.DataFrame(np.nan, index=market.sessions, columns=columns)
    for condition in question.conditions:
        rates = rates_by_session(market, question, condition)
        asked = CONDITIONS[condition](market.day_return) & (rates["n"] >= LEAST_CASES)
        sheet = rates.assign(probability=rates["rate"], base_rate=rates["rate"])
        answer = answer.where(~asked, sheet[columns])
    return answer.assign(modelled=0.0)
