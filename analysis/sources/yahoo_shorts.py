"""Short interest of the basket from Yahoo, asked for only where FINRA's report is missing.

Yahoo passes on what the exchanges publish: shares sold short at the last settlement date and
at the one a month before, a question a stock. So it is asked for the basket's names alone
(some thirty), and only while the archive lacks the report that should be out for most of them.

Lag: settlement on the 15th and the month's end, public 7 to 9 business days later; Yahoo often
takes a day or two more. Licence: Yahoo's terms allow personal use and no redistribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.short_interest_calendar import newest_settlement
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.lags import SHORT_INTEREST_SESSIONS
from analysis.sources.folder.positions import SHORT_INTEREST
from analysis.sources.tables import normal
from analysis.sources.universe import shorted_symbols
from analysis.sources.vendor import Facts, Feed, Findings, Item, Shelf
from analysis.sources.yahoo_client import YahooClient

FEED = Feed(
    name="Yahoo short interest", stale_days=31, feeds="short_covering without FINRA's report"
)

SHORTS = "shorts/"

PRINTS = (
    ("dateShortInterest", "sharesShort"),
    ("sharesShortPreviousMonthDate", "sharesShortPriorMonth"),
)
"""A settlement date and the shares short on it: the last one, and the one a month before."""

ENOUGH = 0.5
"""Of the basket: once so many names have the report that is due, the others are left out."""


class YahooShorts:
    """Stands in for FINRA's short interest, at the end of a run.

    Parameters
    ----------
    client
        The run's own: yfinance is one for a process.
    """

    name = "yahoo"
    feeds = (FEED,)

    def __init__(self, client: YahooClient) -> None:
        self._client = client

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the basket's names, none where most of them have the report that is due."""
        due = newest_settlement(session, SHORT_INTEREST_SESSIONS)
        table = shelf.table(SHORT_INTEREST.path)
        have = set(table["ticker"][table["date"] >= due])
        names = shorted_symbols()
        lacking = [name for name in names if name not in have]
        asked = shelf.asked(self.name)
        begun = any(f"{SHORTS}{name}" in asked for name in names)
        if not begun and len(lacking) <= (1.0 - ENOUGH) * len(names):
            return []
        return [Item(key=f"{SHORTS}{name}", feed=FEED.name) for name in lacking]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return a stock's two prints; final for the evening."""
        symbol = item.key.removeprefix(SHORTS)
        told, raw = self._client.statistics(symbol)
        rows = prints(symbol, told)
        rows = rows[rows["date"] <= session]
        if rows.empty:
            problem = f"Yahoo has no short interest of {symbol}"
            raise VendorError(self.name, Fault.EMPTY, problem)
        return Findings(
            as_of=pd.Timestamp(rows["date"].max()),
            final=True,
            raws=(raw,),
            facts=(Facts(path=SHORT_INTEREST.path, rows=normal(SHORT_INTEREST.path, rows)),),
            problems=("in place of FINRA's report",),
        )

    def probe(self) -> str:
        """Say the newest settlement date of the most shorted name."""
        symbol = shorted_symbols()[0]
        rows = prints(symbol, self._client.statistics(symbol)[0])
        return f"{symbol} to {rows['date'].max().date()}" if len(rows) else f"none of {symbol}"


def prints(symbol: str, told: Mapping[str, object]) -> pd.DataFrame:
    """Return what Yahoo says of a stock's shorts: ticker, date, current [shares]; none if nothing.

    Parameters
    ----------
    told
        Yahoo's key statistics: days in seconds since 1970, counts in shares.
    """
    rows = [
        {
            "ticker": symbol,
            "date": pd.Timestamp(float(day), unit="s").normalize(),
            "current": float(shares),
        }
        for day, shares in ((told.get(date), told.get(count)) for date, count in PRINTS)
        if isinstance(day, (int, float)) and isinstance(shares, (int, float)) and shares > 0
    ]
    return pd.DataFrame(rows, columns=["ticker", "date", "current"]).astype(
        {"date": "datetime64[us]"}
    )
