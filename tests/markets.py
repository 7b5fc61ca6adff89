"""Small markets made by hand, in which a test knows what must come out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.market import INDEX, PANELS, Market
from analysis.reading import Driver

MARKET = Path(os.environ.get("UNDERTOW_MARKET", "../shared/market"))
"""Where the real data lie, if they do."""

ANSWERS = Path(__file__).parent / "answers"


def weekdays(count: int, first: str = "2024-01-02") -> pd.DatetimeIndex:
    """Return so many sessions of an exchange that knows no holidays."""
    return pd.bdate_range(first, periods=count).as_unit("us")


def index_market(
    closes: Sequence[float],
    *,
    others: Mapping[str, Sequence[float]] | None = None,
    traded_usd: float | None = None,
    first: str = "2024-01-02",
) -> Market:
    """Return a market that holds the index, other symbols' closes, and one constant volume.

    ``traded_usd`` is what the members trade every session [USD]; None: not known.
    """
    sessions = weekdays(len(closes), first)
    close = pd.DataFrame({INDEX: closes, **(others or {})}, index=sessions, dtype=float)
    if traded_usd is None:
        return Market(sessions=sessions, close=close)
    member = pd.DataFrame({"ALL": 1.0}, index=sessions)
    return Market(
        sessions=sessions, close=close, member_close=member, member_volume=member * traded_usd
    )


def one_fund_market(
    *, leverage: float, prior_assets_usd: float, underlying_return: float, quality: str = "issuer"
) -> Market:
    """Return two sessions of a market with one fund on the index, its assets known on the first."""
    sessions = weekdays(2)
    return Market(
        sessions=sessions,
        close=pd.DataFrame({INDEX: [100.0, 100.0 * (1.0 + underlying_return)]}, index=sessions),
        fund_assets_usd=pd.DataFrame({"FUND": [prior_assets_usd, np.nan]}, index=sessions),
        fund_assets_quality=pd.DataFrame({"FUND": [quality, None]}, index=sessions),
        leveraged_funds=fund_list(FUND=(leverage, INDEX, "SPX", "")),
    )


def fund_list(**funds: tuple[float, str, str, str]) -> pd.DataFrame:
    """Return a fund list from ticker = (leverage, underlying, bucket, proxy)."""
    columns = ["leverage", "underlying", "bucket", "proxy"]
    table = pd.DataFrame.from_dict(funds, orient="index", columns=columns)
    return table.rename_axis("ticker")


def random_closes(count: int, seed: int, *, start: float = 100.0) -> list[float]:
    """Return a seeded random walk of closes with calm and wild stretches."""
    rng = np.random.default_rng(seed)
    wild = 0.005 + 0.015 * (np.arange(count) // 50 % 3)
    steps = rng.normal(0.0003, wild)
    return [float(level) for level in start * np.exp(np.cumsum(steps))]


def assert_knows_nothing_of_tomorrow(
    driver: Driver, market: Market, sessions: Sequence[pd.Timestamp]
) -> None:
    """Fail unless each session reads the same, bit for bit, with and without what came later.

    Symbols of which nothing was known yet are left out of the shorter market's panels, as they
    would be of a folder read that evening.
    """
    whole = driver.measure(market)
    for session in sessions:
        then = driver.measure(without_empty_columns(market.until(session)))
        row = whole.loc[:session].iloc[-1]
        pd.testing.assert_series_equal(then.iloc[-1], row, check_exact=True)


def without_empty_columns(market: Market) -> Market:
    """Return the market without the symbols of which nothing is known."""
    panels: dict[str, pd.DataFrame] = {
        name: getattr(market, name).dropna(axis="columns", how="all") for name in PANELS
    }
    parts = {name: getattr(market, name) for name in market.__dataclass_fields__}
    return Market(**{**parts, **panels})
