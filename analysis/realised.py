"""The index's past in log returns: what it did, and how much it moved.

Logarithms make a fall the exact mirror of a rise, so that a volatility is the same and a trend
the opposite for a market turned upside down.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market import INDEX, Market

YEAR_SESSIONS = 252
"""Sessions in a year: what makes a daily volatility an annual one."""

LEAST_KNOWN_FRACTION = 0.85
"""A volatility needs this share of its window's returns."""


def log_closes(market: Market) -> pd.Series:
    """Return the logarithm of the index's closes, missing where there is none above zero."""
    closes = market.closes(INDEX).to_numpy(float)
    return pd.Series(np.log(np.where(closes > 0.0, closes, np.nan)), market.sessions)


def least_known(sessions: int) -> int:
    """Return how many returns a window of so many sessions must know."""
    return int(np.ceil(LEAST_KNOWN_FRACTION * sessions))


def mean_square(log_return: pd.Series, sessions: int) -> pd.Series:
    """Return the mean squared log return of the last ``sessions`` up to each one [fraction^2].

    About zero rather than about the window's mean: over a few weeks the mean is noise, and a
    trend would otherwise pass for calm. Missing unless 85 % of the window is known.
    """
    window = (log_return**2).rolling(sessions, min_periods=least_known(sessions))
    return window.mean().clip(lower=0.0)


def annual_volatility(log_return: pd.Series, sessions: int) -> pd.Series:
    """Return the realised volatility of the last ``sessions`` up to each one [fraction a year]."""
    return pd.Series(
        np.sqrt(YEAR_SESSIONS * mean_square(log_return, sessions).to_numpy(float)),
        log_return.index,
    )
