"""From a driver's measure to comparable figures: score, surprise, coverage, confidence.

Every driver passes through here in the same way, for one evening or for fifteen years.
All ranks look back only: a session is compared with sessions before it, never with itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.neighbours import conditional_rank
from analysis.reading import Driver, Grade

WINDOW_SESSIONS = 756
"""Three years: the memory of the ranking behind a score."""

LEAST_VALUES = 252
"""A rank needs a year of past values; before that the standardised reading speaks."""

LEAST_FOR_Z = 60
"""A flow is standardised against no fewer than a quarter's past values."""

YEAR_SESSIONS = 252
"""The memory of an evidence row's percentile."""

GRADE_CAP = {Grade.A: 1.0, Grade.B: 0.75, Grade.C: 0.5}
"""The most confidence an identity, a model and an inference can claim."""

LEAST_COVERAGE = 0.5
"""Below this a driver is "not measured today"."""

MAD_TO_SIGMA = 1.4826
"""Median absolute deviation to standard deviation, for a normal variable."""


def past_rank(
    values: pd.Series, *, window: int = WINDOW_SESSIONS, least: int = LEAST_VALUES
) -> pd.Series:
    """Return the share of the ``window`` sessions before each whose value is no larger.

    Parameters
    ----------
    values : shape (n_sessions,)
        Missing values neither rank nor are ranked against.
    window, least
        Sessions looked back on, and known values among them that a rank needs.

    Returns
    -------
    shape (n_sessions,)
        In [0, 1]; missing where the value or the history is missing.
    """
    known = values.to_numpy(float)
    padded = np.concatenate([np.full(window, np.nan), known])
    past = np.lib.stride_tricks.sliding_window_view(padded, window)[:-1]
    count = np.isfinite(past).sum(axis=1)
    share = (past <= known[:, None]).sum(axis=1) / np.maximum(count, 1)
    return pd.Series(np.where((count >= least) & np.isfinite(known), share, np.nan), values.index)


def robust_z(flow: pd.Series) -> pd.Series:
    """Return a signed flow over the usual size of past ones [x], zero staying zero.

    The scale is 1.4826 times the median of |flow| over the three years before each
    session; missing before 60 past values.
    """
    past = flow.abs().shift(1).rolling(WINDOW_SESSIONS, min_periods=LEAST_FOR_Z)
    scale = MAD_TO_SIGMA * past.median()
    return flow / scale.where(scale > 0.0)


class Figures(NamedTuple):
    """One driver's figures for one session; missing ones are NaN.

    ``ranked`` says that the flow has a year of its own history; ``witness`` is the driver's
    return-free evidence, see `Driver.witness`.
    """

    score: float
    surprise: float
    percentile: float
    coverage: float
    confidence: float
    measured: bool
    ranked: bool
    share_of_adv: float
    flow_low_usd: float
    flow_mid_usd: float
    flow_high_usd: float
    witness: float


def score_history(
    driver: Driver, measure: pd.DataFrame, market: Market, rows: pd.DatetimeIndex
) -> pd.DataFrame:
    """Return one driver's `Figures`, one row a session.

    A session on which the driver is not measured has score 0, no flow and no surprise.
    Surprise, which is costly, is worked out for ``rows`` only and missing elsewhere.
    """
    flow = _column(measure, "share_of_adv")
    series = series_of(measure)
    rank = _by_series(flow.abs(), series)
    z = _column(measure, "z").fillna(robust_z(flow))
    in_dollars = rank.notna()
    reading = flow.where(in_dollars, z)
    unranked = pd.Series(np.tanh(z.abs() / 2.0), measure.index)
    size = (2.0 * rank - 1.0).clip(lower=0.0).where(rank.notna(), unranked)
    coverage = coverage_of(driver, measure)
    measured = (coverage >= LEAST_COVERAGE) & size.notna()
    figures = {
        "score": (np.sign(reading) * size).where(measured, 0.0),
        # Dollars are compared with dollars and standard units with standard units, never mixed.
        "surprise": surprise(flow, series, market, rows[in_dollars[rows]])
        .fillna(surprise(z, series, market, rows[~in_dollars[rows]]))
        .where(measured),
        "percentile": rank.fillna(_by_series(z.abs(), series)).where(measured),
        "coverage": coverage,
        "confidence": coverage.clip(upper=GRADE_CAP[driver.grade]).where(measured, 0.0),
        "measured": measured,
        "ranked": rank.notna() & measured,
        "share_of_adv": flow.where(measured),
        "flow_low_usd": _column(measure, "flow_low_usd").where(measured),
        "flow_mid_usd": _column(measure, "flow_mid_usd").where(measured),
        "flow_high_usd": _column(measure, "flow_high_usd").where(measured),
        "witness": _column(measure, driver.witness).where(measured),
    }
    return pd.DataFrame(figures)[list(Figures._fields)]


def coverage_of(driver: Driver, measure: pd.DataFrame) -> pd.Series:
    """Return how much of what the driver needs is known, by session [0 to 1].

    Each input counts by its weight, the part of it that is known, and a half for every
    half-life of age.
    """
    covered = pd.Series(0.0, index=measure.index)
    for needed in driver.inputs:
        fresh = pd.Series(1.0, index=measure.index)
        if needed.half_life_days is not None:
            age = _column(measure, f"age_{needed.key}").fillna(0.0)
            fresh = pd.Series(np.exp2(-age / needed.half_life_days), measure.index)
        covered = (
            covered + needed.weight * _column(measure, f"has_{needed.key}").fillna(0.0) * fresh
        )
    return covered.clip(0.0, 1.0)


def surprise(
    reading: pd.Series, series: pd.Series, market: Market, rows: pd.DatetimeIndex
) -> pd.Series:
    """Return how unusual each reading was for a move of its size, signed [-1 to 1].

    The reading's size is ranked among past sessions whose move, in units of its own
    volatility, was nearest and had the same sign; see `analysis.neighbours`.
    """
    share = rank_by_series(reading.abs(), series, market, rows).reindex(reading.index)
    unusual: pd.Series = np.sign(reading) * (2.0 * share - 1.0).clip(lower=0.0)
    return unusual


def series_of(measure: pd.DataFrame) -> pd.Series:
    """Return the name of the series each session belongs to; one name for a plain driver."""
    return measure["series"] if "series" in measure else pd.Series("", index=measure.index)


def rank_by_series(
    values: pd.Series, series: pd.Series, market: Market, rows: pd.DatetimeIndex
) -> pd.Series:
    """Rank each of ``rows`` among moves of its size, within its own series only [0 to 1]."""
    rank = pd.Series(np.nan, index=rows)
    for name in sorted(set(series.dropna())):
        mine = series == name
        rank = rank.fillna(conditional_rank(values.where(mine), market.move, rows[mine[rows]]))
    return rank


def _by_series(size: pd.Series, series: pd.Series) -> pd.Series:
    """Rank each value within its own series only."""
    rank = pd.Series(np.nan, index=size.index)
    for name in sorted(set(series.dropna())):
        mine = series == name
        rank = rank.where(~mine, past_rank(size.where(mine)))
    return rank


def _column(measure: pd.DataFrame, name: str) -> pd.Series:
    if name in measure:
        return measure[name].astype(float)
    return pd.Series(np.nan, index=measure.index)
