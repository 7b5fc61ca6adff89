"""Past sessions whose drivers looked most like today's, and what followed them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.base_rates import BEGIN
from analysis.history import History
from analysis.market import INDEX, Market

NEAREST = 25
"""Sessions shown; a twentieth of what is searched at the least."""

APART_SESSIONS = 5
"""Two sessions closer than this share what followed them; only the more alike is kept."""

EMBARGO_SESSIONS = 10
"""Sessions before today that are left out, so that no analogue shares today's news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What followed the analogues [fraction]: the usual marks, and every return behind them.

    ``returns`` are in the order of the sessions; ``up_fraction`` is the share above zero.
    """

    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    up_fraction: float
    returns: tuple[float, ...]


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
    spread; past sessions on which one of them was not measured are passed over, as are the
    ten sessions before today and every session within five of a nearer one. None where
    fewer than twenty times as many sessions as are shown can be searched.
    """
    past, today = _fingerprints(history, session)
    after = _followed(history.market)
    past = past[after.loc[past.index].notna().all(axis="columns")]
    if len(past) < 20 * NEAREST or today.empty:
        return None
    apart = ((past - today) / past.std().replace(0.0, np.nan)).pow(2).sum(axis="columns")
    sessions = history.market.sessions
    by_nearness = sessions.get_indexer(pd.DatetimeIndex(apart.sort_values(kind="stable").index))
    found = sessions[_thinned(by_nearness)]
    return Analogues(
        n=len(found),
        sessions=tuple(stamp.date() for stamp in found),
        next_1=_spread(after.loc[found, "next_1"]),
        next_5=_spread(after.loc[found, "next_5"]),
    )


def _followed(market: Market) -> pd.DataFrame:
    """Return the index's return over the 1 and 5 sessions after each, where known [fraction]."""
    close = market.closes(INDEX)
    return pd.DataFrame({f"next_{n}": close.shift(-n) / close - 1.0 for n in (1, 5)})


def _thinned(by_nearness: NDArray[np.intp]) -> list[int]:
    """Keep the nearest sessions that lie apart from each other, by their place in time."""
    kept: list[int] = []
    for place in by_nearness:
        if all(abs(int(place) - other) >= APART_SESSIONS for other in kept):
            kept.append(int(place))
        if len(kept) == NEAREST:
            break
    return kept


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


def _spread(after: pd.Series) -> Spread:
    known = after.to_numpy(float)
    p10, p25, p50, p75, p90 = (float(q) for q in np.quantile(known, (0.1, 0.25, 0.5, 0.75, 0.9)))
    return Spread(
        p10=p10,
        p25=p25,
        p50=p50,
        p75=p75,
        p90=p90,
        up_fraction=float((known > 0.0).mean()),
        returns=tuple(float(value) for value in known),
    )
