"""Prices while a session runs: one question of Yahoo's for everything the estimate needs.

They never become bars: a bar of a day that is not over would pass for its close. The raw answer
is kept like any other, under an item of its own, so that an estimate can be traced; facts, which
make the market folder, are not made of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.into_close import SessionPrices, wanted_symbols
from analysis.market import Market
from analysis.sources.archive import Archive
from analysis.sources.faults import Fault, VendorError
from analysis.sources.session_prices import NEW_YORK, checked
from analysis.sources.vendor import Findings, Item, Raw
from analysis.sources.yahoo_client import SOURCE, YahooClient

FEED = "Yahoo prices during the session"

MOST_SYMBOLS = 100
"""Of one question; the funds' underlyings are some fifty."""

MOST_TOLD = 3


def session_quotes(
    client: YahooClient,
    archive: Archive,
    market: Market,
    session: pd.Timestamp,
    at: pd.Timestamp,
) -> SessionPrices:
    """Ask for the prices of now, keep the answer, and return what of it can be used.

    Parameters
    ----------
    market
        As it was known on the evening before.
    session, at
        The session that runs, and now [UTC].

    Raises
    ------
    VendorError
        Yahoo does not answer, or nothing in its answer can be used.
    """
    symbols = wanted_symbols(market)[:MOST_SYMBOLS]
    quotes, raw = client.quotes(symbols)
    known_at = f"{at.tz_convert('UTC'):%Y-%m-%dT%H:%M:%SZ}"
    item = Item(key=f"during/{at.tz_convert(NEW_YORK):%H%M}", feed=FEED)
    found = checked(_rows(quotes), session, at, market.close.iloc[-1][list(symbols)], FEED)
    archive.keep(session, SOURCE, item, _findings(session, raw, found), known_at)
    if found.rows.empty:
        told = "; ".join(found.problems[:MOST_TOLD])
        raise VendorError(SOURCE, Fault.STALE, f"no quote can be used ({told})")
    return found


def _findings(session: pd.Timestamp, raw: Raw, found: SessionPrices) -> Findings:
    return Findings(as_of=session, final=False, raws=(raw,), problems=found.problems)


def _rows(quotes: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return quotes as the rows that `checked` takes; what Yahoo does not tell is missing."""
    table = pd.DataFrame(quotes).reindex(
        columns=[
            *("symbol", "regularMarketPrice", "regularMarketPreviousClose", "regularMarketTime")
        ]
    )
    numbers = table.drop(columns="symbol").apply(pd.to_numeric, errors="coerce")
    rows = pd.DataFrame(
        {
            "price": numbers["regularMarketPrice"],
            "prior_close": numbers["regularMarketPreviousClose"],
            "made": pd.to_datetime(numbers["regularMarketTime"], unit="s", utc=True),
        }
    )
    return rows.set_index(table["symbol"].astype(str))
