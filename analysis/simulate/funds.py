"""Leveraged and inverse funds: assets that roll with returns and with what holders do.

Assets follow A[t] = A[t-1] * (1 + L * r + f), with f the flow of holders as a share. Holders
of long funds sell a little of what rose and slowly take out what trends have earned; holders
of inverse funds and of volatility funds leave when hedges are unwound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.simulate.arrays import Floats, compounded, lagged, stream, trailing_sum
from analysis.simulate.desks import Desks
from analysis.simulate.universe import LEVERAGED

HEDGES_LEAVE = 0.030
"""Share of an inverse fund's assets redeemed on a usual day of hedge unwinding [fraction]."""

AGAINST_THE_MOVE = 0.10
"""Part of the rebalancing that holders of long funds cancel on the day (methods: a tenth)."""

FIRST_PRICE = 50.0


@dataclass(frozen=True, slots=True)
class Funds:
    """Leveraged funds by session, shape (n_sessions, n_funds) each [USD].

    ``rebalancing_usd`` is shape (n_sessions,): what they and their long holders had to trade.
    """

    symbols: tuple[str, ...]
    price: Floats
    assets_usd: Floats
    flow_usd: Floats
    rebalancing_usd: Floats

    @property
    def shares(self) -> Floats:
        """Shares outstanding at each close."""
        return np.round(self.assets_usd / self.price)


def rolled(first_usd: Floats, growth: Floats, flow: Floats) -> tuple[Floats, Floats]:
    """Return assets at each close and the flow into them [USD].

    ``growth`` and ``flow`` are shares of the assets of the close before [fraction].
    """
    steps = np.maximum(1.0 + growth + flow, 0.05)
    steps[0] = 1.0
    assets = first_usd * np.cumprod(steps, axis=0)
    return assets, lagged(assets) * flow


def slow_profit(gain: Floats, sessions: int = 60) -> Floats:
    """Return what holders take out of past gains each day [fraction], shape as ``gain``."""
    earned = np.apply_along_axis(trailing_sum, 0, gain, sessions) / sessions
    return lagged(np.nan_to_num(earned))


def leveraged(seed: int, underlying: Floats, desks: Desks) -> Funds:
    """Return the leveraged funds on ``underlying``, simple returns by session and fund."""
    leverage = np.array([fund.leverage for fund in LEVERAGED])
    first = np.array([fund.assets_usd for fund in LEVERAGED])
    random = stream(seed, "holders")
    eager = np.exp(0.4 * random.standard_normal(underlying.shape))
    own = 0.002 * random.standard_normal(underlying.shape)
    gain = np.maximum(leverage * underlying, -0.9)
    against = -AGAINST_THE_MOVE * (leverage - 1.0) * underlying * eager
    leaving = -HEDGES_LEAVE * desks.hedge_unwinding[:, None] * eager**0.5
    today = np.where(leverage > 0, against, leaving) + own
    flow = np.clip(today, -0.4, 0.6) - slow_profit(np.log1p(gain))
    assets, flow_usd = rolled(first, gain, flow)
    identity = leverage * (leverage - 1.0) * lagged(assets) * underlying
    fresh = np.where(leverage > 0, leverage * flow_usd, 0.0)
    trades = (identity + fresh).sum(axis=1)
    trades[0] = 0.0
    price = compounded(FIRST_PRICE, np.log1p(gain))
    return Funds(tuple(fund.symbol for fund in LEVERAGED), price, assets, flow_usd, trades)


def volatility_shares(
    seed: int, first_usd: Floats, leverage: Floats, price: Floats, desks: Desks
) -> Floats:
    """Return shares outstanding of the funds on VIX futures, shape (n_sessions, n_funds)."""
    noise = 0.015 * stream(seed, "volatility holders").standard_normal(price.shape)
    gain = price / lagged(price) - 1.0
    leaving = -0.04 * np.sign(leverage) * desks.hedge_unwinding[:, None]
    flow = np.clip(leaving + noise, -0.4, 0.6) - slow_profit(np.log1p(gain))
    assets, _ = rolled(first_usd, gain, flow)
    return np.round(assets / price)
