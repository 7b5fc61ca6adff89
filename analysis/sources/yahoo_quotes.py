"""A session's bar out of a quote: one question for a hundred symbols instead of one each.

After the close a quote holds the day's open, high, low, price and volume, and the close before,
which is what a chart's last bar is made of. So a symbol whose archive is whole up to the session
before needs no chart that evening. It is asked for one all the same when its close before has
changed, when anything about the bar is odd, and in any case every twentieth session: what Yahoo
corrects afterwards, volume above all, is in the chart alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.market import INDEX, VIX
from analysis.sessions import close_utc, previous_session, sessions_between
from analysis.sources import guard
from analysis.sources.faults import VendorError
from analysis.sources.vendor import Raw
from analysis.sources.yahoo_bars import PRICES, Bars, checked_bars
from analysis.sources.yahoo_client import YahooClient

QUOTES_A_QUESTION = 100

ALWAYS_CHARTED = (INDEX, VIX, "SPY")
"""Symbols that whole notes rest on: their last weeks are read anew each evening."""

CHARTED_EVERY = 20
"""Sessions after which a symbol's chart is asked for, whatever its quotes say."""

COUNTED_FROM = pd.Timestamp("2000-01-03")

CLOSE_BEFORE_SHARE = 0.0005
"""A close before that differs by more than rounding was corrected since [fraction]."""

FIELDS = {
    "open": "regularMarketOpen",
    "high": "regularMarketDayHigh",
    "low": "regularMarketDayLow",
    "close": "regularMarketPrice",
    "volume": "regularMarketVolume",
    "prior_close": "regularMarketPreviousClose",
}


class EveningQuotes:
    """Quotes of the desk's symbols, asked for when the first of them is wanted.

    Parameters
    ----------
    client
        The run's own.
    symbols
        All that may be wanted.
    """

    def __init__(self, client: YahooClient, symbols: Sequence[str]) -> None:
        self._client = client
        self._symbols = symbols
        self._found: dict[str, tuple[dict[str, Any], Raw]] | None = None

    def of(self, symbol: str) -> tuple[dict[str, Any], Raw] | None:
        """Return a symbol's quote and the answer it is from; None where Yahoo gives none."""
        if self._found is None:
            self._found = {}
            for start in range(0, len(self._symbols), QUOTES_A_QUESTION):
                try:
                    batch = self._symbols[start : start + QUOTES_A_QUESTION]
                    quotes, raw = self._client.quotes(batch)
                except VendorError:
                    # Each symbol's chart is asked for instead, and tells what is wrong.
                    break
                self._found |= {str(quote.get("symbol")): (quote, raw) for quote in quotes}
        return self._found.get(symbol)


def needs_chart(symbol: str, place: int, own: pd.DataFrame, session: pd.Timestamp) -> bool:
    """Return whether a quote cannot do for a symbol this evening.

    Parameters
    ----------
    place
        The symbol's place in the desk's list: a twentieth of them has its turn each session.
    own
        The archive's bars of the symbol, in order.
    """
    if symbol in ALWAYS_CHARTED or own.empty or own["date"].iloc[-1] != previous_session(session):
        return True
    turn = len(sessions_between(COUNTED_FROM, session))
    return (place - turn) % CHARTED_EVERY == 0


def bar_of_quote(
    quote: Mapping[str, Any], raw: Raw, own: pd.DataFrame, session: pd.Timestamp
) -> pd.DataFrame | None:
    """Return the session's bar out of a quote, None where only a chart can tell.

    Parameters
    ----------
    own
        The archive's bars of the symbol, in order, the last of the session before.
    """
    row = closing_row(quote, session)
    if row is None or not _same(row.pop("prior_close"), own["close"].iloc[-1]):
        return None
    last = own[["date", "symbol", *PRICES, "volume"]].iloc[-1:].astype({"symbol": object})
    both = pd.concat([last, pd.DataFrame([row])], ignore_index=True)
    symbol = str(row["symbol"])
    bars = Bars(bars=both, raw=raw, traded_at=_made(quote))
    rows, problems = checked_bars(symbol, bars, session, None)
    today = rows[rows["date"] == session]
    whole = len(today) == 1 and today[PRICES].notna().to_numpy().all()
    return today if whole and not problems else None


def closing_row(quote: Mapping[str, Any], session: pd.Timestamp) -> dict[str, Any] | None:
    """Return a quote as a bar, None unless it was made at the session's close or after, that day.

    The bar has the close before beside it, ``prior_close``.
    """
    made = _made(quote)
    near_close = made >= close_utc(session) - guard.CLOSING_MINUTES
    same_day = made.tz_convert("America/New_York").date() == session.date()
    if not (near_close and same_day and quote.get(FIELDS["close"])):
        return None
    figures = {name: quote.get(field) for name, field in FIELDS.items()}
    numbers = {name: float("nan") if one is None else float(one) for name, one in figures.items()}
    return {"date": session, "symbol": quote["symbol"], **numbers}


def _made(quote: Mapping[str, Any]) -> pd.Timestamp:
    """Return when a quote's price was made [UTC]; 1970 where it does not say."""
    return pd.Timestamp(float(quote.get("regularMarketTime") or 0), unit="s", tz="UTC")


def _same(now: float, kept: float) -> bool:
    """Return whether a close is still the one that was kept, but for rounding."""
    return abs(now / kept - 1.0) <= CLOSE_BEFORE_SHARE
