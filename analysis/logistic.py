"""A small logistic regression, and forecasts that never saw the year they speak of.

`walk_forward` refits each January on what was settled ten sessions before, so that no
outcome straddles the border between fitting and forecasting.

References
----------
Hoerl, A. and Kennard, R. (1970). Ridge Regression. Technometrics 12(1).
Le Cessie, S. and van Houwelingen, J. (1992). Ridge Estimators in Logistic Regression.
Applied Statistics 41(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EMBARGO_SESSIONS = 10
"""Sessions between the last fitted case and the first forecast."""

LEAST_FITTED = 150
"""A year is forecast once this many settled cases lie behind it."""

RIDGE = 1.0
"""Pull of every slope to zero, in cases: next to nothing once a few hundred are known."""

NEWTON_STEPS = 25
"""Far more than a convex fit needs; it stops once a step changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A fitted probability: intercept first, slopes on standardised features, their spread."""

    centre: Floats
    width: Floats
    weights: Floats
    covariance: Floats
    n: int

    def log_odds(self, features: Floats) -> tuple[Floats, Floats]:
        """Return the log odds of each row and their standard error."""
        columns = [np.ones(len(features)), *((features - self.centre) / self.width).T]
        odds, variance = np.zeros(len(features)), np.zeros(len(features))
        # Term by term: a matrix product may round differently when rows are cut away.
        for weight, row, column in zip(self.weights, self.covariance, columns, strict=True):
            odds += weight * column
            for shared, other in zip(row, columns, strict=True):
                variance += shared * column * other
        return odds, np.sqrt(variance)

    def probability(self, features: Floats) -> Floats:
        """Return the probability of each row [0 to 1]."""
        return sigmoid(self.log_odds(features)[0])


def fit(features: Floats, outcome: Floats, *, ridge: float = RIDGE) -> Curve:
    """Fit the probability of an outcome.

    Parameters
    ----------
    features : shape (n_cases, n_features)
        Any units: they are standardised here. None missing.
    outcome : shape (n_cases,)
        1.0 or 0.0.
    """
    centre = features.mean(axis=0)
    width = features.std(axis=0)
    width = np.where(width > 0.0, width, 1.0)
    design = np.column_stack([np.ones(len(features)), (features - centre) / width])
    # The intercept is not pulled: without a slope the curve must be the base rate.
    pull = ridge * np.diag([0.0, *np.ones(features.shape[1])])
    weights = np.zeros(design.shape[1])
    for _ in range(NEWTON_STEPS):
        likely = sigmoid(design @ weights)
        slope = design.T @ (outcome - likely) - pull @ weights
        bend = _bend(design, likely) + pull
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    bend = _bend(design, sigmoid(design @ weights)) + pull
    covariance = np.asarray(np.linalg.inv(bend), dtype=np.float64)
    return Curve(centre=centre, width=width, weights=weights, covariance=covariance, n=len(outcome))


def walk_forward(
    features: pd.DataFrame, outcome: pd.Series, *, least: int = LEAST_FITTED
) -> pd.Series:
    """Forecast each year's cases with a curve fitted on the years before.

    Parameters
    ----------
    features, outcome : shape (n_sessions, ...), (n_sessions,)
        One row a session of the whole calendar; cases are rows on which the outcome and
        every feature are known.

    Returns
    -------
    shape (n_sessions,)
        Probabilities; missing where a feature is, and in years with fewer than ``least``
        cases, or fewer than ten of either outcome, ten sessions before they begin.
    """
    answer = np.full(len(outcome), np.nan)
    for rows, curve in yearly_curves(features, outcome, least=least):
        answer[rows] = curve.probability(features.iloc[rows].to_numpy(float))
    return pd.Series(answer, index=outcome.index)


def yearly_curves(
    features: pd.DataFrame, outcome: pd.Series, *, least: int = LEAST_FITTED
) -> list[tuple[slice, Curve]]:
    """Return each year's rows and the curve that may speak of them; see `walk_forward`."""
    case = (outcome.notna() & features.notna().all(axis="columns")).to_numpy()
    years = pd.DatetimeIndex(outcome.index).year.to_numpy()
    januaries = np.flatnonzero(np.diff(years, prepend=years[:1]))
    found = []
    for start, stop in pairwise([*januaries, len(years)]):
        fitted = np.flatnonzero(case[: max(0, start - EMBARGO_SESSIONS)])
        hits = outcome.iloc[fitted].to_numpy(float)
        if len(hits) >= least and min(hits.sum(), (1.0 - hits).sum()) >= 10.0:
            curve = fit(features.iloc[fitted].to_numpy(float), hits)
            found.append((slice(int(start), int(stop)), curve))
    return found


def sigmoid(odds: Floats) -> Floats:
    """Return the probability of log odds; by way of tanh, which cannot overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)), dtype=np.float64)


def _bend(design: Floats, likely: Floats) -> Floats:
    return np.asarray((design.T * (likely * (1.0 - likely))) @ design, dtype=np.float64)
