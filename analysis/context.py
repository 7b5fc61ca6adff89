"""Where a session stands in the index's own past: runs, extremes, and the days before.

None of this is scored. It is what a person would add in passing: the third fall in a row,
the best day since March 2020, the forced selling of yesterday bought back today, half of
Friday's fall made good. Every figure looks back from the session and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.base_rates import (
    CONDITIONS,
    HALF_BACK_SESSIONS,
    LARGE,
    LARGE_RETURN,
    LEAST_CASES,
    QUESTIONS,
    rates_by_session,
)
from analysis.day_shape import DayShape, day_shape
from analysis.history import History, known, total
from analysis.market import INDEX, VIX, Market
from analysis.reading import Kind

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
class Settled:
    """A large day of the last week whose undoing by half was decided on this session.

    Attributes
    ----------
    session, day_return
        The day, and what the index did on it [fraction].
    sessions_after
        How many sessions later it was decided.
    came_true
        Whether a close lay at or beyond the middle of the day's move; False where the last of
        five closes has passed without.
    probability
        How often that had followed such days, as known that evening [0 to 1]; None where too
        few were known.
    undone_fraction
        The part of the day's move in points that stood undone at this close [fraction]: above
        one where the index is past where it had come from, below zero where the move has gone
        further.
    beside_before_return, beside_after_return
        This close beside the close before that day, and beside that day's own [fraction].
    """

    session: date
    day_return: float
    sessions_after: int
    came_true: bool
    probability: float | None
    undone_fraction: float
    beside_before_return: float
    beside_after_return: float


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
    flow_since
        By driver, the last day on which its forced dollars were as large on the same side;
        only drivers whose dollars have a year of history.
    settled
        The largest day of the last week whose undoing by half was decided today.
    shape
        How the session ran, who led it, and where the days before had left the index.
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
    flow_since: Mapping[str, Since] = field(default_factory=dict)
    settled: Settled | None = None
    shape: DayShape | None = None


def context_of(history: History, session: pd.Timestamp) -> Context:
    """Place one session among those before it."""
    market = history.market
    at = int(market.sessions.searchsorted(session))
    days = market.sessions[: at + 1]
    returns = market.day_return.to_numpy(float)[: at + 1]
    closes = market.closes(INDEX).to_numpy(float)[: at + 1]
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
        flow_since=_flows_since(history, days),
        settled=settled_today(market, at),
        shape=day_shape(market, session),
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


def settled_today(market: Market, at: int) -> Settled | None:
    """Find the largest day of the last week whose undoing by half was decided at row ``at``.

    A day is decided by the first close at or beyond the middle of its move, or by the fifth
    close without one. A missing close on the way decides nothing.
    """
    closes = market.closes(INDEX).to_numpy(float)
    decided = [
        (before, outcome)
        for before in range(max(1, at - HALF_BACK_SESSIONS), at)
        if (outcome := _decided_today(closes[before - 1 : at + 1])) is not None
    ]
    if not decided:
        return None
    returns = market.day_return.to_numpy(float)
    before, came_true = max(decided, key=lambda found: abs(returns[found[0]]))
    return Settled(
        session=market.sessions[before].date(),
        day_return=float(returns[before]),
        sessions_after=at - before,
        came_true=came_true,
        probability=_half_back_rate(market, before),
        undone_fraction=float(
            (closes[before] - closes[at]) / (closes[before] - closes[before - 1])
        ),
        beside_before_return=float(closes[at] / closes[before - 1] - 1.0),
        beside_after_return=float(closes[at] / closes[before] - 1.0),
    )


def _decided_today(closes: Floats) -> bool | None:
    """Say whether the last close settles a large day, and how; None where it does not.

    ``closes`` are the close before the day, the day's own, and all since.
    """
    prior, close, *later = closes.tolist()
    if not np.isfinite(closes).all() or abs(close / prior - 1.0) <= LARGE_RETURN:
        return None
    middle = 0.5 * (prior + close)
    undone = [after <= middle if close > prior else after >= middle for after in later]
    if any(undone[:-1]):
        return None
    return True if undone[-1] else (False if len(undone) == HALF_BACK_SESSIONS else None)


def _half_back_rate(market: Market, at: int) -> float | None:
    """Return how often half had been undone after such days, as known on the evening ``at``."""
    question = next(one for one in QUESTIONS if one.key == "half_back_5")
    day = market.day_return.iloc[[at]]
    condition = next(name for name in LARGE if bool(CONDITIONS[name](day).iloc[0]))
    rate = rates_by_session(market, question, condition).iloc[at]
    return float(rate["rate"]) if rate["n"] >= LEAST_CASES else None


def _flows_since(history: History, days: pd.DatetimeIndex) -> dict[str, Since]:
    forced = [driver.slug for driver in history.drivers if driver.kind is Kind.MECHANICAL]
    found = {slug: _flow_since(history.figures[slug].loc[days], days) for slug in forced}
    return {slug: since for slug, since in found.items() if since is not None}


def _flow_since(figures: pd.DataFrame, days: pd.DatetimeIndex) -> Since | None:
    if not bool(figures["ranked"].iloc[-1]):
        return None
    flows = figures["flow_mid_usd"]
    counted = flows[flows.first_valid_index() :]
    return since_as_large(pd.DatetimeIndex(counted.index), counted.to_numpy(float))


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
