"""Two sources of one figure: the gap in one filled from the other, a difference shown.

Nothing is averaged. Yahoo's bar stands where there is one, Cboe's close fills a session that
Yahoo lacks, and where both have the day and differ the note says so.
"""

from __future__ import annotations

import pandas as pd

from analysis.market import INDEX, VIX
from analysis.sessions import sessions_between
from analysis.sources import guard
from analysis.sources.cboe import INDEX_FEED
from analysis.sources.folder.prices import PRICES
from analysis.sources.tables import CBOE_INDICES, normal
from analysis.sources.vendor import Facts, Shelf
from analysis.sources.yahoo import PRICE_FEED

VIX_TOLERANCE = 0.1
"""Two closes of the VIX may differ by rounding and by the quarter hour after four [points]."""

RETURN_TOLERANCE = 0.012
"""SPY closes a quarter hour after the index; 1.0 % apart on 2025-04-09 was real [fraction]."""

LOOK_BACK_DAYS = 14


def reconciled(shelf: Shelf, session: pd.Timestamp) -> tuple[Facts | None, list[tuple[str, str]]]:
    """Return closes that fill gaps in the price file, and every dispute by feed."""
    prices = shelf.table(PRICES.path)
    cboe = shelf.table(CBOE_INDICES.path)
    disputes = [*_vix(prices, cboe, session), *_spy(prices, session)]
    return _filled(prices, cboe, session), disputes


def _filled(prices: pd.DataFrame, cboe: pd.DataFrame, session: pd.Timestamp) -> Facts | None:
    """Return Cboe's closes of sessions on which the price file has no bar of the index."""
    if prices.empty or cboe.empty:
        return None
    first = prices["date"].min()
    wanted = cboe[cboe["date"].isin(sessions_between(first, session))]
    have = pd.MultiIndex.from_frame(prices[["date", "symbol"]])
    absent = ~pd.MultiIndex.from_frame(wanted[["date", "symbol"]]).isin(have)
    rows = wanted[absent].assign(quality="no_volume")
    return Facts(path=PRICES.path, rows=normal(PRICES.path, rows)) if len(rows) else None


def _vix(prices: pd.DataFrame, cboe: pd.DataFrame, session: pd.Timestamp) -> list[tuple[str, str]]:
    yahoo, theirs = (_recent(frame, VIX, session) for frame in (prices, cboe))
    apart = guard.disagreements(yahoo, theirs, VIX_TOLERANCE)
    return [
        (
            INDEX_FEED.name,
            f"{VIX} of {day.date()}: Yahoo {yahoo[day]:g}, Cboe {theirs[day]:g}; Yahoo's is used",
        )
        for day in pd.DatetimeIndex(apart.index)
    ]


def _spy(prices: pd.DataFrame, session: pd.Timestamp) -> list[tuple[str, str]]:
    index, fund = (
        _recent(prices, symbol, session).pct_change(fill_method=None) for symbol in (INDEX, "SPY")
    )
    apart = guard.disagreements(index, fund, RETURN_TOLERANCE)
    return [
        (
            PRICE_FEED.name,
            f"{day.date()}: the index moved {index[day]:+.2%}, SPY {fund[day]:+.2%}; "
            "the index is used",
        )
        for day in pd.DatetimeIndex(apart.index)
        if day == session
    ]


def _recent(rows: pd.DataFrame, symbol: str, session: pd.Timestamp) -> pd.Series:
    since = session - pd.Timedelta(days=LOOK_BACK_DAYS)
    own = rows[(rows["symbol"] == symbol) & (rows["date"] > since) & (rows["date"] <= session)]
    return own.set_index("date")["close"]
