"""Money that went into and out of funds, as far as it was known each evening."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.market import Market
from analysis.statistics import known_by_symbol, row_sum

EPOCH = pd.Timestamp("1970-01-01")
DAY = pd.Timedelta(days=1)
COLUMNS = ["date", "known", "symbol", "redeemed_usd"]


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
    """Return what leaving shareholders closed: -(change in shares) * price * exposure.

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
        return pd.DataFrame(columns=COLUMNS)
    mine = counts[counts["symbol"].isin(list(exposure.index))]
    first = mine.sort_values(["symbol", "date", "known"]).drop_duplicates(["symbol", "date"])
    before = first.groupby("symbol")[["known", "shares", "date"]].shift(1)
    place = market.sessions.get_indexer(pd.DatetimeIndex(first["date"]))
    last_place = market.sessions.get_indexer(pd.DatetimeIndex(before["date"]))
    closed = (before["shares"] - first["shares"]) * _closes_at(market, first["symbol"], place)
    rows = first.assign(
        known=first["known"].where(first["known"] >= before["known"], before["known"]),
        redeemed_usd=closed * first["symbol"].map(exposure).astype(float),
    )
    usable = (place >= 0) & (last_place >= 0) & (place == last_place + 1)
    closing: pd.DataFrame = rows.loc[usable & rows["redeemed_usd"].notna(), COLUMNS]
    return closing


def _closes_at(
    market: Market, symbols: pd.Series, place: np.ndarray[tuple[int], np.dtype[np.intp]]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return each symbol's close at its session, missing for a date that is no session."""
    names = sorted(set(symbols))
    close = market.close.reindex(index=market.sessions, columns=names).to_numpy(float)
    column = pd.Index(names).get_indexer(pd.Index(symbols))
    return np.where(place >= 0, close[place, column], np.nan)
