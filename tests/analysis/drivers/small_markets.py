"""Small made markets for the drivers that infer flows from prices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.market import Market

RANDOM_SEED = 20250409


def sessions(count: int, start: str = "2019-01-02") -> pd.DatetimeIndex:
    return pd.DatetimeIndex(pd.bdate_range(start, periods=count).as_unit("us"))


def closes_from(returns: dict[str, np.ndarray], start: str = "2019-01-02") -> pd.DataFrame:
    """Turn returns by symbol into closes that begin at 100."""
    count = len(next(iter(returns.values())))
    levels = {name: 100.0 * np.cumprod(1.0 + path) for name, path in returns.items()}
    return pd.DataFrame(levels, index=sessions(count, start))


def market_of(close: pd.DataFrame) -> Market:
    return Market(sessions=pd.DatetimeIndex(close.index), close=close)


def noise(count: int, size: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(RANDOM_SEED + seed).normal(0.0, size, count)


def with_last_return(market: Market, symbol: str, last_return: float) -> Market:
    """Return the market with one symbol's last close moved to the given return."""
    close = market.close.copy()
    close.loc[close.index[-1], symbol] = close[symbol].iloc[-2] * (1.0 + last_return)
    return replace(market, close=close)


def without(market: Market, *symbols: str) -> Market:
    return replace(market, close=market.close.drop(columns=list(symbols)))


def with_value(market: Market, symbol: str, place: int, close: float) -> Market:
    """Return the market with another close of one symbol at one session."""
    changed = market.close.copy()
    changed.loc[market.sessions[place], symbol] = close
    return replace(market, close=changed)


def only_known_columns(market: Market) -> Market:
    """Drop symbols without a single value, as a reader of a shorter folder never met them."""
    return replace(
        market,
        close=_known(market.close),
        open=_known(market.open),
        high=_known(market.high),
        low=_known(market.low),
        volume=_known(market.volume),
        member_close=_known(market.member_close),
        member_volume=_known(market.member_volume),
    )


def _known(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.dropna(axis="columns", how="all") if len(panel) else panel


def assert_looks_back_only(
    measure: Callable[[Market], pd.DataFrame], market: Market, places: Sequence[int]
) -> None:
    """Compare the last row of the market cut short, bit for bit, with the whole one's row."""
    whole = measure(market)
    for place in places:
        session = market.sessions[place]
        then = measure(only_known_columns(market.until(session))).iloc[-1]
        pd.testing.assert_series_equal(then, whole.iloc[place], check_exact=True, check_dtype=False)
