"""How sure a counted rate is: score intervals, and the bootstrap where cases overlap.

Days that follow each other closely share the closes that settle them, so five-session
outcomes are not independent and a plain interval would be too narrow. Where a closed form
is wanted the number of cases is first reduced to the number of independent ones that would
scatter as much; where none is known, whole blocks of neighbouring cases are drawn again.

References
----------
Wilson, E. B. (1927). Probable Inference, the Law of Succession, and Statistical Inference.
Journal of the American Statistical Association 22(158).
Newey, W. and West, K. (1987). A Simple, Positive Semi-definite, Heteroskedasticity and
Autocorrelation Consistent Covariance Matrix. Econometrica 55(3).
Kuensch, H. (1989). The Jackknife and the Bootstrap for General Stationary Observations.
Annals of Statistics 17(3).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Z_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""

BLOCK_SESSIONS = 20
"""Cases drawn together: a month, longer than any outcome's horizon."""

DRAWS = 2000
"""Resamples behind an interval: its ends scatter by about a fiftieth of its width."""

SEED = 20110502
"""The same draws on every machine."""

Floats = NDArray[np.float64]


def wilson(hits: float, n: float) -> tuple[float, float]:
    """Return the 95 % score interval of a rate.

    >>> [round(bound, 3) for bound in wilson(46, 100)]
    [0.366, 0.557]
    """
    bounds = wilson_bounds(np.array([hits / n]), np.array([n]))
    return float(bounds[0][0]), float(bounds[1][0])


def wilson_bounds(rate: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % score intervals of many rates, each from its own ``n`` cases."""
    middle = rate + Z_95**2 / (2 * n)
    spread = Z_95 * np.sqrt(rate * (1 - rate) / n + Z_95**2 / (4 * n * n))
    scale = 1 + Z_95**2 / n
    return np.maximum(0.0, (middle - spread) / scale), np.minimum(1.0, (middle + spread) / scale)


def running_rate(outcome: pd.Series, horizon: int) -> pd.DataFrame:
    """Count, for every evening, the cases that were settled by then.

    Parameters
    ----------
    outcome : shape (n_sessions,)
        1.0 or 0.0 on the session that made the case, missing where there is none or where
        it cannot be settled.
    horizon
        Sessions until a case is settled: that many of the newest are not yet known.

    Returns
    -------
    shape (n_sessions, 5)
        ``n`` cases, ``n_effective`` independent ones that would scatter as much (Bartlett
        weights over the sessions that two cases can share, never more than ``n``),
        ``rate``, and its 95 % score interval ``low`` to ``high``; the last three missing
        before the first case.
    """
    values = outcome.to_numpy(float)
    case = np.isfinite(values).astype(float)
    hit = np.nan_to_num(values)
    n, hits = case.cumsum(), hit.cumsum()
    counted = np.where(n > 0.0, n, np.nan)
    rate = hits / counted
    shared = np.zeros(len(values))
    for lag in range(1, horizon):
        case_then, hit_then = _earlier(case, lag), _earlier(hit, lag)
        both = (hit * hit_then).cumsum()
        either = (hit * case_then + case * hit_then).cumsum()
        pairs = (case * case_then).cumsum()
        shared += (1.0 - lag / horizon) * (both - rate * either + rate**2 * pairs)
    scatter = n * rate * (1.0 - rate)
    inflation = 1.0 + 2.0 * shared / np.where(scatter > 0.0, scatter, np.inf)
    effective = counted / np.maximum(1.0, inflation)
    low, high = wilson_bounds(rate, effective)
    table = {"n": n, "n_effective": effective, "rate": rate, "low": low, "high": high}
    settled = pd.DataFrame(table, index=outcome.index).shift(horizon)
    return settled.fillna({"n": 0.0, "n_effective": 0.0})


def _earlier(values: Floats, lag: int) -> Floats:
    """Return the values of ``lag`` sessions before, zero before the first."""
    return np.concatenate([np.zeros(lag), values[:-lag]])[: len(values)]


def block_means(values: Floats, *, draws: int = DRAWS, block: int = BLOCK_SESSIONS) -> Floats:
    """Return the means of series made of randomly drawn blocks of neighbouring values.

    Parameters
    ----------
    values : shape (n_cases,) or (n_cases, n_series)
        In order of time; series side by side are drawn together. None missing.
    draws, block
        Series drawn, and neighbouring cases in a block (at most half of all cases).

    Returns
    -------
    shape (draws,) or (draws, n_series)
        Blocks wrap around the end, so that every case is as likely as any other.
    """
    count = len(values)
    length = max(1, min(block, count // 2))
    blocks = -(-count // length)
    starts = np.random.default_rng(SEED).integers(0, count, (draws, blocks))
    # Sums of the blocks from every start, so that no draw has to be laid out in full.
    padded = np.concatenate([np.zeros_like(values[:1]), values, values[: length - 1]]).cumsum(
        axis=0
    )
    sums = padded[length:] - padded[:-length]
    return np.asarray(sums[starts].mean(axis=1) / length, dtype=np.float64)


def block_interval(values: Floats, level: float = 0.95) -> tuple[float, float]:
    """Return the bootstrap interval of the mean of values in order of time."""
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(block_means(values), (tail, 1.0 - tail))
    return float(low), float(high)
