"""Small made markets for the drivers that infer flows from prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.market import Market

RANDOM_SEED = 20250409


def sessions(count: int, start: str = "2019-01-02") -> pd.DatetimeIndex:
    return pd.bdate_range(start, periods=count, unit="us")


def closes_from(returns: dict[str, np.ndarray], start: str = "2019-01-02") -> pd.DataFrame:
    """Turn returns by symbol into closes that begin at 100."""
    count = len(next(iter(returns.values())))
    levels = {name: 100.0 * np.cumprod(1.0 + path) for name, path in returns.items()}
    return pd.DataFrame(levels, index=sessions(count, start))


def market_of(close: pd.DataFrame, **parts: pd.DataFrame) -> Market:
    market = Market(sessions=pd.DatetimeIndex(close.index), close=close)
    return replace(market, **parts)


def noise(count: int, size: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(RANDOM_SEED + seed).normal(0.0, size, count)


def with_last_return(market: Market, symbol: str, last_return: float) -> Market:
    """Return the market with one symbol's last close moved to the given return."""
    close = market.close.copy()
    close.loc[close.index[-1], symbol] = close[symbol].iloc[-2] * (1.0 + last_return)
    return replace(market, close=close)


def without(market: Market, *symbols: str) -> Market:
    return replace(market, close=market.close.drop(columns=list(symbols)))


def only_known_columns(market: Market) -> Market:
    """Drop symbols without a single value, as a reader of a shorter folder never met them."""
    panels = {
        name: panel.loc[:, panel.notna().any().to_numpy()]
        for name in ("close", "open", "high", "low", "volume", "member_close", "member_volume")
        if len(panel := getattr(market, name))
    }
    return replace(market, **panels)
