"""Money that went into and out of funds, as far as it was known each evening."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.statistics import known_by_symbol, row_sum

EPOCH = pd.Timestamp("1970-01-01")
DAY = pd.Timedelta(days=1)


def newest_total(
    table: pd.DataFrame, column: str, symbols: Sequence[str], sessions: pd.DatetimeIndex
) -> pd.DataFrame:
    """Add up, over the funds, the newest date for which any figure was known that evening.

    Parameters
    ----------
    table : rows (date, known, symbol, ``column``)
        Figures by fund and date.
    symbols
        The funds to add up, in this order.

    Returns
    -------
    shape (n_sessions, 3)
        ``total`` in the column's unit, ``as_of`` the date it speaks of, ``funds`` how many
        funds it holds [count]. Missing, and zero funds, before the first publication.
    """
    if table.empty:
        empty = pd.DataFrame({"total": np.nan, "funds": 0.0}, index=sessions)
        empty["as_of"] = pd.Series(pd.NaT, index=sessions, dtype="datetime64[us]")
        return empty
    dated = table.assign(day=(table["date"] - EPOCH) // DAY)
    days = known_by_symbol(dated, "day", symbols, sessions)
    newest = days.max(axis="columns")
    speaks = days.eq(newest, axis="index")
    values = known_by_symbol(dated, column, symbols, sessions).where(speaks)
    return pd.DataFrame(
        {
            "total": row_sum(values),
            "funds": values.notna().sum(axis="columns").astype(float),
            "as_of": EPOCH + pd.to_timedelta(newest, unit="D").astype("timedelta64[us]"),
        }
    )


def redemptions_usd(market: Market, exposure: pd.Series) -> pd.DataFrame:
    """Return what leaving shareholders closed, fund by fund: -(change in shares) * price * exposure.

    Parameters
    ----------
    exposure : index symbol
        Dollars of exposure behind a dollar of the fund [x].

    Returns
    -------
    rows (date, known, symbol, redeemed_usd)
        Above zero where shares were redeemed. Only for dates on which the count, the count
        of the session before and the closing price are known; known when the later of the
        two counts is. Of two counts for one date the first published stands.
    """
    counts = market.fund_shares
    if counts.empty:
        return pd.DataFrame(columns=["date", "known", "symbol", "redeemed_usd"])
    mine = counts[counts["symbol"].isin(list(exposure.index))]
    first = mine.sort_values(["symbol", "date", "known"]).drop_duplicates(["symbol", "date"])
    place = pd.Series(market.sessions.get_indexer(pd.DatetimeIndex(first["date"])), first.index)
    before = first.groupby("symbol").shift(1)
    last_place = place.groupby(first["symbol"]).shift(1)
    prices = [_close(market, str(s), i) for s, i in zip(first["symbol"], place, strict=True)]
    closed = -(first["shares"] - before["shares"]) * prices * first["symbol"].map(exposure)
    usable = (place >= 0) & (last_place >= 0) & (place == last_place + 1) & closed.notna()
    rows = first.assign(
        known=first["known"].where(first["known"] >= before["known"], before["known"]),
        redeemed_usd=closed,
    )
    return rows.loc[usable, ["date", "known", "symbol", "redeemed_usd"]]


def _close(market: Market, symbol: str, place: int) -> float:
    """Close of the session at ``place``, missing for a date that is not a session."""
    if place < 0 or symbol not in market.close.columns:
        return float("nan")
    return float(market.closes(symbol).iloc[place])
