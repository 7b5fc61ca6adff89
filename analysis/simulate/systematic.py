"""What rule followers really trade: like the published rules, but not one rule for all.

Volatility-control funds hold target / volatility, each at its own target and cap; most trade
the same day, some a day later. Trend followers average horizons, each house with weights of
its own. The desk's drivers know neither the mix nor the lag.
"""

from __future__ import annotations

import numpy as np

from analysis.simulate.arrays import Floats, lagged, stream, trailing_sum
from analysis.simulate.path import realised_volatility

VOL_CONTROL_USD = 250e9
TARGETS = (0.05, 0.08, 0.10, 0.12, 0.15)
TARGET_WEIGHTS = (0.10, 0.20, 0.40, 0.20, 0.10)
MOST_EXPOSURE = 1.5
SAME_DAY = 0.85
"""The part that trades on the day its rule changes; the rest follows the next day."""

TREND_USD = 100e9
TREND_HORIZONS = (21, 63, 126, 252)
TREND_TARGET = 0.10
MOST_POSITION = 1.5


def vol_control_usd(seed: int, log_return: Floats) -> Floats:
    """Return what volatility-control funds trade each session [USD]; zero before the first."""
    shorter, longer = (realised_volatility(log_return, window) for window in (21, 63))
    measured = np.maximum(shorter, longer)[:, None]
    exposure = np.minimum(MOST_EXPOSURE, np.array(TARGETS) / measured)
    held = exposure @ np.array(TARGET_WEIGHTS)
    return VOL_CONTROL_USD * _traded(held) * _slip(seed, "vol_control", len(held))


def trend_usd(seed: int, log_return: Floats) -> Floats:
    """Return what trend followers trade each session [USD]; zero in the first year."""
    daily = realised_volatility(log_return, 63) / np.sqrt(252.0)
    weights = stream(seed, "houses").dirichlet(np.full(len(TREND_HORIZONS), 20.0))
    signal = np.zeros(len(log_return))
    for weight, horizon in zip(weights, TREND_HORIZONS, strict=True):
        past = trailing_sum(log_return, horizon)
        signal = signal + weight * np.tanh(past / (daily * np.sqrt(horizon)))
    held = np.clip(signal * TREND_TARGET / (daily * np.sqrt(252.0)), -MOST_POSITION, MOST_POSITION)
    return TREND_USD * _traded(held) * _slip(seed, "trend_following", len(held))


def _traded(held: Floats) -> Floats:
    change = np.nan_to_num(np.diff(held, prepend=np.nan))
    return SAME_DAY * change + (1.0 - SAME_DAY) * lagged(change)


def _slip(seed: int, name: str, sessions: int) -> Floats:
    """Return how far each day's trade misses the rule [x]: a tenth or so."""
    return np.exp(0.1 * stream(seed, name).standard_normal(sessions))
