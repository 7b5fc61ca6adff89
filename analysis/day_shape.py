"""How a session ran and who led it: what a person looking at the screen would tell.

The index's path beside the prior close, the funds of its sectors, and where the days before had
left it. None of this is scored, and none of it says who had to trade.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.history import known
from analysis.market import INDEX, Market

Floats = NDArray[np.float64]

SECTORS = (
    *("XLB", "XLC", "XLE", "XLF", "XLI", "XLK", "XLP", "XLRE", "XLU", "XLV", "XLY"),
    "SMH",
)
"""Funds of the index's eleven sectors, and of chip makers, which move apart from technology."""

MONTH_SESSIONS = 20

FUND = "SPY"
"""The largest fund on the index, which trades from the first minute on."""

OPENS_AGREE = 0.005
"""How far the index's first price may lie from the fund's, each beside its own prior close.

The first price of an index counts shares that have not traded yet at the day before's close, so
that after a gap it comes out too near to it; a fund that leaves its dividend opens at most this
much lower than the index [fraction].
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayShape:
    """The session beside its prior close and its month; None where a price is not known.

    Attributes
    ----------
    open_return, high_return, low_return
        First, highest and lowest price beside the prior close [fraction]; the fund's beside its
        own where the index has closes alone, and its first price where the two disagree.
    two_day_return
        Close beside the close before the prior one [fraction].
    prior_from_high, prior_from_low
        The prior close beside the highest and the lowest close of the month up to it
        [fraction]; at most and at least zero.
    sectors
        Returns of sector funds by symbol [fraction], those that are known.
    """

    open_return: float | None
    high_return: float | None
    low_return: float | None
    two_day_return: float | None
    prior_from_high: float | None
    prior_from_low: float | None
    sectors: Mapping[str, float]


def day_shape(market: Market, session: pd.Timestamp) -> DayShape:
    """Gather how one session ran, from the index's own prices and the sector funds'."""
    at = int(market.sessions.searchsorted(session))
    closes = market.closes(INDEX).to_numpy(float)[: at + 1]
    month = closes[max(0, at - MONTH_SESSIONS) : at]
    prior = closes[at - 1] if at else float("nan")
    path = _path_of_both(market, at)
    return DayShape(
        open_return=path.get("open"),
        high_return=path.get("high"),
        low_return=path.get("low"),
        two_day_return=known(closes[at] / closes[at - 2] - 1.0) if at >= 2 else None,
        prior_from_high=_beside(prior, month, np.max),
        prior_from_low=_beside(prior, month, np.min),
        sectors=_sectors(market, at),
    )


def _path_of_both(market: Market, at: int) -> dict[str, float]:
    """Return the index's path; the fund's where it has none, and the fund's open after a gap."""
    own, fund = _path(market, at, INDEX), _path(market, at, FUND)
    if not own or not fund:
        return own or fund
    apart = abs(own["open"] - fund["open"]) > OPENS_AGREE
    return {**own, "open": fund["open"]} if apart else own


def _path(market: Market, at: int, symbol: str) -> dict[str, float]:
    """Return a path beside the symbol's own prior close.

    Empty where a price is not known, where they contradict each other, and where all are one.
    """
    panels = {"open": market.open, "high": market.high, "low": market.low, "close": market.close}
    session = market.sessions[at]
    prices = {name: _price(panel, symbol, session) for name, panel in panels.items()}
    prior = _price(market.close, symbol, market.sessions[at - 1]) if at else float("nan")
    inside = all(prices["low"] <= prices[name] <= prices["high"] for name in ("open", "close"))
    if not inside or not prior > 0.0 or prices["low"] == prices["high"] != prior:
        return {}
    return {name: price / prior - 1.0 for name, price in prices.items()}


def _price(panel: pd.DataFrame, symbol: str, session: pd.Timestamp) -> float:
    if symbol not in panel.columns or session not in panel.index:
        return float("nan")
    return float(panel[symbol][session])


def _beside(prior: float, month: Floats, extreme: Callable[[Floats], float]) -> float | None:
    """Return the prior close beside an extreme of its month, if the whole month is known."""
    if len(month) < MONTH_SESSIONS:
        return None
    return known(prior / float(extreme(month)) - 1.0)


def _sectors(market: Market, at: int) -> dict[str, float]:
    if not at:
        return {}
    pair = market.close.reindex(index=market.sessions[at - 1 : at + 1], columns=list(SECTORS))
    returns = pair.iloc[1] / pair.iloc[0] - 1.0
    return {str(symbol): float(value) for symbol, value in returns.dropna().items()}
