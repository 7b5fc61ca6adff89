"""The index's path: quiet spells and stormy ones, falls that bring volatility.

Log variance reverts to its mean and rises more after a fall than after a rise (Nelson 1991).
On top of the news comes the square-root impact of what the desks decided to trade.

References
----------
Nelson, D. (1991). Conditional Heteroskedasticity in Asset Returns. Econometrica 59(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analysis.simulate.arrays import Floats, fat_tailed, stream, trailing_sum
from analysis.simulate.plants import Levers

MEAN_SIGMA = 0.0078
"""The middle of daily volatility [fraction]."""

DRIFT = 0.0004
IMPACT = 0.7
"""Impact of a flow: 0.7 daily volatilities times the root of its share of volume."""

MARKET_VOLUME_USD = 420e9
HORIZONS = (252, 126, 63, 21)


@dataclass(frozen=True, slots=True)
class Path:
    """The index by session: log returns, and the volatility each began with [fraction]."""

    log_return: Floats
    sigma: Floats

    @property
    def move(self) -> Floats:
        """Each session's return in its own standard deviations."""
        return self.log_return / self.sigma


def news(seed: int, sessions: int) -> Floats:
    """Return the day's news in standard deviations, fat-tailed, leaning to the downside."""
    drawn = fat_tailed(stream(seed, "news"), sessions, freedom=6.0)
    return np.clip(drawn, -6.0, 4.5)


def sigma_path(surprise: Floats) -> Floats:
    """Return each session's volatility, known the evening before [fraction]."""
    log_sigma, sigmas = 0.0, []
    for shock in surprise.tolist():
        sigmas.append(log_sigma)
        log_sigma = 0.97 * log_sigma - 0.07 * shock + 0.09 * (abs(shock) - 0.77)
    level: Floats = MEAN_SIGMA * np.exp(np.clip(np.array(sigmas), -0.6, 1.3))
    return level


def walk(surprise: Floats, net_usd: Floats, levers: Levers) -> Path:
    """Return the index's path under the news, the desks' flows and the planted moves."""
    sigma = sigma_path(surprise)
    impact = IMPACT * np.sign(net_usd) * np.sqrt(np.abs(net_usd) / MARKET_VOLUME_USD)
    returns = DRIFT + sigma * (levers.calm * surprise + levers.move + impact)
    for at in levers.level_years:
        _level(returns, at)
    return Path(log_return=returns, sigma=sigma)


def _level(returns: Floats, at: int) -> None:
    """Spread a small drift over the year before ``at`` so that no horizon shows a trend."""
    edges = [*(max(at - horizon, 0) for horizon in HORIZONS), at]
    for start, end in pairwise(edges):
        if end > start:
            returns[start:end] -= returns[start:end].mean()


def realised_volatility(log_return: Floats, sessions: int) -> Floats:
    """Return annualised volatility over the last ``sessions`` returns, mean taken as zero."""
    return np.sqrt(trailing_sum(log_return**2, sessions) * 252.0 / sessions)
