"""The few array shapes that the whole simulator shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""An array of figures."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers of one part of the market.

    Every part draws from a stream of its own, so a change to one part leaves the noise
    of all others as it was.
    """
    return np.random.default_rng([seed, *name.encode()])


def fat_tailed(random: np.random.Generator, size: int, freedom: float = 5.0) -> Floats:
    """Return Student-t noise of unit variance, shape (size,): calm days and rare big ones."""
    noise: Floats = random.standard_t(freedom, size) * np.sqrt((freedom - 2.0) / freedom)
    return noise


def reverting(shocks: Floats, memory: float) -> Floats:
    """Return x[t] = memory * x[t-1] + shocks[t], shape (n_sessions,), from a start of zero."""
    level, levels = 0.0, []
    for shock in shocks.tolist():
        level = memory * level + shock
        levels.append(level)
    return np.array(levels)


def compounded(start: Floats | float, log_returns: Floats) -> Floats:
    """Return prices whose session returns are ``log_returns``, from ``start`` at the first."""
    steps = log_returns.copy()
    steps[0] = 0.0
    return start * np.exp(np.cumsum(steps, axis=0))


def trailing_sum(values: Floats, sessions: int) -> Floats:
    """Return the sum of the last ``sessions`` values at each session; missing before the first."""
    total = np.cumsum(np.concatenate([[0.0], values]))
    sums = np.full(len(values), np.nan)
    sums[sessions - 1 :] = total[sessions:] - total[:-sessions]
    return sums


def lagged(values: Floats, sessions: int = 1) -> Floats:
    """Return the values of ``sessions`` before, the first one held backwards."""
    return np.concatenate([np.repeat(values[:1], sessions, axis=0), values[:-sessions]])
