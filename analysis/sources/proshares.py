"""ProShares: net assets and shares of its own funds, by day since each began.

Lag: out the next morning, so the newest row is of the session before. Assets are shares times
net asset value to the cent; shares and values are adjusted for splits back in time, so after
a split the whole history is taken anew. Licence: for information, not to redistribute.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.sessions import previous_session
from analysis.sources import guard
from analysis.sources.faults import Fault, VendorError
from analysis.sources.folder.funds import ASSETS, SHARES
from analysis.sources.http import Expect, Http
from analysis.sources.parsing import csv_rows, newest_by
from analysis.sources.tables import normal
from analysis.sources.universe import PROSHARES_FUNDS
from analysis.sources.vendor import Facts, Feed, Findings, Item, Raw, Shelf

FEED = Feed(name="ProShares fund assets", stale_days=5, feeds="leveraged_etf, hedge_unwinding")

NEEDED = {"Date", "Ticker", "NAV", "Shares Outstanding (000)", "Assets Under Management"}

FIRST_YEARS = 6
RECENT_DAYS = 21
"""Rows of the last three weeks are taken again each evening, for late corrections."""


class ProShares:
    """Asks for one file a fund, if it has changed."""

    name = "proshares"
    feeds = (FEED,)

    def __init__(self, http: Http, base: str = "https://accounts.profunds.com") -> None:
        self._http = http
        self._base = f"{base}/etfdata/ByFund"

    def items(self, session: pd.Timestamp, shelf: Shelf) -> Sequence[Item]:
        """Return the funds, the largest first."""
        return [Item(key=fund, feed=FEED.name) for fund in PROSHARES_FUNDS]

    def ask(self, item: Item, session: pd.Timestamp, shelf: Shelf) -> Findings:
        """Return a fund's assets and shares; final once the session before is there."""
        url = f"{self._base}/{item.key}-historical_nav.csv"
        answer = self._http.get(self.name, url, Expect.TABLE)
        rows = fund_rows(answer.content, item.key)
        rows = rows[rows["date"] <= session]
        as_of = newest_by(self.name, rows["date"], session)
        wanted, replaces = self._news(item.key, rows, session, shelf)
        shares = wanted.assign(ticker=item.key, snapshot_date=wanted["date"], source="proshares")
        assets = wanted.assign(symbol=item.key, quality="issuer")
        return Findings(
            as_of=as_of,
            final=as_of >= previous_session(session),
            raws=(Raw(name=item.key, content=answer.content, content_type=answer.content_type),),
            facts=(
                Facts(path=ASSETS.path, rows=normal(ASSETS.path, assets)),
                Facts(path=SHARES.path, rows=normal(SHARES.path, shares), replaces=replaces),
            ),
        )

    def probe(self) -> str:
        """Say the newest day of the largest fund's file."""
        fund = PROSHARES_FUNDS[0]
        url = f"{self._base}/{fund}-historical_nav.csv"
        answer = self._http.get(self.name, url, Expect.TABLE)
        return f"{fund} to {fund_rows(answer.content, fund)['date'].max().date()}"

    def _news(
        self, fund: str, rows: pd.DataFrame, session: pd.Timestamp, shelf: Shelf
    ) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Return the rows not yet known, or all of them where a split rescaled the past."""
        kept = shelf.table(SHARES.path)
        own = kept[kept["ticker"] == fund].set_index("snapshot_date")["shares_outstanding"]
        first = rows[rows["date"] >= session - pd.DateOffset(years=FIRST_YEARS)]
        if own.empty:
            return first, ()
        if guard.rescaled(own, rows.set_index("date")["shares_outstanding"]):
            return first, (fund,)
        return rows[rows["date"] > own.index.max() - pd.Timedelta(days=RECENT_DAYS)], ()


def fund_rows(content: bytes, fund: str) -> pd.DataFrame:
    """Return a fund's file as date, assets_usd, shares_outstanding; newest first as it comes."""
    rows = csv_rows("proshares", content, NEEDED)
    rows = rows[rows["Ticker"].str.strip() == fund]
    if rows.empty:
        raise VendorError("proshares", Fault.UNREADABLE, f"the file of {fund} has no row of it")
    thousands = pd.to_numeric(rows["Shares Outstanding (000)"].str.replace(",", ""))
    assets = rows["Assets Under Management"].str.replace(r"[$,]", "", regex=True)
    return pd.DataFrame(
        {
            "date": pd.to_datetime(rows["Date"].str.strip(), format="%m/%d/%Y"),
            "assets_usd": pd.to_numeric(assets),
            "shares_outstanding": thousands * 1000.0,
        }
    )
