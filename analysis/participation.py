"""Who took part: each mark of a day's tape, above zero where it points to buying.

The members and the funds are looked at apart from any score, so that a reader can check
each mark by itself. None of them looks past its session.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.sessions import calendar_words
from analysis.statistics import prior_beta

NEARLY_ALL = 0.8
"""Members that must be known, as a part of the most known within the past quarter."""

CREDIT_SESSIONS = 252
"""A year: the memory of high yield's slope on shares."""

ODD_VOLUME = {"half_day", "quad_witching", "russell_reconstitution"}
"""Sessions that trade little or much whoever believes what."""


def member_marks(market: Market) -> pd.DataFrame:
    """Return how many members rose and how much of the dollar volume went with them.

    Returns
    -------
    shape (n_sessions, 3)
        ``up_weight_share``, weight in the index of rising members over that of rising and
        falling ones by the last list of weights, missing without one; ``up_volume_share``,
        dollar volume of rising members over that of rising and falling ones; ``breadth``,
        rising over rising and falling members; all in [0, 1]. Where the members' closes are
        not known, the breadth counted by others.
    """
    closes = market.member_close
    blank = pd.Series(np.nan, index=market.sessions)
    if closes.empty:
        counted = _counted_breadth(market)
        return pd.DataFrame(
            {"up_weight_share": blank, "up_volume_share": blank, "breadth": counted}
        )
    closes = closes[sorted(closes.columns)].reindex(market.sessions)
    price = closes.to_numpy(float)
    change = np.full_like(price, np.nan)
    change[1:] = price[1:] - price[:-1]
    up, down = change > 0.0, change < 0.0
    enough = _nearly_all(pd.Series(np.isfinite(change).sum(axis=1), market.sessions))
    rising = pd.Series(up.sum(axis=1), market.sessions, dtype=float)
    falling = pd.Series(down.sum(axis=1), market.sessions, dtype=float)
    breadth = share(rising, falling).where(enough)
    volume = market.member_volume.reindex(index=market.sessions, columns=closes.columns)
    traded = price * volume.to_numpy(float)
    traded_enough = _nearly_all(pd.Series(np.isfinite(traded).sum(axis=1), market.sessions))
    with_up = pd.Series(_sum_by_session(traded, up), market.sessions)
    with_down = pd.Series(_sum_by_session(traded, down), market.sessions)
    up_volume = share(with_up, with_down).where(enough & traded_enough)
    return pd.DataFrame(
        {
            "up_weight_share": _up_weight_share(market, closes.columns, change),
            "up_volume_share": up_volume,
            "breadth": breadth.fillna(_counted_breadth(market)),
        }
    )


