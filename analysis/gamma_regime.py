"""Price and the VIX already tell most of what dealer gamma would.

Index dealers tend to be long gamma in calm, rising markets and short of it after falls. So
where no option chain is at hand, the published gamma index of SqueezeMetrics can be guessed
from six things anybody knows at the close:

    gex = b0 + b1 ln VIX + b2 r1 + b3 r5 + b4 r20 + b5 VIX/VIX3M + b6 drawdown

The guess is a regime, never dollars: the units of that index are not published. It is
fitted again each January on the rows known then, so that no past evening knows its future.

References
----------
SqueezeMetrics (2017). The Implied Order Book. White paper.
Barbon, A. and Buraschi, A. (2021). Gamma Fragility. Working paper, SSRN 3725454.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.market import INDEX, VIX, Market

Floats = NDArray[np.float64]

VIX3M = "^VIX3M"

GEX_UNIT = 1e9
"""The published index is told in billions of its own, unstated unit."""

FIRST_FIT_ROWS = 252
"""A year of published rows: fewer do not hold one whole swing of the VIX."""

TERM_CARRY_SESSIONS = 5
"""Sessions over which the last known VIX/VIX3M stands in for a missing one."""

DRAWDOWN_SESSIONS = 252
"""The high that a drawdown is measured from lies within a year."""

BUCKETS = 5
"""Quintiles of gamma: the next session's move falls from one to the next."""

MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, for a normal variable."""

NEWTON_STEPS = 12
"""A convex curve of two constants is found in fewer."""

PRIOR_PRECISION = 0.1
"""Keeps the logistic curve finite in a year without a single negative row."""


COLUMNS = [
    "gex",
    "negative_probability",
    "next_day_move",
    "any_day_move",
    "pressure",
    "size",
    "fitted",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeModel:
    """One fit of published gamma on price and the VIX.

    Attributes
    ----------
    intercept, slopes
        Of the six features in the order of `features` [bn of the index's unit].
    negative
        Intercept and slope of the logistic curve from predicted gamma to the
        probability that the published one is below zero.
    scale, size
        Robust scale of predicted gamma times the next session's move [bn x sigma], and of
        predicted gamma itself, both about zero [bn].
    edges
        Quintile bounds of predicted gamma over the fitted rows [bn].
    next_day_move
        Mean absolute index return on the session after, by quintile [fraction].
    """

    intercept: float
    slopes: tuple[float, ...]
    negative: tuple[float, float]
    scale: float
    size: float
    edges: tuple[float, ...]
    next_day_move: tuple[float, ...]


CONSTANTS = RegimeModel(
    intercept=9.4083,
    slopes=(-2.4895, 9.0918, 12.505, 11.456, -0.57481, 0.94934),
    negative=(-0.27095, -2.0301),
    scale=1.6401,
    size=3.6620,
    edges=(1.3335, 2.1994, 2.7166, 3.0857),
    next_day_move=(0.011330, 0.0073912, 0.0053765, 0.0040324, 0.0030829),
)
"""The fit over the 2,182 published rows of 2011-05-02 to 2019-12-31, for those without the file."""

CONSTANTS_SINCE = pd.Timestamp("2020-01-01")
"""Earlier sessions lie inside the constants' own sample: using them there would be hindsight."""


def features(market: Market) -> pd.DataFrame:
    """Return what the model sees at each close; missing where an input is.

    Returns
    -------
    shape (n_sessions, 6)
        ``log_vix`` [ln points], the index's ``day``, ``week`` and ``month`` log return
        over 1, 5 and 20 sessions, ``term`` (VIX over VIX3M [x], carried for at most five
        sessions) and ``drawdown`` from the highest close of 252 sessions [fraction].
    """
    close, vix = market.closes(INDEX), market.closes(VIX)
    log_close = np.log(close)
    high = close.rolling(DRAWDOWN_SESSIONS, min_periods=20).max()
    return pd.DataFrame(
        {
            "log_vix": np.log(vix),
            "day": log_close.diff(),
            "week": log_close.diff(5),
            "month": log_close.diff(20),
            "term": term_structure(market).ffill(limit=TERM_CARRY_SESSIONS),
            "drawdown": close / high - 1.0,
        }
    )


def term_structure(market: Market) -> pd.Series:
    """Return the VIX over the three-month VIX by session [x], above one when inverted."""
    return market.closes(VIX) / market.closes(VIX3M)


def fit(seen: Floats, gex: Floats, next_return: Floats, next_move: Floats) -> RegimeModel:
    """Fit published gamma on what was seen at the same close.

    Parameters
    ----------
    seen : shape (n_rows, 6)
        Rows of `features`, complete.
    gex : shape (n_rows,)
        Published gamma of those sessions [bn].
    next_return, next_move : shape (n_rows,)
        The following session's return [fraction] and return over volatility [x].
    """
    design = np.column_stack([np.ones(len(seen)), seen])
    # The normal equations: seven by seven, twenty times faster, and minimal when collinear.
    weights = np.linalg.lstsq(design.T @ design, design.T @ gex, rcond=None)[0]
    predicted = design @ weights
    edges = np.quantile(predicted, np.arange(1, BUCKETS) / BUCKETS)
    moves = pd.Series(np.abs(next_return)).groupby(np.searchsorted(edges, predicted)).mean()
    return RegimeModel(
        intercept=float(weights[0]),
        slopes=tuple(float(weight) for weight in weights[1:]),
        negative=_logistic(predicted, gex < 0.0),
        scale=float(MAD_TO_SIGMA * np.nanmedian(np.abs(predicted * next_move))),
        size=float(MAD_TO_SIGMA * np.median(np.abs(predicted))),
        edges=tuple(float(edge) for edge in edges),
        next_day_move=tuple(float(move) for move in moves.reindex(range(BUCKETS))),
    )


def predict(model: RegimeModel, seen: pd.DataFrame) -> pd.DataFrame:
    """Return the regime that a fitted model reads at each close.

    Returns
    -------
    shape (n_sessions, 6)
        ``gex`` [bn]; ``negative_probability`` [0 to 1]; ``next_day_move``, the mean absolute
        return that followed the fitted sessions of the same quintile, and ``any_day_move``,
        that of all quintiles [fraction]; ``pressure`` [1/sigma], gamma over the model's
        scale, so that pressure times a move has unit robust scale; ``size`` [x], gamma over
        its own robust size, for saying how far on one side dealers are. Missing stays missing.
    """
    gex = np.full(len(seen), model.intercept)
    for slope, column in zip(model.slopes, seen.columns, strict=True):
        # Term by term: a matrix product may round differently when rows are cut away.
        gex = gex + slope * seen[column].to_numpy(float)
    moves = np.array([*model.next_day_move, np.nan])
    # A missing value sorts behind every edge; it has no quintile.
    bucket = np.where(np.isnan(gex), BUCKETS, np.searchsorted(np.array(model.edges), gex))
    return pd.DataFrame(
        {
            "gex": gex,
            "negative_probability": _sigmoid(model.negative[0] + model.negative[1] * gex),
            "next_day_move": moves[bucket],
            "any_day_move": np.where(np.isnan(gex), np.nan, np.nanmean(moves)),
            "pressure": gex / model.scale,
            "size": gex / model.size,
        },
        index=seen.index,
    )


def regime(market: Market) -> pd.DataFrame:
    """Return the gamma regime at each close, as that evening's model read it.

    Returns
    -------
    shape (n_sessions, 7)
        The columns of `predict` and ``fitted`` [0 or 1]: one where the model was fitted on
        published rows, zero where the printed constants stand in, missing where neither
        was to be had (before 2020 without a file, or in its first year).
    """
    seen = features(market)
    parts = [
        predict(model, seen[start:stop]).assign(fitted=fitted)
        for model, start, stop, fitted in _in_force(market, seen)
    ]
    if not parts:
        return pd.DataFrame(float("nan"), index=market.sessions, columns=COLUMNS)
    return pd.concat(parts).reindex(market.sessions)[COLUMNS]


def _in_force(market: Market, seen: pd.DataFrame) -> list[tuple[RegimeModel, int, int, float]]:
    """Return each model with the sessions, from and to, whose evenings used it."""
    rows = _published_rows(market, seen)
    known = np.searchsorted(rows["known"].to_numpy(), market.sessions.to_numpy(), side="right")
    starts = _refits(market.sessions, known)
    first = starts[0] if starts else len(market.sessions)
    since = int(market.sessions.searchsorted(CONSTANTS_SINCE))
    spans: list[tuple[RegimeModel, int, int, float]] = []
    if since < first:
        spans.append((CONSTANTS, since, first, 0.0))
    for start, stop in pairwise([*starts, len(market.sessions)]):
        model = _fit_rows(rows.iloc[: known[start]], list(seen.columns), market.sessions[start])
        spans.append((model, start, stop, 1.0))
    return spans


def _refits(sessions: pd.DatetimeIndex, known: NDArray[np.intp]) -> list[int]:
    """Return where a new model begins: once a year of rows is known, then each January."""
    enough = np.flatnonzero(known >= FIRST_FIT_ROWS)
    if not enough.size:
        return []
    years = sessions.year.to_numpy()
    januaries = np.flatnonzero(np.diff(years, prepend=years[0]))
    return [int(enough[0]), *(int(at) for at in januaries if at > enough[0])]


def _published_rows(market: Market, seen: pd.DataFrame) -> pd.DataFrame:
    """Return the published rows beside what was seen at their close, in order of knowledge."""
    if market.dix.empty:
        return pd.DataFrame({"known": pd.DatetimeIndex([])})
    rows = market.dix[["date", "known", "gex"]].set_index("date")
    rows = rows.join(seen, how="inner").assign(
        gex=rows["gex"] / GEX_UNIT,
        next_return=market.day_return.shift(-1),
        next_move=market.move.shift(-1),
    )
    complete = rows[["gex", *seen.columns]].notna().all(axis="columns")
    return rows[complete].sort_values("known", kind="stable")


def _fit_rows(rows: pd.DataFrame, columns: list[str], session: pd.Timestamp) -> RegimeModel:
    """Fit the rows known on the evening of ``session``, and what followed them by then."""
    followed = rows.index < session
    return fit(
        rows[columns].to_numpy(float),
        rows["gex"].to_numpy(float),
        rows["next_return"].where(followed).to_numpy(float),
        rows["next_move"].where(followed).to_numpy(float),
    )


def _logistic(predicted: Floats, negative: NDArray[np.bool_]) -> tuple[float, float]:
    """Return intercept and slope of the probability that published gamma is below zero."""
    design = np.column_stack([np.ones(len(predicted)), predicted])
    weights = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        likely = _sigmoid(design @ weights)
        slope = design.T @ (negative - likely) - PRIOR_PRECISION * weights
        spread = (design.T * (likely * (1.0 - likely))) @ design + PRIOR_PRECISION * np.eye(2)
        weights = weights + np.linalg.solve(spread, slope)
    return float(weights[0]), float(weights[1])


def _sigmoid(odds: Floats) -> Floats:
    """Return the probability of log odds; by way of tanh, which cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)), dtype=np.float64)
