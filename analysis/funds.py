"""Leveraged and inverse funds: which of them trade US stocks, and how large they were.

A fund's ticker, leverage, underlying and bucket are facts and ship with the project, dated
(``data/leveraged_funds.csv``). What it owns changes every day and comes with the market.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.market import Market

FUND_LIST = Path(__file__).parent / "data" / "leveraged_funds.csv"

BUCKETS = {
    "NDX": "ndx",
    "SPX": "spx",
    "RTY": "rty",
    "DJI": "dow",
    "SEMI": "semis",
    "TECH": "tech",
    "FIN": "financials",
    "SINGLE": "single_stocks",
    "BIO": "other",
    "HLTH": "other",
    "ENRG": "other",
    "HOME": "other",
}
"""Buckets of the fund list whose funds trade US stocks, and the name each is reported under.

Funds of any other bucket (VIX, BOND, CRYPTO, CHINA) rebalance in volatility futures, bonds,
coins or foreign shares, and stay out of the sum.
"""

ROLL_SESSIONS = 252
"""A year: the longest that a known figure is rolled forward."""

LEAST_GROWTH = 0.01
"""A day's growth is taken as no less than this, so that a ruined fund stays above nothing."""

TRUSTED = ("issuer", "live")
"""Qualities of an asset figure that was known at the time; any other is a backcast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundAssets:
    """What each fund owned at each close, as far as that was known.

    All of shape (n_sessions, n_funds), missing together. ``usd`` are net assets [USD], rolled
    forward where stale; ``day`` is the date of the figure they rest on [days since 1970];
    ``backcast`` is 1 where that figure was worked out afterwards, and 0 where the issuer or
    the desk's own record knew it at the time.
    """

    usd: pd.DataFrame
    day: pd.DataFrame
    backcast: pd.DataFrame


@cache
def shipped_funds() -> pd.DataFrame:
    """Return the project's own dated fund list, indexed by ticker."""
    return pd.read_csv(FUND_LIST, index_col="ticker", keep_default_na=False)


def us_stock_funds(market: Market) -> pd.DataFrame:
    """Return the listed funds that trade US stocks: the market's list, else the project's.

    Columns ``leverage`` [x], ``underlying``, ``bucket`` and ``proxy``; the bucket is the name it
    is reported under, a value of `BUCKETS`. An underlying or proxy that is not named is "".
    """
    funds = shipped_funds() if market.leveraged_funds.empty else market.leveraged_funds
    funds = funds.reindex(columns=["leverage", "underlying", "bucket", "proxy"])
    bucket = funds["bucket"].map(BUCKETS)
    names = funds[["underlying", "proxy"]].astype(object).fillna("")
    return funds.assign(bucket=bucket, **names)[bucket.notna()]


