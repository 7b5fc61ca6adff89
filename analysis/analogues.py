"""Past sessions whose drivers looked most like today's, and what followed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from analysis.history import History
from analysis.market import INDEX
from analysis.odds import BEGIN

NEAREST = 25
"""Sessions shown; a twentieth of what is searched at the least."""

EMBARGO_SESSIONS = 10
"""Sessions before today that are left out, so that no analogue shares today's news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What followed the analogues [fraction]."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogues:
    """The sessions found, nearest first, and the spread of the next 1 and 5 sessions' returns."""

    n: int
    sessions: tuple[date, ...]
    next_1: Spread
    next_5: Spread


def analogues(history: History, session: pd.Timestamp) -> Analogues | None:
    """Find the past sessions with the nearest fingerprint of scores.

    The fingerprint holds the scores of the drivers measured today, each over its own past
    spread; past sessions on which one of them was not measured are passed over. None where
    fewer than twenty times as many sessions as are shown can be searched.
    """
    past, today = _fingerprints(history, session)
    if len(past) < 20 * NEAREST or today.empty:
        return None
    apart = ((past - today) / past.std().replace(0.0, np.nan)).pow(2).sum(axis="columns")
    found = pd.DatetimeIndex(apart.sort_values(kind="stable").index[:NEAREST])
    close = history.market.closes(INDEX)
    return Analogues(
        n=len(found),
        sessions=tuple(stamp.date() for stamp in found),
        next_1=_spread(close.shift(-1) / close - 1.0, found),
        next_5=_spread(close.shift(-5) / close - 1.0, found),
    )


def _fingerprints(history: History, session: pd.Timestamp) -> tuple[pd.DataFrame, pd.Series]:
    """Return the searchable past's scores and today's, drivers measured today only."""
    scores = pd.DataFrame(
        {
            slug: frame["score"].where(frame["measured"].astype(bool))
            for slug, frame in history.figures.items()
        }
    )
    today = scores.T[session].dropna()
    behind = scores.loc[BEGIN:session].iloc[: -1 - EMBARGO_SESSIONS]
    return behind[list(today.index)].dropna(), today


def _spread(after: pd.Series, found: pd.DatetimeIndex) -> Spread:
    p10, p50, p90 = np.nanquantile(after[found].to_numpy(float), (0.1, 0.5, 0.9))
    return Spread(p10=float(p10), p50=float(p50), p90=float(p90))
