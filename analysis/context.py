"""Where a session stands in the index's own past: runs, extremes, and the day before.

None of this is scored. It is what a person would add in passing: the third fall in a row,
the best day since March 2020, the forced selling of yesterday bought back today. Every
figure looks back from the session and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.history import History, known, total
from analysis.market import VIX, Market

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How long ago something was last as large: ``on`` is None where it never was.

    ``sessions`` counts from that day to this one; where it never was, it counts the sessions
    that were searched.
    """

    on: date | None
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The session among its predecessors; None where the past is not known.

    Attributes
    ----------
    data_begin
        First session that was searched.
    move_since
        The last day on which the index moved as far the same way.
    run_sessions
        How many sessions in a row the index has closed that way, signed; 0 on a flat day.
    run_since
        The last day on which a run of that length stood, before this run.
    level_since
        After a rise the last higher close, after a fall the last lower one.
    vix_move_since
        The last day on which the VIX moved as far the same way, in points.
    prior_return
        The index's return of the session before [fraction].
    prior_forced_usd
        Net forced dollars of the session before [USD], above zero bought.
    prior_session
        The session before.
    """

    data_begin: date
    move_since: Since | None
    run_sessions: int
    run_since: Since | None
    level_since: Since | None
    vix_move_since: Since | None
    prior_session: date | None
    prior_return: float | None
    prior_forced_usd: float | None


def context_of(history: History, session: pd.Timestamp) -> Context:
    """Place one session among those before it."""
    market = history.market
    at = int(market.sessions.searchsorted(session))
    days = market.sessions[: at + 1]
    returns = market.day_return.to_numpy(float)[: at + 1]
    closes = market.closes("^GSPC").to_numpy(float)[: at + 1]
    runs = run_lengths(returns)
    return Context(
        data_begin=days[0].date(),
        move_since=since_as_large(days, returns),
        run_sessions=int(runs[-1]),
        run_since=since_as_large(days, runs, skip=int(abs(runs[-1]))),
        level_since=_level_since(days, closes, returns[-1]),
        vix_move_since=since_as_large(days, _vix_change(market)[: at + 1]),
        prior_session=days[-2].date() if at else None,
        prior_return=known(returns[-2]) if at else None,
        prior_forced_usd=_forced_usd(history, days[-2]) if at else None,
    )


def run_lengths(returns: Floats) -> Floats:
    """Return how many sessions in a row closed the same way up to each, signed.

    A missing return and an unchanged close end a run.

    >>> run_lengths(np.array([np.nan, 0.01, 0.02, -0.01, 0.0])).tolist()
    [0.0, 1.0, 2.0, -1.0, 0.0]
    """
    signs = np.sign(np.nan_to_num(returns))
    lengths = np.zeros(len(signs))
    for at, sign in enumerate(signs):
        same = at > 0 and sign == signs[at - 1]
        lengths[at] = lengths[at - 1] + sign if same else sign
    return lengths


def since_as_large(days: pd.DatetimeIndex, values: Floats, *, skip: int = 1) -> Since | None:
    """Find the last earlier day with a value of today's sign and at least its size.

    ``skip`` days up to today are passed over. None where today's value is zero or missing,
    or no day is left to search.
    """
    today = values[-1]
    earlier = values[: len(values) - max(1, skip)]
    if not np.isfinite(today) or today == 0.0 or not np.isfinite(earlier).any():
        return None
    as_large = np.nan_to_num(earlier * np.sign(today), nan=-np.inf) >= abs(today)
    return _last(days, as_large)


def _level_since(days: pd.DatetimeIndex, closes: Floats, day_return: float) -> Since | None:
    earlier = closes[:-1]
    if not np.isfinite(day_return) or day_return == 0.0 or not np.isfinite(earlier).any():
        return None
    beyond = earlier > closes[-1] if day_return > 0.0 else earlier < closes[-1]
    return _last(days, beyond)


def _last(days: pd.DatetimeIndex, true_of_earlier: NDArray[np.bool_]) -> Since:
    found = np.flatnonzero(true_of_earlier)
    last = len(days) - 1
    if not len(found):
        return Since(on=None, sessions=last)
    return Since(on=days[found[-1]].date(), sessions=last - int(found[-1]))


def _vix_change(market: Market) -> Floats:
    return market.closes(VIX).diff().to_numpy(float)


def _forced_usd(history: History, session: pd.Timestamp) -> float | None:
    """Return the net forced dollars of a session, whether or not it is one of the rows asked."""
    net = total(history.flows_before(session))
    return None if net is None else float(net.mid)