def underlying_returns(market: Market, funds: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each fund's underlying's return, and where a proxy stands in for it.

    Parameters
    ----------
    funds : index ticker
        ``underlying`` and ``proxy`` name symbols of the market; an empty proxy is none.

    Returns
    -------
    returns : shape (n_sessions, n_funds)
        Close over prior close less one [fraction]. Missing unless both closes of the
        underlying, or else both of the proxy, are known.
    proxied : shape (n_sessions, n_funds)
        True where the return is the proxy's.
    """
    symbols = sorted({*funds["underlying"], *funds["proxy"]})
    known = {symbol: market.returns(symbol).to_numpy(float) for symbol in symbols}
    shape = (len(funds), len(market.sessions))
    own = np.array([known[symbol] for symbol in funds["underlying"]]).reshape(shape).T
    spare = np.array([known[symbol] for symbol in funds["proxy"]]).reshape(shape).T
    proxied = np.isnan(own) & ~np.isnan(spare)
    return (
        _frame(np.where(proxied, spare, own), market, funds),
        _frame(proxied, market, funds),
    )


def rolled_assets(market: Market, funds: pd.DataFrame, returns: pd.DataFrame) -> FundAssets:
    """Carry each fund's last known assets forward to every close.

    A bull fund grows with L times its underlying, A_t = A_{t-1} * (1 + L * r_t). An inverse
    fund is held: its holders sell into gains and buy into losses, and keep its size. A day
    without a return leaves the fund as it was. After 252 sessions the figure is too old and
    the assets are missing; so they are before the first figure. Figures of zero or less are
    no figures.

    Parameters
    ----------
    funds : index ticker
        ``leverage`` [x].
    returns : shape (n_sessions, n_funds)
        The underlyings' returns [fraction].
    """
    told = market.fund_assets_usd.reindex(index=market.sessions, columns=funds.index).astype(float)
    told = told.where(told > 0.0)
    leverage = funds["leverage"].to_numpy(float)
    growth = np.where(leverage > 0.0, 1.0 + leverage * returns.to_numpy(float), 1.0)
    growth = np.maximum(np.where(np.isnan(growth), 1.0, growth), LEAST_GROWTH)
    path = _frame(np.cumsum(np.log(np.ascontiguousarray(growth)), axis=0), market, funds)
    since = (path - path.where(told.notna()).ffill(limit=ROLL_SESSIONS)).to_numpy(float)
    usd = told.ffill(limit=ROLL_SESSIONS) * np.exp(np.ascontiguousarray(since))
    quality = market.fund_assets_quality.reindex(index=market.sessions, columns=funds.index)
    day = np.broadcast_to(session_days(market)[:, None], told.shape)
    backcast = _frame((~quality.isin(TRUSTED)).to_numpy(float), market, funds)
    return FundAssets(
        usd=usd,
        day=_frame(day, market, funds).where(told.notna()).ffill(limit=ROLL_SESSIONS),
        backcast=backcast.where(told.notna()).ffill(limit=ROLL_SESSIONS),
    )


def published_sensitivity(market: Market) -> pd.DataFrame:
    """Return what all leveraged funds together were said to trade per 1 % of the index.

    Between two published points the figure grows geometrically; outside them the nearest is
    held. A point is used on sessions before its own date too, which is hindsight: whatever
    rests on it is a backcast.

    Returns
    -------
    shape (n_sessions,)
        ``usd_per_pct`` [USD], missing throughout where nothing was published; ``day``, the
        date of the last point not after the session, or the session itself before the first
        [days since 1970]; ``age_days`` since the last point of all, zero before it.
    """
    today = session_days(market)
    if market.leveraged_sensitivity.empty:
        return pd.DataFrame(np.nan, market.sessions, ["usd_per_pct", "day", "age_days"])
    table = market.leveraged_sensitivity.sort_values("date")
    table = table[table["usd_per_pct"] > 0.0]
    published = pd.DatetimeIndex(table["date"]).as_unit("s").asi8 / 86_400.0
    per_pct = np.log(table["usd_per_pct"].to_numpy(float))
    at = np.searchsorted(published, today, side="right") - 1
    return pd.DataFrame(
        {
            "usd_per_pct": np.exp(np.interp(today, published, per_pct)),
            "day": np.where(at >= 0, published[np.maximum(at, 0)], today),
            "age_days": np.maximum(today - published[-1], 0.0),
        },
        index=market.sessions,
    )


def sum_known(values: pd.DataFrame) -> pd.Series:
    """Add up each row's known values in the order of the columns; missing if none is known.

    One after the other, so that the last digit does not depend on how many rows there are.
    """
    numbers = values.to_numpy(float)
    if numbers.shape[1] == 0:
        return pd.Series(np.nan, index=values.index)
    total = np.nancumsum(numbers, axis=1)[:, -1]
    return pd.Series(total, index=values.index).where(values.notna().any(axis="columns"))


def session_days(market: Market) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the sessions as numbers that can be subtracted [days since 1970]."""
    return market.sessions.as_unit("s").asi8 / 86_400.0


def _frame(values: np.ndarray, market: Market, funds: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(values, index=market.sessions, columns=funds.index)