def _up_weight_share(
    market: Market, symbols: pd.Index, change: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> pd.Series:
    """Return the weight of rising members over rising and falling ones, by the last list known.

    Missing before the first list and where members of less than 80 % of its weight have a
    return. Weights are as of the list: what moved since is not made up for.
    """
    found = pd.Series(np.nan, index=market.sessions)
    table = market.member_weights
    if table.empty:
        return found
    for known, rows in table.groupby("known"):
        newest = rows[rows["date"] == rows["date"].max()]
        weights = newest.set_index("symbol")["weight"].sort_index()
        figures = np.broadcast_to(weights.reindex(symbols).to_numpy(float), change.shape)
        up, down = (_sum_by_session(figures, chosen) for chosen in (change > 0.0, change < 0.0))
        seen = _sum_by_session(figures, np.isfinite(change))
        enough = seen >= NEARLY_ALL * float(weights.to_numpy().sum())
        told = share(pd.Series(up, market.sessions), pd.Series(down, market.sessions))
        later = market.sessions >= pd.Timestamp(str(known))
        found = found.where(~later, told.where(enough))
    return found


def share(rising: pd.Series, falling: pd.Series) -> pd.Series:
    """Return rising over rising and falling [0 to 1]; missing where neither was seen."""
    both = rising + falling
    return rising / both.where(both > 0.0)


def _sum_by_session(
    figures: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    chosen: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Add up the chosen figures of each row one after another, whatever columns are blank."""
    kept = np.where(chosen & np.isfinite(figures), figures, 0.0)
    return np.asarray(np.add.accumulate(kept, axis=1)[:, -1], dtype=np.float64)


def _nearly_all(count: pd.Series) -> pd.Series:
    most = count.rolling(60, min_periods=1).max()
    return (count > 0) & (count >= NEARLY_ALL * most)


def _counted_breadth(market: Market) -> pd.Series:
    """Return breadth from advancers and decliners that somebody else counted."""
    return share(
        market.column(market.breadth, "advancers").astype(float),
        market.column(market.breadth, "decliners").astype(float),
    )


def tape_marks(market: Market) -> pd.DataFrame:
    """Return how heavy the day was and where within it the move came.

    Returns
    -------
    shape (n_sessions, 5)
        ``relative_volume`` of SPY over its median of the 20 sessions before [x], missing on
        half days, quarterly expiries and the Russell reconstitution; ``month_volume``, that
        median over the one of the 252 sessions before [x], missing where SPY's volume is;
        ``close_location`` of
        the index's close in the day's range, -1 at the low to 1 at the high; ``intraday_return``
        of SPY from open to close [fraction]; ``intraday_share``, that return over the sum of
        the overnight and intraday moves' sizes, -1 all intraday selling to 1 all buying.
    """
    volume = market.column(market.volume, "SPY")
    month = volume.shift(1).rolling(20, min_periods=10).median()
    own = volume / month
    relative = market.column(market.relative_volume, "SPY").fillna(own)
    high, low = market.column(market.high, "^GSPC"), market.column(market.low, "^GSPC")
    width = (high - low).where(high > low)
    close, opening = market.closes("SPY"), market.column(market.open, "SPY")
    intraday = close / opening - 1.0
    overnight = opening / close.shift(1) - 1.0
    moved = intraday.abs() + overnight.abs()
    return pd.DataFrame(
        {
            "relative_volume": relative.where((relative > 0.0) & ~odd_volume(market.sessions)),
            "month_volume": month / volume.shift(1).rolling(252, min_periods=126).median(),
            "close_location": (2.0 * market.closes("^GSPC") - high - low) / width,
            "intraday_return": intraday,
            "intraday_share": intraday / moved.where(moved > 0.0),
        }
    )


def odd_volume(sessions: pd.DatetimeIndex) -> pd.Series:
    """Say which sessions' volume tells nothing of conviction."""
    odd = [not ODD_VOLUME.isdisjoint(calendar_words(session)) for session in sessions]
    return pd.Series(odd, index=sessions, dtype=bool)


def fund_marks(market: Market) -> pd.DataFrame:
    """Return how the rest of the market went with SPY [fraction], above zero for appetite.

    ``equal_weight_spread_return`` RSP minus SPY, ``small_spread_return`` IWM minus SPY,
    ``high_yield_residual_return`` HYG minus its slope over the 252 sessions before times SPY,
    ``credit_spread_return`` LQD minus IEF (company bonds less the rate move),
    ``defensives_spread_return`` SPY minus the mean of utilities (XLU) and staples (XLP).
    """
    spy, high_yield = market.returns("SPY"), market.returns("HYG")
    slope = prior_beta(high_yield, spy, window=CREDIT_SESSIONS)
    defensives = (market.returns("XLU") + market.returns("XLP")) / 2.0
    return pd.DataFrame(
        {
            "equal_weight_spread_return": market.returns("RSP") - spy,
            "small_spread_return": market.returns("IWM") - spy,
            "high_yield_residual_return": high_yield - slope * spy,
            "credit_spread_return": market.returns("LQD") - market.returns("IEF"),
            "defensives_spread_return": spy - defensives,
        }
    )
